"""The case file is answered through the same clocks that tickets have."""

from pathlib import Path

import msgspec
import pytest

from services.notify.__main__ import main
from services.notify.domain.cases import answers
from services.notify.domain.life import read_instant, write_instant
from worktime.walls import WEEKDAYS

CALENDARS = {
    "always": {
        "timezone": "UTC",
        "weekly": dict.fromkeys(WEEKDAYS, (("00:00", "24:00"),)),
        "note": "24/7",
    },
    "office": {
        "timezone": "UTC",
        "weekly": {"mon": [["09:00", "17:00"]], "tue": [["09:00", "17:00"]]},
        "date_overrides": {},
        "holidays": [],
    },
}


def actual(shape: str, **case: object) -> dict[str, object]:
    content = {"calendars": CALENDARS, shape: [{"id": "x", **case}]}
    (answer,) = answers(msgspec.json.encode(content))
    assert answer.error is None, answer.error
    return answer.actual


def lived(
    events: list[list[str]], expected: dict[str, object], **policy: object
) -> dict[str, object]:
    policy.setdefault("calendar", "always")
    return actual("lifecycle_cases", policy=policy, events=events, expected=expected)


@pytest.mark.parametrize(
    ("kind", "given", "wanted"),
    [
        (
            "due",
            {"started_at": "2026-03-02T16:30:00Z", "target_seconds": 3600},
            {"due_at": "2026-03-03T09:30:00Z"},
        ),
        (
            "elapsed",
            {"from": "2026-03-02T16:00:00Z", "to": "2026-03-03T10:00:00Z", "target_seconds": 7199},
            {"elapsed_seconds": 7200.0, "margin_seconds": -1.0, "verdict": "breached"},
        ),
        ("in_hours", {"at": "2026-03-02T17:00:00Z"}, {"open": False}),
        ("next_open", {"at": "2026-03-03T17:00:00Z"}, {"open_at": "2026-03-09T09:00:00Z"}),
        (
            "reminder",
            {
                "started_at": "2026-03-02T16:30:00Z",
                "target_seconds": 3600,
                "before_due_seconds": 2700,
            },
            {"due_at": "2026-03-03T09:30:00Z", "remind_at": "2026-03-02T16:45:00Z"},
        ),
    ],
)
def test_questions_about_working_time(
    kind: str, given: dict[str, object], wanted: dict[str, object]
) -> None:
    assert actual("cases", kind=kind, calendar="office", input=given) == wanted


@pytest.mark.parametrize(
    ("now", "state", "percent"),
    [("09:45", "on_track", 75.0), ("09:46", "at_risk", 76.67), ("10:00", "breached", 100.0)],
)
def test_status_is_at_risk_above_its_bound_and_breached_at_the_whole(
    now: str, state: str, percent: float
) -> None:
    given = {
        "started_at": "2026-03-02T09:00:00Z",
        "target_seconds": 3600,
        "now": f"2026-03-02T{now}:00Z",
        "at_risk_above_percent": 75,
    }

    found = actual("status_cases", calendar="office", input=given)

    assert found == {"state": state, "percent": percent}


def test_a_gap_of_the_wall_clock_shifts_forward() -> None:
    given = {"timezone": "Europe/Sofia", "date": "2026-03-29", "wall": "03:30"}

    assert actual("wall_clock_cases", input=given) == {"utc": "2026-03-29T01:30:00Z"}


def test_open_tickets_count_against_every_bound_and_goals_have_gaps() -> None:
    spread = {"answered_elapsed_seconds": [600, 3600], "open_elapsed_seconds": [90000, 60]}
    goals = {
        "goals": {"within_1h_min_pct": 65, "over_24h_max_pct": 5},
        "actual": {"within_1h_pct": 41, "over_24h_pct": 8},
        "previous": {"within_1h_pct": 55},
    }

    assert actual("attainment_cases", input=spread) == {
        "within_1h_pct": 50.0,
        "within_6h_pct": 50.0,
        "over_24h_pct": 25.0,
    }
    assert actual("attainment_cases", input=goals) == {
        "within_1h": {"status": "missed", "gap_pp": -24, "vs_previous_pp": -14},
        "over_24h": {"status": "missed", "gap_pp": 3, "vs_previous_pp": None},
    }


def test_rows_of_one_instant_take_its_events_in_turn() -> None:
    events = [["+0m", "created+customer_message"], ["+5m", "agent_message"], ["+5m", "closed"]]
    rows = [["+0m", None], ["+5m", None], ["+5m", None]]

    found = lived(events, {"next_due_after": rows}, first_response=900, resolution=7200)

    assert found == {"next_due_after": [("+0m", "+15m"), ("+5m", "+120m"), ("+5m", None)]}


def test_without_a_first_response_target_only_a_message_asks() -> None:
    events = [["+0m", "created"], ["+10m", "customer_message"], ["+20m", "agent_message"]]
    rows = [["+10m", None], ["+20m", None]]

    found = lived(events, {"next_response_due_after": rows}, next_response=3600)

    assert found == {"next_response_due_after": [("+10m", "+70m"), ("+20m", None)]}


def test_a_miss_needs_an_earlier_reply_and_polling_adds_none() -> None:
    events = [["+0h", "customer_message"], ["+6h", "evaluate"], ["+6h", "evaluate"]]
    replied = [["+0h", "customer_message"], ["+1h", "agent_message"], *events]
    replied[2] = ["+1h", "customer_message"]

    assert lived(events, {"next_response_misses": 0}, next_response=3600) == {
        "next_response_misses": 0
    }
    assert lived(replied, {"next_response_misses": 0}, next_response=3600) == {
        "next_response_misses": 1
    }


@pytest.mark.parametrize("text", ["+0m", "+90m", "+2h", "+1.5m", "2013-03-21T09:30:00Z"])
def test_instants_are_written_as_they_are_read(text: str) -> None:
    expected = {"+1.5m": "+90s"}.get(text, text)

    assert write_instant(read_instant(text), text) == expected


def test_one_wrong_case_hides_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "cases.json"
    given = {"at": "2026-03-02T10:00:00Z"}
    cases = [
        {"id": "a", "kind": "in_hours", "calendar": "nowhere", "input": given},
        {"id": "b", "kind": "in_hours", "calendar": "office", "input": given},
    ]
    file.write_bytes(msgspec.json.encode({"calendars": CALENDARS, "cases": cases}))

    code = main(["sla", str(file)])

    out, err = capsys.readouterr()
    assert code == 2
    assert out.splitlines()[1] == '{"id":"b","actual":{"open":true}}'
    assert err.count("\n") == 1
    assert "nowhere" in err


@pytest.mark.parametrize(
    "arguments",
    [["sla", "/nowhere.json"], ["report", "--period", "2026-13"], ["report", "--period", "March"]],
)
def test_bad_usage_is_two_and_one_clear_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1
