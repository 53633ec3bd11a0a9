"""What SQL says of now, on both databases, against figures worked out by hand.

The inputs that break the easy version: one that waits for longer than a bound and is not answered
(counted, not within); one that waits for less (in neither part); an answer that is late by its own
target and within a public bound; a clock that was cancelled; one that started in the span before.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from services.notify.store.figures import Figures
from services.notify.store.tables import CLOCKS, METADATA
from stream.database import create_tables, micros, open_engine

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
Row = tuple[str, float, float | None, str, float]
"""Team, hours ago it began, hours until it was answered, state, hours of the target."""

DAY: tuple[Row, ...] = (
    ("care", 2, 0.5, "met", 1),  # within 1 h
    ("care", 10, 0.9, "breached", 0.5),  # within 1 h, and late by its own target
    ("care", 10, 3, "breached", 1),  # within 6 h
    ("care", 20, 7, "met", 8),  # within 24 h
    ("care", 3, None, "open", 2),  # waits for 3 h: not within 1 h, nothing yet for 6 h
    ("care", 0.5, None, "open", 1),  # waits for half an hour: nothing yet
    ("care", 5, None, "cancelled", 1),  # in nothing
    ("care", 30, 0.2, "met", 1),  # of the day before
    ("fraud", 1, 0.1, "met", 1),
)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    found = open_engine(database_url)
    await create_tables(found, METADATA)
    async with found.begin() as connection:
        await connection.execute(insert(CLOCKS), [_row(n, one) for n, one in enumerate(DAY)])
    yield found
    await found.dispose()


def _row(number: int, row: Row) -> dict[str, object]:
    team, ago, answered, state, target = row
    began, length = NOW - timedelta(hours=ago), timedelta(hours=target)
    stopped = began + timedelta(hours=answered) if answered is not None else None
    return {
        "ticket": f"t{number}",
        "clock": "first_response",
        "cycle": 1,
        "partition": 0,
        "brand": "acme",
        "team": team,
        "priority": "high",
        "target": int(length.total_seconds()),
        "started_at": micros(began),
        "posted_at": micros(began),
        "received_at": micros(began),
        "due_at": micros(began + length),
        "late_after": micros(began + length),
        "stopped_at": micros(stopped) if stopped else None,
        "elapsed": None,
        "state": state,
        "reached": 1.0 if state == "open" and ago > target else 0.0,
    }


@pytest.mark.parametrize(
    ("bound", "within", "whole"),
    [("1h", 2, 5), ("6h", 3, 4), ("24h", 4, 4), ("target", 2, 5)],
)
async def test_answers_of_a_day_within_each_bound(
    engine: AsyncEngine, bound: str, within: int, whole: int
) -> None:
    facts = await Figures(engine).facts(NOW)

    about = ("acme", "care", "first_response", bound, "24h", "actual")
    assert facts.attainment[(*about, "within")] == within
    assert facts.attainment[(*about, "all")] == whole


async def test_the_span_before_is_told_apart(engine: AsyncEngine) -> None:
    facts = await Figures(engine).facts(NOW)

    before = ("acme", "care", "first_response", "1h", "24h", "previous")
    assert (facts.attainment[(*before, "within")], facts.attainment[(*before, "all")]) == (1, 1)
    month = ("acme", "care", "first_response", "1h", "30d", "actual")
    assert (facts.attainment[(*month, "within")], facts.attainment[(*month, "all")]) == (3, 6)
    assert (
        "acme",
        "care",
        "first_response",
        "1h",
        "30d",
        "previous",
        "all",
    ) not in facts.attainment


async def test_the_oldest_unanswered_one_has_used_so_much_of_its_target(
    engine: AsyncEngine,
) -> None:
    facts = await Figures(engine).facts(NOW)

    assert facts.oldest == {("acme", "care", "high"): pytest.approx(1.5)}
