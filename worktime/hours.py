"""How much working time has passed, and when will enough have? A calendar, compiled.

Every answer is exact to the microsecond and in UTC. Years are compiled when a question first needs
them and kept, so one ``Hours`` should serve all tickets that share a calendar. The pauses of the
last question are kept compiled as well: a ticket asks many times with the same ones. Calendars
cover the years 1900 to 2199 (UTC); outside of them everybody is closed.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate

import msgspec

from schemas.calendars import Calendar
from worktime.pauses import Holds, Pause, paused
from worktime.shifts import Shifts, read_shifts
from worktime.spans import Spans, spans_of_year, year_of
from worktime.walls import LAST_YEAR, to_instant, to_micros

_NO_HOLDS = Holds((), (), (), ())


class Hours:
    """The working hours of a calendar; one that cannot be read is a ``ValueError``.

    Overlapping shifts count once. Every instant must be aware, else ``TypeError``.
    """

    def __init__(
        self, calendar: Calendar, compile_year: Callable[[Shifts, int], Spans] = spans_of_year
    ) -> None:
        self._shifts = read_shifts(calendar)
        self._compile_year = compile_year
        self._years: dict[int, Spans] = {}
        self._holds = _NO_HOLDS

    def elapsed(self, start: datetime, end: datetime, pauses: Iterable[Pause] = ()) -> timedelta:
        """Working time from ``start`` to ``end`` outside the pauses; none where they are reversed.

        A target is met while this is at most the target (sla/README).
        """
        since, until = to_micros(start), to_micros(end)
        holds = self._held(pauses)
        if until <= since:
            return timedelta(0)
        if not holds.starts:
            return timedelta(microseconds=self._worked(since, until))
        return timedelta(microseconds=self._free(holds, until) - self._free(holds, since))

    def due(
        self, start: datetime, budget: timedelta, pauses: Iterable[Pause] = ()
    ) -> datetime | None:
        """The first instant by which ``budget`` has elapsed, closing time if it is spent there.

        It is ``start`` for no budget, and None where the hours until the end of 2199 or a pause
        that still runs never leave enough.
        """
        since, needed = to_micros(start), budget // timedelta.resolution
        if needed <= 0:
            return to_instant(since)
        holds = self._held(pauses)
        if not holds.starts:
            return self._reached(since, needed)
        spent = self._free(holds, since) + needed
        passed = bisect_left(holds.free, spent)  # so many pauses begin before the budget is spent
        if passed == 0:
            return self._reached(since, needed)
        return self._reached(holds.ends[passed - 1], spent - holds.free[passed - 1])

    def remind(
        self, start: datetime, target: timedelta, before: timedelta, pauses: Iterable[Pause] = ()
    ) -> datetime | None:
        """The first instant with only ``before`` of working time left until ``target`` is due.

        It is ``start`` where ``before`` is longer than the target, None where that is never due.
        """
        holds = tuple(pauses)
        if self.due(start, target, holds) is None:
            return None
        return self.due(start, target - before, holds)

    def next_open(self, at: datetime) -> datetime | None:
        """``at`` itself while open, else the next opening; None if there is none until 2199."""
        instant = to_micros(at)
        for year in range(year_of(instant), LAST_YEAR + 1):
            opening = self._spans(year).opening(instant)
            if opening is not None:
                return to_instant(opening)
        return None

    def is_open(self, at: datetime) -> bool:
        """Whether the instant lies in working hours: at the opening yes, at the closing no."""
        instant = to_micros(at)
        return self._spans(year_of(instant)).opening(instant) == instant

    def _held(self, pauses: Iterable[Pause]) -> Holds:
        given = tuple(pauses)
        if not given:
            return _NO_HOLDS
        holds = self._holds
        if not holds.are_of(given):
            holds = self._holds = self._compile_holds(given)
        return holds

    def _compile_holds(self, pauses: tuple[Pause, ...]) -> Holds:
        spans = paused(pauses)
        starts, ends = [start for start, _ in spans], [end for _, end in spans]
        between = map(self._worked, ends, starts[1:])
        return Holds(pauses, starts, ends, list(accumulate(between, initial=0)))

    def _free(self, holds: Holds, at: int) -> int:
        """Working time outside the pauses since the first one began; negative before that."""
        begun = bisect_right(holds.starts, at)
        if begun == 0:
            return -self._worked(at, holds.starts[0])
        return holds.free[begun - 1] + self._worked(holds.ends[begun - 1], at)

    def _worked(self, since: int, until: int) -> int:
        worked = 0
        for year in range(year_of(since), year_of(until) + 1) if since < until else ():
            spans = self._spans(year)
            worked += spans.worked_before(until) - spans.worked_before(since)
        return worked

    def _reached(self, cursor: int, needed: int) -> datetime | None:
        for year in range(year_of(cursor), LAST_YEAR + 1):
            spans = self._spans(year)
            done = spans.worked_before(cursor)
            reached = spans.reached(done + needed)
            if reached is not None:
                return to_instant(reached)
            needed -= spans.totals[-1] - done
        return None

    def _spans(self, year: int) -> Spans:
        spans = self._years.get(year)
        if spans is None:
            spans = self._years[year] = self._compile_year(self._shifts, year)
        return spans


def hours_of(calendar: Calendar) -> Hours:
    """The compiled hours of a calendar, compiled once however often the calendar comes."""
    return _compiled(msgspec.json.encode(calendar))


@lru_cache(maxsize=256)
def _compiled(encoded: bytes) -> Hours:
    return Hours(msgspec.json.decode(encoded, type=Calendar))
