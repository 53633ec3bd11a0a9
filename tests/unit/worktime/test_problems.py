"""Is everything wrong with a calendar named at once, each with its place?"""

import pytest

from schemas.calendars import Calendar
from tests.unit.worktime.calendars import EVERY_DAY, Intervals, a_calendar
from worktime.always import ALWAYS
from worktime.hours import Hours
from worktime.problems import problems


@pytest.mark.parametrize(
    "calendar",
    [
        ALWAYS,
        a_calendar(days=()),
        a_calendar(("22:00", "06:00"), days=EVERY_DAY),
        a_calendar(("00:00", "00:00"), days=EVERY_DAY),
        a_calendar(("13:00", "18:00"), ("09:00", "13:00"), holidays=("2026-03-03",)),
        a_calendar(("00:00", "05:00"), ("19:00", "24:00"), overrides={"2026-03-03": ()}),
    ],
)
def test_a_sound_calendar_has_no_problems(calendar: Calendar) -> None:
    assert problems(calendar) == ()
    assert Hours(calendar)


@pytest.mark.parametrize(
    ("calendar", "problem"),
    [
        (a_calendar(zone="Moskva"), "timezone: unknown time zone 'Moskva'"),
        (a_calendar(days=("monday",)), "weekly: unknown day 'monday', expected mon to sun"),
        (a_calendar(("9:00", "17:00"), days=("mon",)), "weekly.mon: bad time '9:00'"),
        (a_calendar(("24:00", "02:00"), days=("mon",)), "weekly.mon: bad opening '24:00'"),
        (a_calendar(holidays=("2026-02-30",)), "holidays: bad date '2026-02-30'"),
        (a_calendar(overrides={"3 March": ()}), "overrides: bad date '3 March'"),
        (
            a_calendar(overrides={"2026-03-03": (("10:00", "25:00"),)}),
            "overrides.2026-03-03: bad time '25:00'",
        ),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(calendar: Calendar, problem: str) -> None:
    found = problems(calendar)

    assert len(found) == 1
    assert found[0].startswith(problem)
    with pytest.raises(ValueError, match=problem.split(": ")[1]):
        Hours(calendar)


@pytest.mark.parametrize(
    ("shifts", "problem"),
    [
        (
            (("12:00", "18:00"), ("09:00", "13:00")),
            "weekly.mon: 12:00-18:00 overlaps 09:00-13:00",
        ),
        (
            (("20:00", "04:00"), ("22:00", "23:00")),
            "weekly.mon: 22:00-23:00 overlaps 20:00-04:00",
        ),
        (
            (("09:00", "17:00"), ("09:00", "17:00")),
            "weekly.mon: 09:00-17:00 overlaps 09:00-17:00",
        ),
    ],
)
def test_intervals_of_a_day_that_overlap_are_named(shifts: Intervals, problem: str) -> None:
    assert problems(a_calendar(*shifts, days=("mon",))) == (problem,)


def test_one_long_interval_over_two_others_is_named_with_both() -> None:
    shifts = (("08:00", "20:00"), ("09:00", "10:00"), ("12:00", "13:00"))

    assert problems(a_calendar(*shifts, days=("mon",))) == (
        "weekly.mon: 09:00-10:00 overlaps 08:00-20:00",
        "weekly.mon: 12:00-13:00 overlaps 08:00-20:00",
    )


def test_a_night_that_runs_into_the_next_days_hours_is_named() -> None:
    weekly: dict[str, Intervals] = {"sun": (("22:00", "06:00"),), "mon": (("05:00", "13:00"),)}

    assert problems(Calendar(timezone="UTC", weekly=weekly)) == (
        "weekly.mon: 05:00-13:00 overlaps sun 22:00-06:00",
    )


def test_every_problem_is_named_at_once() -> None:
    calendar = a_calendar(("09:00", "7pm"), zone="Nowhere", days=("mon", "Tue"), holidays=("x",))

    assert len(problems(calendar)) == 5
