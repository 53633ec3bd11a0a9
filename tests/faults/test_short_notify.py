"""Replicas of notify on one database: what a pencil says, and nobody is paged for nothing.

The inputs that break the easy version: every version twice, the old behind the new, and facts that
reverse what was announced; replicas that are killed with work in hand while others join, one of
them two hours fast; and replies that are in time but come when every clock says that it is too
late, with the tick still before it.
"""

import asyncio
import os
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from sqlalchemy import func, select

from schemas.sla import SlaChanged
from schemas.topics import SLA, TICKETS, TOPICS, dead_letters
from services.notify.store.tables import CLOCKS, LEDGER
from stream.clock import parse_clock
from stream.database import open_engine
from stream.flow import Outgoing, Received
from stream.reading import read_all
from stream.topic_admin import Cluster, create
from tests.clock_books import run_of, stands, true_of
from tests.clock_oracle import Run
from tests.faults.notify_day import PARTITIONS, Plot, in_disorder, plots
from tests.faults.notify_races import Races, races
from tests.faults.replicas import Replicas
from tests.faults.servers import Broker, Database
from tests.processes import by_id, lag, write_records

LONG = os.environ.get("FAULTS") == "long"  # noqa: TID251 - the run's own setting
EVENTS = 50_000 if LONG else 3_000
"""Of tickets, at least; races and ticks come on top."""
CUSTOMERS = EVENTS // 8
RACES = 1_000 if LONG else 100
REPLICAS = 5 if LONG else 3
KILLS = 6 if LONG else 2
PATIENCE = 1_800 if LONG else 240
FAST = timedelta(hours=2)


class Days(NamedTuple):
    """What was written to notify, and what it made of that."""

    plots: list[Plot]
    races: Races
    written: list[Outgoing]
    said: list[Received]
    letters: list[Received]
    rows: dict[str, list[Run]]
    waiting: int

    @property
    def events(self) -> dict[str, list[SlaChanged]]:
        """What was announced of each ticket, each thing once."""
        found: dict[str, list[SlaChanged]] = {}
        for values in by_id(self.said).values():
            event = msgspec.json.decode(min(values), type=SlaChanged)
            found.setdefault(event.ticket_id, []).append(event)
        return found


class _Stage:
    """Records go to the topic, and replicas die of it."""

    def __init__(self, cluster: Cluster, replicas: Replicas) -> None:
        self._cluster, self.replicas = cluster, replicas
        self.written: list[Outgoing] = []

    async def start(self) -> None:
        """All of them, one with a clock that is fast; who takes its place has the same clock."""
        now = parse_clock("").now()
        fast = f"{(now + FAST).isoformat()}@1x/{now.timestamp()}"
        for number in range(REPLICAS):
            self.replicas.start(CLOCK=fast if number == REPLICAS - 1 else "")
        await self.replicas.ready()

    async def write(self, records: list[Outgoing], *, kills: int = 0) -> None:
        """In parts, with a death in each but the last one."""
        self.written.extend(records)
        part = len(records) // (kills + 1) + 1
        for number in range(kills):
            await self._write_over_a_death(records[number * part : (number + 1) * part])
        await write_records(self._cluster, records[kills * part :])

    async def _write_over_a_death(self, records: list[Outgoing]) -> None:
        """The oldest replica stands still in the middle, and never goes on with what it has."""
        middle = len(records) // 2
        await write_records(self._cluster, records[:middle])
        self.replicas.freeze_first()
        await write_records(self._cluster, records[middle:])
        assert await lag(self._cluster, "notify", TICKETS) > 0
        self.replicas.kill_first()

    async def drained(self) -> None:
        """Whatever was written was taken, and the replicas that joined have their share."""
        await self.replicas.ready()
        while await lag(self._cluster, "notify", TICKETS):
            pass


