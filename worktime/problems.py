"""What is wrong with a calendar? Everything at once, each with its place, for whoever wrote it."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from schemas.calendars import Calendar
from worktime.shifts import DAY, Shift, read_shift, read_weekday
from worktime.walls import WEEKDAYS, read_date, read_zone


class _Named(NamedTuple):
    shift: Shift
    name: str


def problems(calendar: Calendar) -> tuple[str, ...]:
    """Each zone, day, date and time that cannot be read, and all shifts that overlap; none if fine.

    ``Hours`` refuses the former and counts the time of the latter once.
    """
    return (
        *_refused(read_zone, "timezone", [calendar.timezone]),
        *_refused(read_weekday, "weekly", calendar.weekly),
        *_refused(read_date, "overrides", calendar.overrides),
        *_refused(read_date, "holidays", calendar.holidays),
        *_day_problems("weekly", calendar.weekly),
        *_day_problems("overrides", calendar.overrides),
        *_night_problems(calendar),
    )


def _refused(read: Callable[[str], object], place: str, texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        try:
            read(text)
        except ValueError as error:
            yield f"{place}: {error}"


def _day_problems(place: str, days: dict[str, tuple[tuple[str, str], ...]]) -> Iterator[str]:
    for day, intervals in days.items():
        for interval in intervals:
            try:
                read_shift(interval)
            except ValueError as error:
                yield f"{place}.{day}: {error}"
        for earlier, later in _overlaps(_readable(intervals)):
            yield f"{place}.{day}: {later.name} overlaps {earlier.name}"


def _night_problems(calendar: Calendar) -> Iterator[str]:
    for number, day in enumerate(WEEKDAYS):
        eve = WEEKDAYS[number - 1]
        nights = [
            _Named((opens - DAY, closes - DAY), f"{eve} {name}")
            for (opens, closes), name in _readable(calendar.weekly.get(eve, ()))
        ]
        for night in nights:
            for named in _readable(calendar.weekly.get(day, ())):
                if named.shift[0] < night.shift[1]:
                    yield f"weekly.{day}: {named.name} overlaps {night.name}"


def _readable(intervals: tuple[tuple[str, str], ...]) -> list[_Named]:
    named = []
    for interval in intervals:
        try:
            named.append(_Named(read_shift(interval), "-".join(interval)))
        except ValueError:  # already named by _day_problems
            continue
    return sorted(named)


def _overlaps(named: list[_Named]) -> Iterator[tuple[_Named, _Named]]:
    for later, last in enumerate(named):
        for earlier in named[:later]:
            if last.shift[0] < earlier.shift[1]:
                yield earlier, last
