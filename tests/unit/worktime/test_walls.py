"""Does a wall clock's time become the right instant, in gaps, folds and odd zones?"""

import pytest

from tests.unit.worktime.calendars import at
from worktime.walls import wall_to_utc


@pytest.mark.parametrize(
    ("zone", "date", "wall", "instant"),
    [
        ("Europe/Sofia", "2026-03-28", "03:30", "2026-03-28T01:30Z"),
        ("Europe/Sofia", "2026-03-29", "03:30", "2026-03-29T01:30Z"),  # the gap: it shows 04:30
        ("Europe/Sofia", "2026-10-25", "03:30", "2026-10-25T00:30Z"),  # the fold: the first
        ("America/New_York", "2026-03-08", "02:00", "2026-03-08T07:00Z"),
        ("Europe/Moscow", "2013-07-01", "09:00", "2013-07-01T05:00Z"),
        ("Europe/Moscow", "2015-07-01", "09:00", "2015-07-01T06:00Z"),
        ("Pacific/Apia", "2011-12-30", "10:00", "2011-12-30T20:00Z"),  # it shows the 31st
        ("Asia/Kathmandu", "2026-01-01", "24:00", "2026-01-01T18:15Z"),
        ("UTC", "2026-01-01", "23:59:30", "2026-01-01T23:59:30Z"),
        ("Asia/Tokyo", "1900-01-01", "00:00", "1899-12-31T15:00Z"),
        ("America/New_York", "2199-12-31", "24:00", "2200-01-01T05:00Z"),
    ],
)
def test_a_gap_shifts_forward_and_a_fold_takes_the_first(
    zone: str, date: str, wall: str, instant: str
) -> None:
    assert wall_to_utc(zone, date, wall) == at(instant)


@pytest.mark.parametrize(
    ("zone", "date", "wall", "complaint"),
    [
        ("Mars/Olympus", "2026-01-01", "09:00", "unknown time zone 'Mars/Olympus'"),
        ("", "2026-01-01", "09:00", "unknown time zone"),
        ("Europe", "2026-01-01", "09:00", "unknown time zone"),
        ("../UTC", "2026-01-01", "09:00", "unknown time zone"),
        ("UTC", "20260101", "09:00", "bad date '20260101'"),
        ("UTC", "2026-02-29", "09:00", "bad date"),
        ("UTC", "0001-01-01", "09:00", "bad date"),
        ("UTC", "2200-01-01", "09:00", "bad date"),
        ("UTC", "2026-01-01", "9:00", "bad time '9:00'"),
        ("UTC", "2026-01-01", "24:01", "bad time"),
        ("UTC", "2026-01-01", "٠٩:٠٠", "bad time"),
        ("UTC", "2026-01-01", "09:00\n", "bad time"),
    ],
)
def test_what_no_clock_shows_is_refused(zone: str, date: str, wall: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        wall_to_utc(zone, date, wall)
