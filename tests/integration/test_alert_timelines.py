"""The same timelines through the store: intents in their table, turns, deliveries; both databases.

The inputs that break the easy version: a turn that sees only a part of a group; a second replica
that takes a turn at the same time; a crash between what is decided and what is told (one commit).
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.alerts import AlertChanged
from schemas.topics import ALERTS
from schemas.vocabulary import CaseTopic
from services.route.domain.alert_timeline import Line, intents_of, silence_of
from services.route.domain.alerting import Notice
from services.route.domain.desk import Rules
from services.route.settings import read_needs
from services.route.store.alerts import AlertStore
from services.route.store.cases import keep_intents
from services.route.store.deliveries import Deliveries
from services.route.store.holding import begin_hold, end_hold
from services.route.store.tables import (
    ALERTS as MEMBERS,
)
from services.route.store.tables import (
    DELIVERIES,
    GROUPS,
    LEDGER,
    METADATA,
    SILENCES,
)
from stream.database import create_tables, from_micros, micros, open_engine
from stream.ledger import Ledger
from stream.memory_pump import MemoryBroker
from stream.metrics import StreamMetrics
from tests.alert_timelines import T0, TIMELINES, Timeline, fires
from tests.alertmanager_cases import CASES
from tests.hands import Hands, hands

Told = tuple[int, str, str, int, int]
"""When, on which channel, what state, at which level, of how many."""


class Calling:
    """A replica's part that calls people, on a clock that the test moves."""

    def __init__(self, engine: AsyncEngine, timeline: Timeline, clock: Hands) -> None:
        self.engine, self.timeline, self.clock = engine, timeline, clock
        self.broker = MemoryBroker()
        shared = StreamMetrics(CollectorRegistry(), "route", "test")
        self.ledger = Ledger(engine, LEDGER, self.broker, shared)
        self.rules = Rules(policy=timeline.policy, seq=1, needs=read_needs())
        self.store = AlertStore(engine, self.ledger, clock, lambda: self.rules)

    async def play(self) -> None:
        """All lines, and every instant between them at which a group is due."""
        for at, lines in groupby(self.timeline.timeline, lambda line: line.at):
            await self._up_to(at)
            self.clock.move(at)
            for line in lines:
                await self.happen(line)
            await self._turns()
        await self._up_to(self.timeline.ends_at)
        self.clock.move(self.timeline.ends_at)
        await self._turns()

    async def told(self) -> list[Told]:
        """What was told, by the rows of the channels."""
        async with self.engine.connect() as connection:
            rows = (await connection.execute(select(DELIVERIES))).all()
        alerts = [(row.channel, msgspec.json.decode(row.body, type=Notice).alert) for row in rows]
        return sorted(
            (
                int((alert.occurred_at - T0).total_seconds()),
                channel,
                alert.state.value,
                alert.level,
                alert.count,
            )
            for channel, alert in alerts
        )

    async def _turns(self) -> None:
        while await self.store.turn():
            pass
        # A provider takes everything at once: who was told knows.
        async with self.engine.begin() as connection:
            taken = update(DELIVERIES).where(DELIVERIES.c.done_at.is_(None))
            await connection.execute(taken.values(done_at=1, outcome="delivered"))

    async def _up_to(self, end: datetime) -> None:
        while (at := await self._next_due()) and at < end:
            self.clock.move(at)
            await self._turns()

    async def _next_due(self) -> datetime | None:
        query = select(func.min(GROUPS.c.due_at)).where(GROUPS.c.closed_at.is_(None))
        async with self.engine.connect() as connection:
            due = (await connection.execute(query)).scalar_one_or_none()
        return from_micros(due) if due else None

    async def happen(self, line: Line) -> None:
        async with self.engine.begin() as connection:
            await keep_intents(
                connection, list(intents_of(line, self.rules.policy, self.rules.needs))
            )
            if line.silences:
                silence = silence_of(line.silences, line.at)
                values = {
                    "seq": silence.id,
                    "since": micros(silence.since),
                    "until": micros(silence.until),
                    "body": msgspec.json.encode(silence),
                }
                await connection.execute(insert(SILENCES).values(**values))
            if line.unsilences:
                ended = update(SILENCES).where(SILENCES.c.seq == line.unsilences)
                await connection.execute(ended.values(until=micros(line.at)))
            if line.holds:
                await begin_hold(connection, now=line.at, by="boss", reason="a test")
            if line.holds is False:
                await end_hold(connection, now=line.at)
        await self._acknowledge(line)

    async def _acknowledge(self, line: Line) -> None:
        if line.acknowledges:
            query = select(MEMBERS.c.group_key).where(
                MEMBERS.c.base == line.acknowledges, MEMBERS.c.left_at.is_(None)
            )
            async with self.engine.connect() as connection:
                keys = (await connection.execute(query)).scalars().all()
            for key in keys:
                await self.store.acknowledge(key, by=line.by)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    found = open_engine(database_url)
    await create_tables(found, METADATA)
    yield found
    await found.dispose()


