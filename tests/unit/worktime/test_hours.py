"""Do worked examples of elapsed, due, open and remind come out as a duty manager expects?"""

# Three inputs that break the easy version:
# 1. A shift 22:00-06:00 in Europe/Sofia on the night of 2026-03-29. Wall times subtracted say
#    eight hours; seven pass. On the night of 2026-10-25 nine do.
# 2. A team in Pacific/Apia open every day, asked on 2011-12-29. The 30th never happened there: a
#    loop over dates hands out its hours, twice on the same instants as the 31st.
# 3. Pauses that overlap each other, start before the clock and end after closing time. Their
#    lengths subtracted one by one take away more than was ever worked.

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.unit.worktime.calendars import EVERY_DAY, Intervals, a_calendar, at
from worktime.always import ALWAYS
from worktime.hours import Hours
from worktime.walls import wall_to_utc

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
OFFICE = Hours(a_calendar())


@pytest.mark.parametrize(
    ("evening", "morning", "hours"),
    [
        ("2026-03-27T12:00+02:00", "2026-03-28T12:00+02:00", 8),
        ("2026-03-28T12:00+02:00", "2026-03-29T12:00+03:00", 7),
        ("2026-10-24T12:00+03:00", "2026-10-25T12:00+02:00", 9),
    ],
)
def test_a_night_shift_lasts_as_long_as_the_night_does(
    evening: str, morning: str, hours: int
) -> None:
    night = Hours(a_calendar(("22:00", "06:00"), zone="Europe/Sofia", days=EVERY_DAY))

    assert night.elapsed(at(evening), at(morning)) == hours * HOUR
    assert night.due(at(evening), hours * HOUR) == at(morning) - 6 * HOUR


def test_a_date_that_never_happened_has_no_hours() -> None:
    apia = Hours(a_calendar(("09:00", "17:00"), zone="Pacific/Apia", days=EVERY_DAY))

    assert apia.elapsed(at("2011-12-29T00:00-10:00"), at("2012-01-01T00:00+14:00")) == 16 * HOUR
    assert apia.due(at("2011-12-29T16:00-10:00"), 2 * HOUR) == at("2011-12-31T10:00+14:00")


def test_a_team_that_works_only_on_the_date_that_never_happened_does_not_work_on_the_next() -> None:
    fridays = Hours(a_calendar(("09:00", "17:00"), zone="Pacific/Apia", days=("fri",)))

    assert fridays.next_open(at("2011-12-24T00:00-10:00")) == at("2012-01-06T09:00+14:00")


def test_a_night_shift_into_a_date_that_never_happened_goes_on_in_the_next() -> None:
    apia = Hours(a_calendar(("22:00", "06:00"), zone="Pacific/Apia", days=("thu",)))

    assert apia.next_open(at("2011-12-29T12:00-10:00")) == at("2011-12-29T22:00-10:00")
    assert apia.elapsed(at("2011-12-29T12:00-10:00"), at("2012-01-02T00:00+14:00")) == 8 * HOUR
    assert apia.is_open(at("2011-12-31T05:59+14:00"))
    assert not apia.is_open(at("2011-12-31T06:00+14:00"))


def test_overlapping_pauses_remove_only_what_was_worked_and_only_once() -> None:
    pauses = [
        (at("2026-01-12T16:00Z"), at("2026-01-12T22:00Z")),
        (at("2026-01-11T08:00Z"), at("2026-01-12T10:00Z")),
        (at("2026-01-12T16:30Z"), at("2026-01-13T10:00Z")),
        (at("2026-01-12T15:30Z"), at("2026-01-12T16:15Z")),
    ]

    assert OFFICE.elapsed(at("2026-01-12T09:30Z"), at("2026-01-13T17:00Z"), pauses) == (
        5.5 * HOUR + 7 * HOUR
    )
    assert OFFICE.due(at("2026-01-12T09:30Z"), 6 * HOUR, pauses) == at("2026-01-13T10:30Z")


def test_a_pause_that_has_not_ended_stops_the_clock() -> None:
    pauses = [(at("2026-01-12T10:00Z"), None)]

    assert OFFICE.elapsed(at("2026-01-12T09:00Z"), at("2026-03-01T09:00Z"), pauses) == HOUR
    assert OFFICE.due(at("2026-01-12T09:00Z"), HOUR, pauses) == at("2026-01-12T10:00Z")
    assert OFFICE.due(at("2026-01-12T09:00Z"), 2 * HOUR, pauses) is None


def test_a_pause_that_ends_before_it_starts_pauses_nothing() -> None:
    pauses = [(at("2026-01-12T11:00Z"), at("2026-01-12T10:00Z"))]

    assert OFFICE.elapsed(at("2026-01-12T09:00Z"), at("2026-01-12T12:00Z"), pauses) == 3 * HOUR


