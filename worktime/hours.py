"""How much working time has passed, and when will enough have? A calendar, compiled.

Every answer is exact to the microsecond and in UTC. Years are compiled when a question first needs
them and kept, so one ``Hours`` should serve all tickets that share a calendar. Calendars cover the
years 1900 to 2199 (UTC); outside of them everybody is closed.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec

from schemas.calendars import Calendar
from worktime.pauses import Pause, paused_since
from worktime.shifts import Shifts, read_shifts
from worktime.spans import Spans, spans_of_year, year_of
from worktime.walls import LAST_YEAR, to_instant, to_micros


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

    def elapsed(self, start: datetime, end: datetime, pauses: Iterable[Pause] = ()) -> timedelta:
        """Working time from ``start`` to ``end`` outside the pauses; none where they are reversed.

        A target is met while this is at most the target (sla/README).
        """
        since, until = to_micros(start), to_micros(end)
        paused = sum(
            self._worked(begun, min(ended, until)) for begun, ended in paused_since(since, pauses)
        )
        return timedelta(microseconds=self._worked(since, until) - paused)

    def due(
        self, start: datetime, budget: timedelta, pauses: Iterable[Pause] = ()
    ) -> datetime | None:
        """The first instant by which ``budget`` has elapsed, closing time if it is spent there.

        It is ``start`` for no budget, and None where the hours until the end of 2199 or a pause
        that still runs never leave enough.
        """
        cursor, needed = to_micros(start), budget // timedelta.resolution
        if needed <= 0:
            return to_instant(cursor)
        for begun, ended in paused_since(cursor, pauses):
            worked = self._worked(cursor, begun)
            if worked >= needed:
                break
            cursor, needed = ended, needed - worked
        return self._reached(cursor, needed)

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

    def _worked(self, since: int, until: int) -> int:
        years = range(year_of(since), year_of(until) + 1) if since < until else ()
        return sum(
            spans.worked_before(until) - spans.worked_before(since)
            for spans in map(self._spans, years)
        )

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
        if year not in self._years:
            self._years[year] = self._compile_year(self._shifts, year)
        return self._years[year]


def hours_of(calendar: Calendar) -> Hours:
    """The compiled hours of a calendar, compiled once however often the calendar comes."""
    return _compiled(msgspec.json.encode(calendar))


@lru_cache(maxsize=256)
def _compiled(encoded: bytes) -> Hours:
    return Hours(msgspec.json.decode(encoded, type=Calendar))
