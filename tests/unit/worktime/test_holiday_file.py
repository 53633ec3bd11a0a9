"""Do a file's whole-day events become the dates on which people are off, and nothing else?"""

# Three inputs that break the easy version:
# 1. DTEND of a whole-day event is the day after the last one: who includes it closes a workday.
# 2. A yearly event, one year of which was moved: RECURRENCE-ID stands in another event.
# 3. UNTIL with a time, as Google writes it for whole days, which dateutil refuses; INTERVAL=0,
#    with which it never ends.

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.worktime.holiday_files import an_event, an_ics
from worktime.holiday_file import DAYS_AT_MOST, closed_days

YEARS = range(2025, 2029)


def days(*events: str) -> list[str]:
    found = closed_days(an_ics(*events), YEARS)
    assert found.problems == ()
    return list(found.days)


def problems(*events: str) -> tuple[str, ...]:
    return closed_days(an_ics(*events), YEARS).problems


@pytest.mark.parametrize(
    "name", ["Майские праздники", "Ден на храбростта", "Company day", "Отпуск; всем, кто хотел"]
)
def test_a_whole_day_is_closed_under_its_name(name: str) -> None:
    found = closed_days(an_ics(an_event("20260504", name=name)), YEARS)

    assert found.days == {"2026-05-04": name}


def test_an_event_of_several_days_closes_each_but_not_the_day_on_which_it_ends() -> None:
    assert days(an_event("20261230", "DTEND;VALUE=DATE:20270102")) == [
        "2026-12-30",
        "2026-12-31",
        "2027-01-01",
    ]
    assert days(an_event("20260504", "DURATION:P2D")) == ["2026-05-04", "2026-05-05"]


def test_a_yearly_event_closes_its_day_in_each_of_the_years_from_its_start_on() -> None:
    assert days(an_event("20260303", "RRULE:FREQ=YEARLY")) == [
        "2026-03-03",
        "2027-03-03",
        "2028-03-03",
    ]
    assert days(an_event("19990303", "RRULE:FREQ=YEARLY;INTERVAL=2")) == [
        "2025-03-03",
        "2027-03-03",
    ]


def test_a_yearly_event_that_began_in_the_old_year_closes_the_first_days_of_the_new() -> None:
    assert days(an_event("20201231", "DTEND;VALUE=DATE:20210102", "RRULE:FREQ=YEARLY;COUNT=5")) == [
        "2025-01-01"
    ]


def test_a_yearly_rule_may_name_a_weekday() -> None:
    assert days(an_event("20200525", "RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO")) == [
        "2025-05-26",
        "2026-05-25",
        "2027-05-31",
        "2028-05-29",
    ]


@pytest.mark.parametrize("until", ["20270303", "20270303T215959Z", "20270303T000000"])
def test_a_yearly_rule_ends_with_its_last_day(until: str) -> None:
    assert days(an_event("20250303", f"RRULE:FREQ=YEARLY;UNTIL={until}")) == [
        "2025-03-03",
        "2026-03-03",
        "2027-03-03",
    ]


def test_a_year_that_was_left_out_is_a_workday_and_a_day_that_was_added_is_none() -> None:
    assert days(
        an_event(
            "20250303",
            "RRULE:FREQ=YEARLY;COUNT=3",
            "EXDATE;VALUE=DATE:20260303",
            "RDATE;VALUE=DATE:20260302",
        )
    ) == ["2025-03-03", "2026-03-02", "2027-03-03"]


def test_a_year_that_was_moved_is_off_where_it_was_moved_to() -> None:
    series = an_event("20250303", "UID:day", "RRULE:FREQ=YEARLY;COUNT=3")
    moved = an_event("20260306", "UID:day", "RECURRENCE-ID;VALUE=DATE:20260303")
    gone = an_event("20270303", "UID:day", "RECURRENCE-ID;VALUE=DATE:20270303", "STATUS:CANCELLED")

    assert days(series, moved, gone) == ["2025-03-03", "2026-03-06"]
    assert days(gone, moved, series) == ["2025-03-03", "2026-03-06"]


def test_a_cancelled_event_is_a_workday_whatever_it_says_of_time() -> None:
    party = an_event("20260505T190000Z", "STATUS:CANCELLED", name="Party")

    assert days(an_event("20260504"), an_event("20260506", "STATUS:CANCELLED"), party) == [
        "2026-05-04"
    ]


