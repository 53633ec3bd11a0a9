"""What would somebody with a wall clock and a pencil say? Working time, one minute at a time.

It shares nothing with ``worktime``: it only ever turns an instant into local time, minute by
minute, and reads an interval's edge off that list.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from schemas.calendars import Calendar

MINUTE = timedelta(minutes=1)
DAY_MINUTES = 24 * 60
MARGIN_DAYS = 3  # a shift started yesterday, in a zone a day ahead
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Window(NamedTuple):
    """Minutes from ``start`` (UTC) that the oracle counts; it looks a few days past both edges."""

    zone: str
    start: datetime
    days: int = 4


def open_minutes(calendar: Calendar, window: Window) -> list[bool]:
    """Is the team there in each minute of the window?"""
    clock = _wall_clock(window)
    shown = {wall.date() for wall in clock}
    minutes = [False] * len(clock)
    for day in shown:
        for opens, closes in _intervals(calendar, day):
            start = _first_minute(window, day, opens)
            end = _first_minute(window, day, closes if closes > opens else closes + DAY_MINUTES)
            for minute in range(start, min(end, len(clock))):
                minutes[minute] = True
    edge = MARGIN_DAYS * DAY_MINUTES
    return minutes[edge:-edge]


def paused_minutes(
    pauses: Sequence[tuple[datetime, datetime | None]], window: Window
) -> list[bool]:
    """Is the ticket on hold in each minute of the window?"""
    size = window.days * DAY_MINUTES
    instants = [window.start + minute * MINUTE for minute in range(size)]
    return [
        any(start <= at and (end is None or at < end) for start, end in pauses) for at in instants
    ]


def working_time(
    calendar: Calendar,
    start: datetime,
    stop: datetime,
    off: Sequence[tuple[datetime, datetime]] = (),
) -> timedelta:
    """Open time between two instants, a minute at a time, the first and last in part."""
    if stop <= start:
        return timedelta(0)
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    days = (stop - midnight).days + 1
    opened = _opened(msgspec.json.encode(calendar), midnight, days)
    edges = sorted({start, stop, *(edge for hold in off for edge in hold if start < edge < stop)})
    total = timedelta(0)
    for begin, end in pairwise(edges):
        if not any(since <= begin and end <= until for since, until in off):
            total += _open_between(opened, midnight, begin, end)
    return total


@cache
def _opened(calendar: bytes, midnight: datetime, days: int) -> Sequence[bool]:
    hours = msgspec.json.decode(calendar, type=Calendar)
    return open_minutes(hours, Window(zone=hours.timezone, start=midnight, days=days))


def _open_between(
    opened: Sequence[bool], midnight: datetime, begin: datetime, end: datetime
) -> timedelta:
    first, last = ((at - midnight) // MINUTE for at in (begin, end))
    if first == last:
        return (end - begin) * opened[first]
    head = (midnight + (first + 1) * MINUTE - begin) * opened[first]
    tail = (end - midnight - last * MINUTE) * opened[last]
    return head + sum(opened[first + 1 : last]) * MINUTE + tail


def _intervals(calendar: Calendar, day: date) -> list[tuple[int, int]]:
    usual = (
        () if day.isoformat() in calendar.holidays else calendar.weekly.get(NAMES[day.weekday()])
    )
    texts = calendar.overrides.get(day.isoformat(), usual) or ()
    return [(_minutes(opens), _minutes(closes)) for opens, closes in texts]


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


@cache
def _wall_clock(window: Window) -> list[datetime]:
    zone = ZoneInfo(window.zone)
    first = window.start - timedelta(days=MARGIN_DAYS)
    size = (window.days + 2 * MARGIN_DAYS) * DAY_MINUTES
    instants = (first + minute * MINUTE for minute in range(size))
    return [at.astimezone(zone).replace(tzinfo=None, fold=0) for at in instants]


@cache
def _first_seen(window: Window) -> dict[datetime, int]:
    seen: dict[datetime, int] = {}
    for minute, wall in enumerate(_wall_clock(window)):
        seen.setdefault(wall, minute)
    return seen


@cache
def _first_minute(window: Window, day: date, minutes: int) -> int:
    """The first minute that shows this wall time, or as long after the last one before the gap."""
    wall = datetime.combine(day, time.min) + minutes * MINUTE
    clock = _wall_clock(window)
    if wall in (seen := _first_seen(window)):
        return seen[wall]
    if wall < clock[0]:
        return 0
    before = max((m for m, shown in enumerate(clock) if shown < wall), default=0)
    return before + (wall - clock[before]) // MINUTE
