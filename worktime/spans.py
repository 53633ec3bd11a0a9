"""When, in UTC, is a team there in one year? Shifts compiled to spans that bisection can search."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from worktime.shifts import DAY, Shifts
from worktime.walls import FIRST_YEAR, LAST_YEAR, micros_at, to_micros

Span: TypeAlias = tuple[int, int]
"""Half open, in microseconds since 1970 (UTC)."""

_NO_TIME = timedelta(0)
_DAYS_BEFORE = 4  # a shift may last a day, start a day late in UTC and cross a gap of a day
_YEAR_STARTS = tuple(
    to_micros(datetime(year, 1, 1, tzinfo=UTC)) for year in range(FIRST_YEAR, LAST_YEAR + 2)
)
END_OF_TIME = _YEAR_STARTS[-1]


class Spans(NamedTuple):
    """Sorted disjoint spans of one UTC year; ``totals`` has the time before each and after all."""

    starts: Sequence[int]
    ends: Sequence[int]
    totals: Sequence[int]

    def worked_before(self, at: int) -> int:
        """Microseconds of these spans that lie before the instant."""
        index = bisect_right(self.starts, at)
        if index == 0:
            return 0
        return self.totals[index - 1] + min(at, self.ends[index - 1]) - self.starts[index - 1]

    def reached(self, worked: int) -> int | None:
        """The first instant with so many (above 0) microseconds before it; None if too few."""
        index = bisect_left(self.totals, worked)
        if index == len(self.totals):
            return None
        return self.starts[index - 1] + worked - self.totals[index - 1]

    def opening(self, at: int) -> int | None:
        """The first instant inside a span, from this one on; None after the last span."""
        index = bisect_right(self.starts, at)
        if index > 0 and at < self.ends[index - 1]:
            return at
        return self.starts[index] if index < len(self.starts) else None


def year_of(at: int) -> int:
    """The UTC year of an instant, or the nearest year that calendars cover."""
    return FIRST_YEAR - 1 + bisect_right(_YEAR_STARTS, at, 1, len(_YEAR_STARTS) - 1)


def spans_of_year(shifts: Shifts, year: int) -> Spans:
    """Compile the shifts of one UTC year (1900 to 2199), shifts over its edges cut there."""
    since, until = _YEAR_STARTS[year - FIRST_YEAR], _YEAR_STARTS[year - FIRST_YEAR + 1]
    spans = united(
        (max(start, since), min(end, until)) for start, end in _spans_around(shifts, year)
    )
    return Spans(
        starts=[start for start, _ in spans],
        ends=[end for _, end in spans],
        totals=list(accumulate((end - start for start, end in spans), initial=0)),
    )


def united(spans: Iterable[Span]) -> list[Span]:
    """Sort spans, drop empty and reversed ones, and join those that overlap or touch."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _spans_around(shifts: Shifts, year: int) -> Iterator[Span]:
    day, last = date(year, 1, 1) - _DAYS_BEFORE * DAY, date(year + 1, 1, 2)
    while day <= last:
        starting = shifts.starting_on(day)
        if starting and _exists(shifts.zone, day):
            for opens, closes in starting:
                yield micros_at(shifts.zone, day, opens), micros_at(shifts.zone, day, closes)
        day += DAY


def _exists(zone: ZoneInfo, day: date) -> bool:
    """False for a date that the zone skipped, such as 2011-12-30 in Pacific/Apia."""
    return micros_at(zone, day, _NO_TIME) < micros_at(zone, day + DAY, _NO_TIME)