def expected(timeline: Timeline) -> list[Told]:
    return sorted(
        (at, channel, state, level, len(firing or ended))
        for at, channel, state, level, firing, ended in timeline.expected
    )


def counted(timeline: Timeline) -> bool:
    """Is every alert one? Then the count is that of those who fire."""
    return all(line.fires is None or line.fires.count == 1 for line in timeline.timeline)


@pytest.mark.parametrize(
    "timeline", [one for one in (*TIMELINES, *CASES) if counted(one)], ids=lambda one: one.name
)
async def test_a_timeline_through_the_store_calls_the_same(
    engine: AsyncEngine, timeline: Timeline
) -> None:
    calling = Calling(engine, timeline, hands(T0))

    await calling.play()

    assert await calling.told() == expected(timeline)


async def test_replicas_that_take_turns_at_once_tell_all_once(engine: AsyncEngine) -> None:
    topics = [topic.value for topic in CaseTopic][:7]
    lines = [(0.0, fires(f"a{n}", topics[n % 7])) for n in range(60)]
    outage = Timeline(
        "many", "group_by: [topic], group_wait: 0s, group_interval: 1m", lines, [], until=0
    )
    replicas = [Calling(engine, outage, hands(T0)) for _ in range(3)]
    async with engine.begin() as connection:
        for line in outage.timeline:
            await keep_intents(
                connection, list(intents_of(line, outage.policy, replicas[0].rules.needs))
            )

    await asyncio.gather(*(one.store.turn() for one in replicas for _ in range(4)))
    await asyncio.gather(*(one.store.turn() for one in replicas))

    told = await replicas[0].told()
    assert sorted(count for *_, count in told) == [8, 8, 8, 9, 9, 9, 9]


async def test_what_is_told_is_published_with_the_same_commit(engine: AsyncEngine) -> None:
    timeline = TIMELINES[0]
    calling = Calling(engine, timeline, hands(T0))

    await calling.play()
    await calling.ledger.drain([0])

    events = [
        msgspec.json.decode(r.value or b"", type=AlertChanged)
        for r in calling.broker.log(ALERTS.name)
    ]
    assert [(e.state.value, e.count) for e in events] == [("raised", 2), ("updated", 3)]
    assert len({e.event_id for e in events}) == 2


async def test_what_waits_for_a_channel_is_let_go_when_it_is_moot(engine: AsyncEngine) -> None:
    """Raised and answered while the channel refused: nobody is told of either."""
    lines: list[tuple[float, dict[str, Any]]] = [(0, fires("a1")), (30, {"ends": "a1"})]
    timeline = Timeline(
        "moot", "group_by: [topic], group_wait: 0s, group_interval: 1m", lines, [], until=300
    )
    calling = Calling(engine, timeline, hands(T0))
    first, last = timeline.timeline
    await calling.happen(first)
    while await calling.store.turn():
        pass
    calling.clock.move(T0 + timedelta(seconds=30))
    await calling.happen(last)
    while await calling.store.turn():
        pass
    calling.clock.move(T0 + timedelta(seconds=120))
    while await calling.store.turn():
        pass

    async with engine.connect() as connection:
        rows = (await connection.execute(select(DELIVERIES.c.outcome))).scalars().all()
    assert rows == ["moot"], "nothing of its end either"


async def test_a_beginning_that_failed_never_comes_behind_its_end(engine: AsyncEngine) -> None:
    """Raised is under way while it is answered; it fails, and is not tried behind the end."""
    lines: list[tuple[float, dict[str, Any]]] = [(0, fires("a1")), (30, {"ends": "a1"})]
    timeline = Timeline(
        "late", "group_by: [topic], group_wait: 0s, group_interval: 1m", lines, [], until=300
    )
    calling, clock = Calling(engine, timeline, hands(T0)), hands(T0)
    deliveries = Deliveries(engine, clock)
    first, last = timeline.timeline
    await calling.happen(first)
    await calling.store.turn()
    (raised,) = await deliveries.take("chat", limit=5)
    for at, line in ((30, last), (60, None)):
        calling.clock.move(T0 + timedelta(seconds=at))
        clock.move(T0 + timedelta(seconds=at))
        if line:
            await calling.happen(line)
        while await calling.store.turn():
            pass

    meanwhile = await deliveries.take("chat", limit=5)
    await deliveries.again(raised, in_seconds=0)
    then = await deliveries.take("chat", limit=5)

    assert not meanwhile
    assert [one.alert.state.value for one in then] == ["resolved"]