def test_pauses_that_look_alike_and_are_not_are_told_apart() -> None:
    # Python calls the two half past three equal; between them an hour passed.
    always, zone = Hours(ALWAYS), ZoneInfo("Europe/Sofia")
    first = datetime(2026, 10, 25, 3, 30, tzinfo=zone)
    start, end = at("2026-10-25T00:00Z"), at("2026-10-25T12:00Z")

    early = always.elapsed(start, end, [(first, at("2026-10-25T02:00Z"))])
    late = always.elapsed(start, end, [(first.replace(fold=1), at("2026-10-25T02:00Z"))])

    assert first == first.replace(fold=1)
    assert (early, late) == (10.5 * HOUR, 11.5 * HOUR)


def test_a_list_of_pauses_that_was_added_to_is_asked_anew() -> None:
    start, end = at("2026-01-12T09:00Z"), at("2026-01-12T17:00Z")
    pauses = [(start, start + HOUR)]
    before = OFFICE.elapsed(start, end, pauses)

    pauses[0] = (start, start + 2 * HOUR)

    assert (before, OFFICE.elapsed(start, end, pauses)) == (7 * HOUR, 6 * HOUR)
    assert OFFICE.elapsed(start, end) == 8 * HOUR


def test_a_budget_spent_at_closing_time_is_due_at_closing_time() -> None:
    assert OFFICE.due(at("2026-01-16T16:00Z"), HOUR) == at("2026-01-16T17:00Z")
    assert OFFICE.due(at("2026-01-16T16:00Z"), HOUR + timedelta.resolution) == (
        at("2026-01-19T09:00Z") + timedelta.resolution
    )


def test_no_budget_is_due_at_once() -> None:
    assert OFFICE.due(at("2026-01-17T12:00Z"), timedelta(0)) == at("2026-01-17T12:00Z")
    assert OFFICE.due(at("2026-01-17T12:00Z"), -HOUR) == at("2026-01-17T12:00Z")


def test_no_time_elapses_backwards() -> None:
    assert OFFICE.elapsed(at("2026-01-13T12:00Z"), at("2026-01-12T12:00Z")) == timedelta(0)


def test_a_team_without_hours_is_never_due_and_never_open() -> None:
    closed = Hours(a_calendar(days=()))

    assert closed.due(at("2026-01-12T09:00Z"), HOUR) is None
    assert closed.next_open(at("2026-01-12T09:00Z")) is None
    assert closed.remind(at("2026-01-12T09:00Z"), 2 * HOUR, HOUR) is None


def test_hours_that_run_out_leave_the_rest_without_a_due_date() -> None:
    once = Hours(a_calendar(days=(), overrides={"2041-05-06": (("10:00", "12:00"),)}))

    assert once.due(at("2026-01-12T09:00Z"), 2 * HOUR) == at("2041-05-06T12:00Z")
    assert once.due(at("2026-01-12T09:00Z"), 3 * HOUR) is None
    assert once.next_open(at("2041-05-06T12:00Z")) is None


def test_an_override_replaces_a_day_and_wins_over_a_holiday() -> None:
    hours = Hours(
        a_calendar(
            ("09:00", "12:00"),
            ("13:00", "18:00"),
            overrides={"2026-03-04": (("10:00", "11:00"),), "2026-03-05": ()},
            holidays=("2026-03-03", "2026-03-04"),
        )
    )

    days = ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06"]
    worked = [hours.elapsed(at(f"{day}T00:00Z"), at(f"{day}T23:00Z")) // HOUR for day in days]

    assert worked == [8, 0, 1, 0, 8]


def test_a_holiday_leaves_the_shift_that_began_the_night_before() -> None:
    night = Hours(a_calendar(("22:00", "06:00"), holidays=("2026-01-14",)))

    assert night.is_open(at("2026-01-14T05:59Z"))
    assert not night.is_open(at("2026-01-14T22:00Z"))


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago"])
def test_the_shift_of_new_years_eve_goes_on_in_the_new_year(zone: str) -> None:
    eve = a_calendar(zone=zone, days=(), overrides={"2025-12-31": (("22:00", "21:00"),)})
    noon = at("2025-12-31T12:00Z")

    assert Hours(eve).elapsed(noon - 72 * HOUR, noon + 72 * HOUR) == 23 * HOUR
    assert Hours(eve).due(noon - 72 * HOUR, 23 * HOUR) == wall_to_utc(zone, "2026-01-01", "21:00")


@pytest.mark.parametrize("whole_day", [("00:00", "24:00"), ("00:00", "00:00")])
def test_a_whole_day_ends_where_the_next_one_starts(whole_day: tuple[str, str]) -> None:
    hours = Hours(a_calendar(whole_day, zone="Asia/Kathmandu", days=EVERY_DAY))

    assert hours.elapsed(at("2025-12-31T00:00Z"), at("2026-01-02T00:00Z")) == 48 * HOUR
    assert hours.next_open(at("2025-12-31T18:15Z")) == at("2025-12-31T18:15Z")


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Sofia", "2026-03-29", 23),
        ("Europe/Sofia", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Europe/Moscow", "2011-03-27", 23),  # onto summer time for good
        ("Europe/Moscow", "2014-10-26", 25),  # and off it again
        ("Europe/Moscow", "2026-03-29", 24),
        ("America/Sao_Paulo", "2018-11-04", 23),  # midnight itself is skipped
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
    ],
)
def test_a_whole_day_is_as_long_as_the_zone_makes_it(zone: str, day: str, hours: float) -> None:
    whole = Hours(a_calendar(zone=zone, days=(), overrides={day: (("00:00", "24:00"),)}))
    noon = at(f"{day}T12:00Z")

    assert whole.elapsed(noon - 48 * HOUR, noon + 48 * HOUR) == hours * HOUR


