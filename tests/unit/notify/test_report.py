"""The report: goal, actual and previous, three numbers that are never mixed up (K1)."""

import httpx
import pytest
from fastapi import APIRouter

from schemas.states import ClockName
from services.notify.api import api
from services.notify.domain.figures import BadPeriod, Count, Counts, Period, read_period
from services.notify.reports.attainment import report, table
from services.notify.settings import goals_of, read
from stream.settings import BadSettings
from tests.unit.notify.builders import at


def count(within: int, due: int, *, running: int = 0, team: str = "care") -> Count:
    return Count(
        brand="acme",
        team=team,
        clock=ClockName.first_response,
        within=within,
        due=due,
        running=running,
    )


def counts(*rows: Count) -> Counts:
    return Counts(rows=rows, as_of=at(0))


class FakeFigures:
    """Figures of one day; it is asked for nothing that the store's own test does not cover."""

    async def counts(self, period: Period) -> Counts:
        return counts(count(1, 2)) if period.name == "2026-03-02" else counts()


def test_the_gap_is_actual_minus_goal_and_previous_without_data_is_no_zero() -> None:
    found = report(
        read_period("2026-03-02"),
        counts(count(41, 100, running=7), count(0, 0, running=1, team="night")),
        counts(count(11, 20)),
        {"first_response": 65},
    )

    care, night = found.rows
    assert (care.goal, care.actual, care.previous, care.gap) == (65, 41.0, 55.0, -24.0)
    assert (night.actual, night.previous, night.gap) == (None, None, None)
    lines = table(found).splitlines()
    assert lines[2].split() == [
        "acme", "care", "first_response", "41", "100", "7", "65.0%", "41.0%", "55.0%", "-24.0",
    ]  # fmt: skip
    assert lines[3].split()[-4:] == ["65.0%", "-", "-", "-"]
    assert len({len(line) for line in lines[1:]}) == 1


def test_a_period_without_clocks_says_so() -> None:
    assert "no clock started" in table(report(read_period("2026-03"), counts(), counts(), {}))


@pytest.mark.parametrize(
    ("text", "since", "until", "before"),
    [
        ("2026-03-01", "2026-03-01", "2026-03-02", "2026-02-28"),
        ("2026-12", "2026-12-01", "2027-01-01", "2026-11"),
        ("2026-01", "2026-01-01", "2026-02-01", "2025-12"),
    ],
)
def test_a_period_is_a_day_or_a_month_of_utc(
    text: str, since: str, until: str, before: str
) -> None:
    period = read_period(text)

    assert period.since.isoformat() == f"{since}T00:00:00+00:00"
    assert period.until.isoformat() == f"{until}T00:00:00+00:00"
    assert period.before().name == before


@pytest.mark.parametrize("text", ["2026", "2026-3", "2026-13", "2026-02-30", "", "1"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(BadPeriod, match="2026-03-02 or 2026-03"):
        read_period(text)


@pytest.mark.parametrize("goals", ["[]", '{"firts_response": 90}', '{"closing": 120}'])
def test_wrong_goals_are_named(goals: str) -> None:
    with pytest.raises(BadSettings, match="GOALS"):
        goals_of(read({"GOALS": goals}))


async def test_the_api_gives_the_same_report() -> None:
    app = api(FakeFigures(), {"first_response": 90}, APIRouter())
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://notify") as client:
        answer = await client.get("/v1/report", params={"period": "2026-03-02"})
        refused = await client.get("/v1/report", params={"period": "soon"})

    (row,) = answer.json()["rows"]
    assert (row["actual"], row["previous"], row["gap"]) == (50.0, None, -40.0)
    assert refused.status_code == 400
