"""Which shifts start on a date? A calendar read once, still in wall time."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from schemas.calendars import Calendar
from worktime.walls import WEEKDAYS, read_date, read_wall, read_zone

DAY = timedelta(days=1)

Shift: TypeAlias = tuple[timedelta, timedelta]
"""Opening and closing as wall time since the midnight of the date on which the shift starts."""


@dataclass(frozen=True, slots=True)
class Shifts:
    """A calendar's shifts by weekday and, where the weekday does not hold, by date."""

    zone: ZoneInfo
    weekly: tuple[tuple[Shift, ...], ...]
    exceptions: dict[date, tuple[Shift, ...]]

    def starting_on(self, day: date) -> tuple[Shift, ...]:
        """The shifts that start on this date; they may end on the next."""
        return self.exceptions.get(day, self.weekly[day.weekday()])


def read_shifts(calendar: Calendar) -> Shifts:
    """The calendar's shifts, or ``ValueError`` naming the first thing that cannot be read."""
    for day in calendar.weekly:
        read_weekday(day)
    closed = {read_date(day): () for day in calendar.holidays}
    replaced = {read_date(day): _read_day(shifts) for day, shifts in calendar.overrides.items()}
    return Shifts(
        zone=read_zone(calendar.timezone),
        weekly=tuple(_read_day(calendar.weekly.get(day, ())) for day in WEEKDAYS),
        exceptions={**closed, **replaced},
    )


def read_weekday(name: str) -> int:
    """The weekday ``mon`` to ``sun`` counted from Monday as 0, or ``ValueError``."""
    if name not in WEEKDAYS:
        raise ValueError(f"unknown day {name!r}, expected mon to sun")
    return WEEKDAYS.index(name)


def read_shift(interval: tuple[str, str]) -> Shift:
    """The shift of an interval, ending on the next date unless after its start; ``ValueError``."""
    opens, closes = map(read_wall, interval)
    if opens >= DAY:
        raise ValueError(f"bad opening {interval[0]!r}, only a closing time may be 24:00")
    return opens, closes if closes > opens else closes + DAY


def _read_day(intervals: tuple[tuple[str, str], ...]) -> tuple[Shift, ...]:
    return tuple(map(read_shift, intervals))