def test_an_edge_in_a_gap_shifts_forward_and_in_a_fold_is_the_first() -> None:
    new_york: dict[str, Intervals] = {
        "2026-03-08": (("01:00", "02:30"),),
        "2026-11-01": (("00:30", "01:30"),),
    }
    hours = Hours(a_calendar(zone="America/New_York", days=(), overrides=new_york))

    assert hours.due(at("2026-03-08T00:00-05:00"), 1.5 * HOUR) == at("2026-03-08T03:30-04:00")
    assert hours.due(at("2026-11-01T00:00-04:00"), HOUR) == at("2026-11-01T01:30-04:00")
    assert not hours.is_open(at("2026-11-01T01:00-05:00"))


def test_an_interval_inside_a_gap_is_empty() -> None:
    gap: dict[str, Intervals] = {"2026-03-08": (("02:00", "03:00"), ("02:30", "03:15"))}
    hours = Hours(a_calendar(zone="America/New_York", days=(), overrides=gap))

    assert hours.next_open(at("2026-03-07T00:00Z")) is None


def test_shifts_that_overlap_count_once() -> None:
    handover = Hours(a_calendar(("22:00", "06:00"), ("05:00", "13:00"), ("12:00", "14:00")))

    assert handover.elapsed(at("2026-01-13T00:00Z"), at("2026-01-14T00:00Z")) == 16 * HOUR


def test_next_open_is_now_while_open_and_the_opening_otherwise() -> None:
    assert OFFICE.next_open(at("2026-01-12T09:00Z")) == at("2026-01-12T09:00Z")
    assert OFFICE.next_open(at("2026-01-12T17:00Z")) == at("2026-01-13T09:00Z")
    assert OFFICE.next_open(at("2026-12-31T18:00Z")) == at("2027-01-01T09:00Z")


def test_a_reminder_is_counted_back_over_the_night() -> None:
    start = at("2026-01-12T16:30Z")

    assert OFFICE.remind(start, HOUR, 45 * MINUTE) == at("2026-01-12T16:45Z")
    assert OFFICE.remind(start, HOUR, 15 * MINUTE) == at("2026-01-13T09:15Z")


def test_a_reminder_is_counted_back_over_a_pause() -> None:
    pauses = [(at("2026-01-12T10:00Z"), at("2026-01-12T12:00Z"))]

    assert OFFICE.remind(at("2026-01-12T09:00Z"), 3 * HOUR, HOUR, pauses) == at("2026-01-12T13:00Z")


def test_a_reminder_longer_than_the_target_is_due_at_the_start() -> None:
    assert OFFICE.remind(at("2026-01-12T10:00Z"), HOUR, 2 * HOUR) == at("2026-01-12T10:00Z")


def test_a_due_date_that_does_not_exist_has_no_reminder() -> None:
    once = Hours(a_calendar(days=(), overrides={"2026-05-06": (("10:00", "12:00"),)}))

    assert once.remind(at("2026-01-12T10:00Z"), 3 * HOUR, 2 * HOUR) is None


def test_always_is_open_day_and_night() -> None:
    always = Hours(ALWAYS)

    assert always.elapsed(at("2019-06-01T00:00Z"), at("2026-06-01T00:00Z")) == timedelta(2557)
    assert always.due(at("2025-12-31T23:59:59.999999Z"), 96 * HOUR) == (
        at("2026-01-04T23:59:59.999999Z")
    )


def test_a_naive_instant_is_a_bug() -> None:
    with pytest.raises(TypeError, match="naive"):
        OFFICE.due(at("2026-01-12T09:00"), HOUR)


@pytest.mark.parametrize("instant", ["0001-01-01T00:00Z", "9999-12-31T23:59Z"])
def test_instants_outside_the_calendars_years_are_closed(instant: str) -> None:
    assert not Hours(ALWAYS).is_open(at(instant))


def test_a_calendar_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="Europe/Plovdiv"):
        Hours(a_calendar(zone="Europe/Plovdiv"))
