"""Where do groups of alerts lie that phones take? A fake in memory, and what any board promises.

The inputs that break the easy version: two who press at once, a link that is used a second time
after the chain has resumed, a short id that nobody knows, a group that is over.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from schemas.states import AlertKind, AlertState, PriorityBand
from services.route.api.board import Board
from services.route.domain.alerting import AlertGroup
from services.route.domain.message import About
from services.route.domain.phones import Once, Used, short_of
from services.route.domain.ways import Pace

NIGHT = datetime(2026, 3, 2, 23, 8, tzinfo=UTC)
UNTIL = NIGHT + timedelta(days=3)
PACE = Pace(
    wait=timedelta(),
    interval=timedelta(minutes=5),
    repeat=timedelta(hours=4),
    send_resolved=True,
)
NEEDS = {
    "ru": "Украли карту, списания идут",
    "bg": "Открадната карта, теглят пари сега",
    "en": "Card stolen, charges running",
}
TEAMS = {"ru": "Карты, ночь", "bg": "Карти, нощ", "en": "Cards, night"}


def a_group(key: str = "severbank:case:t1", lang: str = "ru", **changes: Any) -> AlertGroup:
    """A group that nobody has yet, of a team that speaks the language."""
    group = AlertGroup(
        key=key,
        identity=key,
        way="0",
        kind=AlertKind.case,
        severity=PriorityBand.critical,
        brand="severbank",
        team="cards",
        called="cards",
        channel="night",
        pace=PACE,
        chain=(),
        need=NEEDS[lang],
        count=1,
        opened_at=NIGHT,
        ticks_at=NIGHT + PACE.interval,
        told_at=NIGHT,
        tellings=1,
        reached=("night",),
        partition=0,
        about=About(lang=lang, team=TEAMS[lang], due_at=NIGHT + timedelta(minutes=9)),
    )
    return msgspec.structs.replace(group, **changes)


class MemoryBoard:
    """The groups that a test puts there; ``taken`` tells each change of hands."""

    def __init__(self, *groups: AlertGroup) -> None:
        self._groups = {short_of(group.key): group for group in groups}
        self._used, self.taken = set[str](), list[tuple[str, str]]()

    @property
    def groups(self) -> tuple[AlertGroup, ...]:
        """All of them."""
        return tuple(self._groups.values())

    def put(self, group: AlertGroup) -> None:
        """Let the group stand like this."""
        self._groups[short_of(group.key)] = group

    async def group_of(self, short: str) -> AlertGroup | None:
        """The group, where there is one."""
        return self._groups.get(short)

    async def acknowledge_short(
        self, short: str, *, by: str, once: Once | None = None
    ) -> AlertGroup | None:
        """Say "mine"; of a group that somebody has already nothing changes."""
        group = self._groups.get(short)
        if group and once:
            if once.nonce in self._used:
                raise Used
            self._used.add(once.nonce)
        if group is None or group.state in {AlertState.acknowledged, AlertState.resolved}:
            return group
        mine = msgspec.structs.replace(group, state=AlertState.acknowledged, acknowledged_by=by)
        self.put(mine)
        self.taken.append((mine.key, by))
        return mine


class BoardPromises:
    """What every board keeps; a subclass has a ``board`` fixture with ``a_group()`` on it."""

    async def test_a_group_is_found_by_its_short_id_and_no_other(self, board: Board) -> None:
        group = a_group()

        found = await board.group_of(short_of(group.key))

        assert found is not None
        assert found.key == group.key
        assert await board.group_of(short_of("severbank:case:t2")) is None
        assert await board.group_of("") is None

    async def test_of_two_who_press_at_once_one_has_it(self, board: Board) -> None:
        short = short_of(a_group().key)

        first, second = await asyncio.gather(
            board.acknowledge_short(short, by="vera"), board.acknowledge_short(short, by="gleb")
        )

        assert first is not None
        assert second is not None
        assert first.acknowledged_by == second.acknowledged_by
        assert first.acknowledged_by in {"vera", "gleb"}
        assert first.state is AlertState.acknowledged

    async def test_nobody_takes_what_is_not_there(self, board: Board) -> None:
        assert await board.acknowledge_short(short_of("no"), by="vera") is None

    async def test_a_link_is_used_once(self, board: Board) -> None:
        short, once = short_of(a_group().key), Once(nonce="n" * 22, until=UNTIL)

        answers = await asyncio.gather(
            *(board.acknowledge_short(short, by="vera", once=once) for _ in range(3)),
            return_exceptions=True,
        )

        assert sum(isinstance(answer, Used) for answer in answers) == 2
        again = Once(nonce="m" * 22, until=UNTIL)
        assert await board.acknowledge_short(short, by="gleb", once=again) is not None

    async def test_what_is_not_taken_uses_no_link(self, board: Board) -> None:
        """The link and the group change together, or neither does."""
        once = Once(nonce="n" * 22, until=UNTIL)
        assert await board.acknowledge_short(short_of("no"), by="vera", once=once) is None

        taken = await board.acknowledge_short(short_of(a_group().key), by="vera", once=once)

        assert taken is not None
        assert taken.acknowledged_by == "vera"