@pytest.fixture(scope="module")
def days(broker: Broker, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Days:
    """The days are over: everything was taken, and no replica runs any more."""
    cluster = Cluster(bootstrap=broker.bootstrap, prefix="tnotify", partitions=PARTITIONS)
    url = database.server.create_database("notify_days")
    return asyncio.run(_lived(cluster, url, tmp_path_factory.mktemp("notify")))


async def _lived(cluster: Cluster, url: str, folder: Path) -> Days:
    await create(cluster, TOPICS)
    cases = plots(CUSTOMERS, seed=8)
    settings = {"DATABASE_URL": url, "MAX_PIPELINE_AGE": str(PATIENCE)}
    stage = _Stage(cluster, Replicas("notify", cluster, folder, **settings))
    try:
        async with asyncio.timeout(PATIENCE):
            some = await _played(stage, cases)
    finally:
        stage.replicas.stop()
    rows, waiting = await _stored(url)
    return Days(
        plots=[*cases, *some.plots],
        races=some,
        written=stage.written,
        said=await read_all(cluster, SLA),
        letters=await read_all(cluster, dead_letters("notify")),
        rows=rows,
        waiting=waiting,
    )


async def _played(stage: _Stage, cases: list[Plot]) -> Races:
    """The days in disorder, then the races, each of their acts once that before it was taken."""
    await stage.start()
    await stage.write(in_disorder(cases, seed=8), kills=KILLS)
    some = races(RACES, parse_clock("").now().replace(microsecond=0))
    await stage.write(some.asked())
    await stage.drained()
    await stage.write(some.climbed(), kills=KILLS // 2)
    await stage.drained()
    await stage.write(some.too_late())
    await stage.drained()
    return some


async def _stored(url: str) -> tuple[dict[str, list[Run]], int]:
    """The clocks of each ticket, and how much was not yet published."""
    engine, found = open_engine(url), dict[str, list[Run]]()
    async with engine.connect() as connection:
        for row in (await connection.execute(select(CLOCKS))).all():
            found.setdefault(row.ticket, []).append(run_of(row))
        left = await connection.execute(select(func.count()).select_from(LEDGER.outbox))
        waiting = left.scalar_one()
    await engine.dispose()
    return found, waiting


def test_every_clock_is_what_a_pencil_says(days: Days) -> None:
    expected = {plot.name: sorted(plot.runs, key=str) for plot in days.plots}

    assert sum(b"TicketEvent" in dict(r.headers).values() for r in days.written) >= EVENTS
    assert {name: sorted(rows, key=str) for name, rows in days.rows.items()} == expected


def test_what_stands_announced_is_what_is_true(days: Days) -> None:
    events = days.events
    found = {plot.name: stands(events.get(plot.name, ())) for plot in days.plots}

    assert any(event.corrects for some in events.values() for event in some)
    assert found == {plot.name: true_of(plot.runs, plot.is_overdue) for plot in days.plots}


def test_a_reply_that_is_still_in_the_pipeline_pages_nobody(days: Days) -> None:
    events = days.events
    paged = [r.plot.name for r in days.races.fair if "breached" in _said(events[r.plot.name])]
    ends = [stands(events[race.plot.name])[race.clock, 1] for race in days.races.fair]

    assert sum(race.is_past for race in days.races.fair) >= RACES
    assert paged == []
    assert ends == [{"met"}] * len(ends)


def test_a_reply_that_a_tick_has_denied_is_one_breach_and_one_correction(days: Days) -> None:
    events = days.events
    said = [_said(events[race.plot.name]) for race in days.races.lost]

    assert {(states["breached"], states["corrected"]) for states in said} == {(1, 1)}


def test_each_event_is_the_same_bytes_and_nothing_is_left_over_or_set_aside(days: Days) -> None:
    assert {len(copies) for copies in by_id(days.said).values()} == {1}
    assert (days.letters, days.waiting) == ([], 0)
    assert not any(event.blind for some in days.events.values() for event in some)


def _said(events: list[SlaChanged]) -> Counter[str]:
    return Counter(event.state.value for event in events)
