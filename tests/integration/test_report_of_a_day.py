"""Does every figure of a report equal what a pencil says? A day of 5,000 cases, on both databases.

The inputs that break the easy version: a case that is still open and late; one that was closed
without an answer; an answer at the very last instant; one after midnight's report; a post that was
decided twice; the day before, of which ten cases are known; a tick that lies behind the day.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import islice

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.local import postgres
from schemas.event import derive_id
from schemas.topics import DECISIONS
from schemas.vocabulary import Disposition
from services.notify.app import Reporter
from services.notify.domain.figures import read_period
from services.notify.domain.report import Line, Report
from services.notify.settings import read
from services.notify.store.posts import FORGOTTEN_AT_ONCE, forget_posts, note_decisions
from services.notify.store.tables import METADATA, POSTS, SOURCES
from stream.database import from_micros, micros, open_engine
from stream.memory_pump import MemoryBroker
from stream.statements import upsert
from tests.known_day import LAST_TICK, LATER, MINUTE, cases, decisions
from tests.known_figures import KNOWN, Shown
from tests.notify_service import Service
from tests.stored import database_named, opened
from tests.unit.notify.builders import START

GOALS = {"BOUND_GOALS": '{"1h": 65, "6h": 85, "24h": 95}'}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def day(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    database_server: postgres.Server | None,
) -> str:
    """A store that has seen the day, some decisions twice."""
    url = f"sqlite:///{tmp_path_factory.mktemp('day') / 'store.db'}"
    if request.param == "postgresql":
        url = database_named(database_server, "known_day")
    asyncio.run(_see(url))
    return url


async def _see(url: str) -> None:
    async with opened(url, METADATA) as engine:
        found = Service(engine, MemoryBroker(), CollectorRegistry())
        found.tell(*cases())
        for decision in (*decisions(), *islice(decisions(), 500)):
            found.put(decision, topic=DECISIONS.name)
        found.tick(LAST_TICK / MINUTE)
        await found.pump().run_until_idle()


@pytest.fixture
async def engine(day: str) -> AsyncIterator[AsyncEngine]:
    found = open_engine(day)
    yield found
    await found.dispose()


async def made(engine: AsyncEngine, against: str = "2026-03-01") -> Report:
    reporter = Reporter(engine, read(GOALS))
    return await reporter.report(read_period("2026-03-02"), read_period(against))


def labels(line: Line) -> tuple[str, ...]:
    assert next(iter(line.at)) == "brand"
    return tuple(line.at.values())[1:]


async def test_every_figure_of_a_day_equals_what_a_pencil_says(engine: AsyncEngine) -> None:
    report = await made(engine)

    shown: dict[str, Shown] = {}
    for line in report.lines:
        if line.at["brand"] == "acme" and (line.part or line.whole or line.unit == "count"):
            shown.setdefault(line.figure, {})[labels(line)] = (line.part, line.whole)
    for name in KNOWN.keys() | shown.keys():
        assert shown.get(name) == KNOWN.get(name), name
    assert report.as_of is not None
    assert report.as_of.isoformat() == "2026-03-04T00:00:00+00:00"


async def test_goal_actual_and_previous_are_three_numbers(engine: AsyncEngine) -> None:
    report = await made(engine)

    (kept,) = [one for one in report.of("attainment") if one.at["team"] == "care"]
    assert (kept.goal, kept.previous) == (90, 40)
    assert kept.value == pytest.approx(100 / 3)
    assert kept.gap == pytest.approx(100 / 3 - 90)
    assert kept.change == pytest.approx(100 / 3 - 40)
    (left,) = report.of("unanswered_share")
    assert (left.value, left.goal, left.gap, left.kept) == (20, 15, 5, False)
    within = {
        (line.at["bound"], line.at["role"]): line.goal
        for line in report.of("answered_within")
        if line.at["time"] == "wall" and line.at["team"] == "fraud"
    }
    assert within["1h", "service"] == 65
    assert within["24h", "marketing"] == 95


async def test_another_period_to_compare_with(engine: AsyncEngine) -> None:
    same = await made(engine, against="2026-03-02")

    assert same.compared_with == "2026-03-02"
    assert {line.change for line in same.lines} <= {0, None}


async def test_five_replies_a_team_are_drawn_the_same_ones_each_time(engine: AsyncEngine) -> None:
    first, second = await made(engine), await made(engine)

    assert first.to_review == second.to_review
    assert len(first.to_review) == 10
    assert {one.team for one in first.to_review} == {"care", "fraud"}
    assert {one.day.isoformat() for one in first.to_review} == {"2026-03-02"}
    numbers = [int(one.post.removeprefix("reply")) for one in first.to_review]
    assert len(set(numbers)) == 10
    assert max(numbers) - min(numbers) > 1000, "drawn from the whole day"


_HOW_MANY = select(func.count()).select_from(POSTS)
_FIRST = select(POSTS).where(POSTS.c.id == derive_id("acme:post0", "Figures"))


async def test_what_was_decided_anew_is_counted_by_its_last_revision(engine: AsyncEngine) -> None:
    decision = next(decisions())
    newer = msgspec.structs.replace(
        decision, revision=decision.revision + 1, disposition=Disposition.listen
    )
    async with engine.connect() as connection:
        step = await connection.begin()
        await note_decisions(connection, [newer, decision])
        await note_decisions(connection, [decision])
        (kept,) = (await connection.execute(_FIRST)).all()
        await step.rollback()

    assert (kept.revision, kept.disposition) == (newer.revision, "listen")


@pytest.mark.parametrize("days", [-3, 3])
async def test_a_source_begins_with_its_first_post_whatever_came_first(
    engine: AsyncEngine, days: int
) -> None:
    """Two replicas may both think that they are the first to see a source."""
    first = next(decisions())
    other = msgspec.structs.replace(first.inputs, at=START + timedelta(days=days))
    later = msgspec.structs.replace(first, post_id="another", inputs=other)
    source = select(SOURCES.c.first_at).where(SOURCES.c.source == first.inputs.source)
    async with engine.connect() as connection:
        step = await connection.begin()
        await connection.execute(delete(SOURCES))
        await note_decisions(connection, [first])
        late = {"brand": "acme", "source": first.inputs.source, "first_at": micros(START) + 9}
        await upsert(connection, SOURCES, [late], lowest=("first_at",))
        await note_decisions(connection, [later])
        began = (await connection.execute(source)).scalar_one()
        await step.rollback()

    assert from_micros(began) == START + min(timedelta(days=days), timedelta(0))


async def test_posts_that_no_report_counts_any_more_go_some_at_a_time(
    engine: AsyncEngine,
) -> None:
    left: list[int] = []
    async with engine.connect() as connection:
        step = await connection.begin()
        whole = (await connection.execute(_HOW_MANY)).scalar_one()
        while gone := await forget_posts(connection, START + timedelta(days=1)):
            left.append(gone)
        rest = (await connection.execute(_HOW_MANY)).scalar_one()
        await step.rollback()

    assert max(left) == FORGOTTEN_AT_ONCE
    assert (whole - sum(left), rest) == (LATER, LATER)
