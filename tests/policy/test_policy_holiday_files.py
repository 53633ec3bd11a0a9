"""A policy on disk names iCalendar files: their days become a part of its text, for all to see.

The inputs that break the easy version: a policy that goes to a replica without the file; a file
that was edited while the policy was not; a day of a later year, which no ticket of this year needs.
"""

from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from schemas.yaml_marks import BadFile
from services.route.__main__ import main
from services.route.domain.policy import Policy
from services.route.domain.policy_file import read_policy
from services.route.policy_source import AT_MOST, read_source
from tests.policy.small import SMALL, problems
from tests.unit.worktime.holiday_files import an_event, an_ics

NAMING = SMALL.replace("holidays: BG", "holidays: [BG, 2026-06-05, holidays.ics]")
MAY = an_event("20260507", name="Ден на фирмата")
NEW_YEAR = an_event("20201230", "DURATION:P2D", "RRULE:FREQ=YEARLY", name="Каникулы")


def on_disk(folder: Path, *events: str, policy: str = NAMING) -> Path:
    """The policy with a file of these events beside it."""
    (folder / "holidays.ics").write_text(an_ics(*events), encoding="utf-8", newline="")
    file = folder / "policy.yaml"
    file.write_text(policy, encoding="utf-8")
    return file


def is_open(policy: Policy, at: str) -> bool:
    return policy.sla["calm"].hold.is_open(datetime.fromisoformat(at))


def refused(file: Path) -> list[str]:
    with pytest.raises(BadFile) as caught:
        read_source(file)
    return [f"{p.line}:{p.column}: {p.path}: {p.why}" for p in caught.value.problems]


def test_the_days_of_the_file_are_closed_beside_those_of_the_country(tmp_path: Path) -> None:
    policy = read_policy(read_source(on_disk(tmp_path, MAY, NEW_YEAR)))

    assert not is_open(policy, "2026-05-07T12:00+03:00")
    assert not is_open(policy, "2026-12-30T12:00+02:00")
    assert not is_open(policy, "2030-12-31T12:00+02:00")
    assert not is_open(policy, "2026-05-06T12:00+03:00")  # of Bulgaria
    assert not is_open(policy, "2026-06-05T12:00+03:00")  # its own
    assert is_open(policy, "2026-05-08T12:00+03:00")
    assert is_open(policy, "2027-05-07T12:00+03:00")


def test_a_ticket_carries_the_days_of_its_year_and_the_next_alone(tmp_path: Path) -> None:
    policy = read_policy(read_source(on_disk(tmp_path, MAY, NEW_YEAR)))

    calendar = policy.sla["calm"].hold.resolved(datetime.fromisoformat("2027-03-01T00:00Z"))

    ends = [day for day in calendar.holidays if day[5:] in {"05-07", "12-30"}]
    assert ends == ["2027-12-30", "2028-12-30"]


def test_the_text_needs_no_file_any_more_and_says_what_the_file_said(tmp_path: Path) -> None:
    file = on_disk(tmp_path, MAY)
    text = read_source(file)
    (tmp_path / "holidays.ics").unlink()

    elsewhere = tmp_path / "kept.yaml"
    elsewhere.write_text(text, encoding="utf-8")

    assert text.startswith(NAMING)
    assert '"2026-05-07": "Ден на фирмата"' in text
    assert not is_open(read_policy(text), "2026-05-07T12:00+03:00")
    assert read_source(elsewhere) == text


def test_another_file_makes_another_policy(tmp_path: Path) -> None:
    before = read_policy(read_source(on_disk(tmp_path, MAY)))
    same = read_policy(read_source(on_disk(tmp_path, MAY)))
    after = read_policy(read_source(on_disk(tmp_path, MAY, NEW_YEAR)))

    assert before.hash == same.hash != after.hash


def test_a_policy_that_names_no_file_is_read_as_it_stands(tmp_path: Path) -> None:
    for policy in (SMALL, "calendars: [", "calendars: {a: 1, b: {holidays: [1, {x: y}]}}", "a"):
        assert read_source(on_disk(tmp_path, MAY, policy=policy)) == policy


def test_an_upload_cannot_name_a_file() -> None:
    assert problems(NAMING) == [
        "4:70: $.calendars.office.holidays: expected dates and countries, got `holidays.ics`: "
        "a policy on disk can name a file beside it, an upload cannot"
    ]


