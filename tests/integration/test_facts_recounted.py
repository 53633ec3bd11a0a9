"""The facts are what a recount of every row gives, on both databases, whatever was written.

The inputs that break the easy version: a clock that began on the very border of a span, or a
microsecond beside it; an answer, or a wait, of exactly a bound; a verdict that is reversed, or
cancelled, after it was counted; a row that is deleted; one whose team changes; a team with nothing
but clocks that run; names that contain each other, an empty one, and one in Cyrillic; a store that
is empty, and one whose rows are all too old; a clock that stops between two of the questions.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime, timedelta
from random import Random  # noqa: TID251 - seeded, so that a failure can be played again

import pytest
from sqlalchemy import delete, event, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.util import await_only

from services.notify.domain.figures import Facts
from services.notify.store.figures import Figures
from services.notify.store.tables import CLOCKS, METADATA, TICKETS
from stream.database import micros
from stream.statements import upsert
from tests.facts_oracle import BOUNDS, HOUR, PERIODS, Stored, recounted
from tests.stored import opened

NOW = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
TEAMS = (("a", "b"), ("a", "bc"), ("ab", ""), ("Ж", "care"), ("a'", 'b"'))
KINDS = ("first_response", "next_response", "resolution", "silence")
STATES = ("open", "open", "met", "met", "breached", "cancelled")
BORDERS = sorted({turns * length for length in PERIODS.values() for turns in (0, 1, 2)})


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    async with opened(database_url, METADATA) as found:
        yield found


async def test_an_empty_store_has_no_facts(engine: AsyncEngine) -> None:
    assert await Figures(engine).facts(NOW) == Facts()


@pytest.mark.parametrize("seed", range(4))
async def test_facts_are_what_a_recount_gives_after_every_change(
    engine: AsyncEngine, seed: int
) -> None:
    rows, figures = Rows(Random(seed)), Figures(engine)  # noqa: S311 - no secret

    for hours in (0, 1, 23, 24 * 31):
        async with engine.begin() as connection:
            await rows.change(connection)
        now = NOW + timedelta(hours=hours)

        found, right = await figures.facts(now), rows.recounted(now)

        assert found.attainment == right.attainment
        assert found.open_tickets == right.open_tickets
        assert found.open_clocks == right.open_clocks
        assert found.oldest == pytest.approx(right.oldest)
        assert right.attainment


async def test_a_clock_that_stops_meanwhile_is_counted_where_it_was(engine: AsyncEngine) -> None:
    dice = Random(1)  # noqa: S311 - no secret
    waits = {**clock(dice, 0), "clock": "first_response", "reached": 1.0}
    waits |= {"state": "open", "stopped_at": None, "started_at": micros(NOW) - HOUR}
    answered = update(CLOCKS).values(state="met", stopped_at=micros(NOW))
    async with engine.begin() as connection:
        await connection.execute(insert(CLOCKS), [waits])
    before = await Figures(engine).facts(NOW)

    async def stop() -> None:
        async with engine.begin() as connection:
            await connection.execute(answered)

    before_question(engine, 3, lambda: await_only(stop()))
    meanwhile = await Figures(engine).facts(NOW)

    assert meanwhile == before
    assert await Figures(engine).facts(NOW) != before


def before_question(engine: AsyncEngine, number: int, do: Callable[[], None]) -> None:
    """Do something once, before the question of that number."""
    asked: list[str] = []

    def ask(_c: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)
        if len(asked) == number:
            do()

    event.listen(engine.sync_engine, "before_cursor_execute", ask)


class Rows:
    """What was written, and what is to be counted."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._tickets: dict[str, Stored] = {}
        self._clocks: dict[str, Stored] = {}

    def recounted(self, now: datetime) -> Facts:
        """By the oracle."""
        return recounted(self._tickets.values(), self._clocks.values(), now)

    async def change(self, connection: AsyncConnection) -> None:
        """New rows, rows written anew, rows gone."""
        for name in self._dice.sample(sorted(self._clocks), len(self._clocks) // 4):
            await connection.execute(delete(CLOCKS).where(CLOCKS.c.ticket == name))
            del self._clocks[name]
        known = len(self._tickets)
        again = self._dice.sample(range(known), known // 3)
        for number in (*again, *range(known, known + 60)):
            name = f"t{number}"
            self._tickets[name] = ticket(self._dice, number)
            self._clocks[name] = clock(self._dice, number)
        await upsert(connection, TICKETS, list(self._tickets.values()))
        await upsert(connection, CLOCKS, list(self._clocks.values()))


def ticket(dice: Random, number: int) -> Stored:
    """A ticket that opened around a border of age."""
    brand, team = dice.choice(TEAMS)
    return {
        "id": f"t{number}",
        "version": 1,
        "partition": 0,
        "brand": brand,
        "team": team,
        "priority": dice.choice(("low", "high")),
        "state": dice.choice(("open", "waiting_customer", "closed")),
        "opened_at": micros(NOW) - around(dice, (0, *BOUNDS.values())),
        "next_at": None,
        "body": b"{}",
    }


def clock(dice: Random, number: int) -> Stored:
    """A clock that began around a border of a span and waited for about a bound."""
    brand, team = dice.choice(TEAMS)
    began = micros(NOW) - around(dice, BORDERS)
    state = dice.choice(STATES)
    posted = dice.choice((began, began - HOUR, micros(NOW) - around(dice, BOUNDS.values())))
    stopped = None if state == "open" else posted + around(dice, BOUNDS.values())
    return {
        "ticket": f"t{number}",
        "clock": KINDS[number % 4],
        "cycle": 1,
        "partition": 0,
        "brand": brand,
        "team": team,
        "priority": dice.choice(("low", "high")),
        "target": 3600,
        "started_at": began,
        "posted_at": posted,
        "received_at": posted,
        "due_at": dice.choice((None, began, began + HOUR)),
        "late_after": None,
        "stopped_at": stopped,
        "elapsed": None,
        "state": state,
        "reached": dice.choice((0.0, 0.75, 1.0, 1.5)),
    }


def around(dice: Random, borders: Iterable[int]) -> int:
    """A border, a microsecond to either side of it, or anywhere around it."""
    beside = dice.choice((-1, 0, 0, 1, dice.randrange(-HOUR, HOUR)))
    return dice.choice(sorted(borders)) + beside