def test_an_event_with_a_time_is_named_by_its_date() -> None:
    assert problems(an_event("20260504"), an_event("20260505T190000Z", name="Вечеря")) == (
        "event of 2026-05-05 'Вечеря': expected a whole day (VALUE=DATE), got a time of day",
    )


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["RRULE:FREQ=MONTHLY"], "expected a yearly rule, got FREQ=MONTHLY"),
        (["RRULE:FREQ=YEARLY;BYSECOND=1,2"], "expected a yearly rule"),
        (["RRULE:FREQ=YEARLY;INTERVAL=0"], "expected an interval of a year or more"),
        (["DTEND;VALUE=DATE:20260504"], "expected 1 to 4000 days, got 0"),
        (["DTEND;VALUE=DATE:20260501"], "expected 1 to 4000 days, got -3"),
        (["DTEND;VALUE=DATE:2026-05-05"], "cannot read DTEND"),
        (["DTEND:20260505T100000Z"], "DTSTART and DTEND must be of the same type"),
        (["DTEND;VALUE=DATE:99991231"], "expected 1 to 4000 days"),
        (["RRULE:FREQ=SOMETIMES"], "cannot read RRULE"),
        (["RRULE:FREQ=YEARLY;COUNT=2;UNTIL=20280504"], "expected COUNT or UNTIL"),
        (["DURATION:20260505"], "expected a DURATION such as P1D"),
        (["RECURRENCE-ID:P1D"], "expected a date in RECURRENCE-ID"),
    ],
)
def test_what_cannot_be_read_is_said_of_its_event(lines: list[str], why: str) -> None:
    (problem,) = problems(an_event("20260504", *lines, name="Ден"))

    assert problem.startswith("event of 2026-05-04 'Ден': ")
    assert why in problem


def test_an_event_without_a_date_is_named_all_the_same() -> None:
    text = an_ics("BEGIN:VEVENT\r\nSUMMARY:Когда-нибудь\r\nEND:VEVENT")

    (problem,) = closed_days(text, YEARS).problems

    assert problem.startswith("event without a date 'Когда-нибудь': ")


@pytest.mark.parametrize("text", ["", "hello", "BEGIN:VCALENDAR\r\n", "END:VEVENT"])
def test_what_is_no_calendar_is_refused(text: str) -> None:
    (problem,) = closed_days(text, YEARS).problems

    assert problem.startswith(("expected iCalendar (RFC 5545)", "expected whole-day events"))


def test_a_file_that_closes_nothing_is_a_mistake() -> None:
    assert problems(an_event("20240504")) == (
        "expected whole-day events in 2025 to 2028, found none",
    )


def test_a_file_that_closes_everything_is_none_either() -> None:
    year_by_year = [
        an_event("20250101", "DURATION:P3999D"),
        an_event("19900101", "RRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU"),
    ]

    found = closed_days(an_ics(*year_by_year), range(2020, 2051))

    assert found.problems == (f"expected at most {DAYS_AT_MOST} days off",)


NAMES = (
    *("DTSTART", "DTSTART;VALUE=DATE", "DTSTART;TZID=Europe/Sofia", "DTEND", "DTEND;VALUE=DATE"),
    *("DURATION", "RRULE", "EXDATE", "RDATE", "RDATE;VALUE=PERIOD", "RECURRENCE-ID", "STATUS"),
    *("UID", "SUMMARY", "BEGIN", "END"),
)
VALUES = (
    *("20260504", "20260504T100000Z", "20260504/P1D", "20260504,20270504", "99991231", "00010101"),
    *("P1D", "-P1D", "P99999999999D", "PT5H", "CANCELLED", "VEVENT", "VCALENDAR", "", ":;", "\0"),
    *("FREQ=YEARLY", "FREQ=YEARLY;UNTIL=20300101", "FREQ=YEARLY;COUNT=0", "FREQ=YEARLY;WKST=QQ"),
    *("FREQ=YEARLY;BYDAY=54MO", "FREQ=YEARLY;BYSETPOS=0", "FREQ=YEARLY;INTERVAL=99999999999"),
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=6))
def test_whatever_a_file_holds_is_days_or_said(lines: list[tuple[str, str]]) -> None:
    odd = "\r\n".join(["BEGIN:VEVENT", *(f"{name}:{value}" for name, value in lines), "END:VEVENT"])

    found = closed_days(an_ics(odd), YEARS)

    assert found.days or found.problems
    assert all(int(day[:4]) in YEARS for day in found.days)
