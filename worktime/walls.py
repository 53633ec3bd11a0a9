"""Which instant does a wall clock mean? Reads zones, dates and times of day as policies write them.

Instants are whole microseconds since 1970 inside ``worktime``, so that nothing is ever rounded.
"""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

FIRST_YEAR = 1900
LAST_YEAR = 2199
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MIDNIGHT = datetime.min.time()
_WALL = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?|24:00(:00)?")


def wall_to_utc(timezone: str, date: str, wall: str) -> datetime:
    """The instant when clocks in the zone show this date and time, or ``ValueError``.

    A time that a gap skips shifts forward by the gap, one that a fold repeats is the first, and
    ``24:00`` is the end of the date (sla/README, wall_clock_cases).
    """
    return to_instant(micros_at(read_zone(timezone), read_date(date), read_wall(wall)))


def micros_at(zone: ZoneInfo, day: date, wall: timedelta) -> int:
    """Microseconds since 1970 when clocks in the zone show the day's midnight plus ``wall``."""
    return to_micros(datetime.combine(day, _MIDNIGHT, zone) + wall)  # fold=0 is our rule: PEP 495


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970 of an aware instant; a naive one is a ``TypeError``."""
    return (instant - _EPOCH) // timedelta.resolution


def to_instant(micros: int) -> datetime:
    """The UTC instant so many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=micros)


def read_zone(name: str) -> ZoneInfo:
    """The IANA zone of this name, or ``ValueError``."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:  # a folder such as Europe is an OSError
        raise ValueError(
            f"unknown time zone {name!r}, expected one such as Europe/Sofia"
        ) from error


def read_date(text: str) -> date:
    """The date ``YYYY-MM-DD`` within the years that calendars cover, or ``ValueError``."""
    expected = f"expected YYYY-MM-DD from {FIRST_YEAR} to {LAST_YEAR}"
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"bad date {text!r}, {expected}") from error
    if day.isoformat() != text or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"bad date {text!r}, {expected}")
    return day


def read_wall(text: str) -> timedelta:
    """The wall time ``HH:MM`` or ``HH:MM:SS`` up to ``24:00`` since midnight, or ``ValueError``."""
    if not _WALL.fullmatch(text):
        raise ValueError(f"bad time {text!r}, expected HH:MM from 00:00 to 24:00")
    hours, minutes, seconds = [*map(int, text.split(":")), 0][:3]
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)