def test_days_that_were_written_by_hand_are_checked() -> None:
    files = 'holiday_files:\n  holidays.ics: {2026-02-30: ""}\n  other.ics: {}\n'

    assert problems(NAMING + files) == [
        "39:18: $.holiday_files.holidays.ics.2026-02-30: bad date '2026-02-30', "
        "expected YYYY-MM-DD from 1900 to 2199",
        "40:3: $.holiday_files.other.ics: expected a file that a calendar names",
    ]


def test_each_event_that_cannot_be_read_is_said_where_the_file_is_named(tmp_path: Path) -> None:
    dinner = an_event("20260508T190000Z", name="Вечеря")
    monthly = an_event("20260511", "RRULE:FREQ=MONTHLY", name="Payday")

    place = "4:97: $.calendars.office.holidays[2]: holidays.ics: "
    assert refused(on_disk(tmp_path, MAY, dinner, monthly)) == [
        place
        + "event of 2026-05-08 'Вечеря': expected a whole day (VALUE=DATE), got a time of day",
        place + "event of 2026-05-11 'Payday': expected a yearly rule, got FREQ=MONTHLY",
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "expected whole-day events in 2020 to 2050, found none"),
        (b"hello", "expected iCalendar (RFC 5545)"),
        (b"\xff\xfe", "expected a text in UTF-8"),
        (b"x" * (AT_MOST + 1), "expected at most 256 KB"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    file = on_disk(tmp_path)
    (tmp_path / "holidays.ics").write_bytes(content)

    (problem,) = refused(file)

    assert why in problem


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("gone.ics", "expected a file at "),
        ("folder.ics", "expected a file at "),
        ("../holidays.ics", "expected a file in the folder of the policy"),
        ("/etc/holidays.ics", "expected a file in the folder of the policy"),
    ],
)
def test_only_a_file_beside_the_policy_is_read(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "below" / "folder.ics").mkdir(parents=True)
    on_disk(tmp_path, MAY)
    policy = SMALL.replace("holidays: BG", f'holidays: "{name}"')

    (problem,) = refused(on_disk(tmp_path / "below", MAY, policy=policy))

    assert problem.startswith(f"4:70: $.calendars.office.holidays: {name}: {why}")


def test_a_name_may_be_of_any_language_and_lie_in_a_folder(tmp_path: Path) -> None:
    policy = NAMING.replace("holidays.ics", '"дни/Почивни дни: 1.ICS"')
    file = on_disk(tmp_path, policy=policy)
    (tmp_path / "дни").mkdir()
    marked = b"\xef\xbb\xbf" + an_ics(MAY).encode()
    (tmp_path / "дни" / "Почивни дни: 1.ICS").write_bytes(marked)

    assert not is_open(read_policy(read_source(file)), "2026-05-07T12:00+03:00")


def test_a_policy_that_is_one_line_has_no_room_for_them(tmp_path: Path) -> None:
    (problem,) = refused(
        on_disk(tmp_path, MAY, policy="{calendars: {a: {holidays: holidays.ics}}}")
    )

    assert "expected a policy of plain lines" in problem


def test_check_says_how_many_days_each_file_added(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(on_disk(tmp_path, MAY, NEW_YEAR))

    assert main(["check", file]) == 0
    told = msgspec.json.decode(capsys.readouterr().out)["holiday_files"]
    assert main(["check", "--format", "text", file]) == 0
    lines = capsys.readouterr().out.splitlines()

    holidays = {"Каникулы": 62, "Ден на фирмата": 1}
    assert told == {
        "holidays.ics": {
            "days": 63,
            "first": "2020-12-30",
            "last": "2050-12-31",
            "holidays": holidays,
        }
    }
    assert lines[1:] == [
        f"{file}: holidays.ics adds 63 days from 2020-12-30 to 2050-12-31: "
        "Каникулы (62), Ден на фирмата (1)"
    ]


def test_check_refuses_what_the_service_would(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(on_disk(tmp_path, an_event("20260508T190000Z")))

    assert main(["check", file]) == 1
    told = msgspec.json.decode(capsys.readouterr().out)

    assert (told["ok"], told["tests"], len(told["errors"])) == (False, 0, 1)
    assert "2026-05-08" in told["errors"][0]["why"]
    assert main(["coverage", file, "--from", "2026-05-07", "--days", "1"]) == 2
