"""Was what was promised kept? A ticket's clocks, a pure function of its moments and terms.

Order, duplicates and replays of moments cannot change them (design 9). Working time is exact to the
microsecond; a clock is met while its elapsed working time is at most its target.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import msgspec

from schemas.states import ClockName
from schemas.tickets import Moment, SlaTerms
from services.notify.domain.runs import Run, runs_of
from services.notify.domain.timeline import in_order, pauses_of
from worktime.always import ALWAYS
from worktime.hours import Hours, hours_of
from worktime.pauses import Pause

WHOLE = 1.0
"""The share of the target whose passing is the breach."""


class ClockState(StrEnum):
    """Where a clock stands by its moments alone; an open one may be overdue by now."""

    open = "open"
    met = "met"
    breached = "breached"
    cancelled = "cancelled"


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """A share of the target and the instant at which it is used up; None while on hold."""

    share: float
    at: datetime | None


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """One cycle of one promise; ``elapsed`` is working time, None while the clock runs.

    ``due_at`` is the first instant by which the target is used up, closing time if it is used up
    there. A threshold from the whole target on lies at the last instant that still keeps it, which
    is the next opening then: an answer during the night in between is in time (sla/README).
    ``cut_short`` says that something else stopped it than what it waits for. A promise with a date
    is kept by the clock on the wall: no hours and no pause move it.
    """

    name: ClockName
    cycle: int
    target: timedelta
    started_at: datetime
    posted_at: datetime
    received_at: datetime
    due_at: datetime | None
    thresholds: tuple[Threshold, ...]
    stopped_at: datetime | None
    elapsed: timedelta | None
    state: ClockState
    cut_short: bool = False

    @property
    def key(self) -> tuple[ClockName, int]:
        """Which clock of the ticket, and which cycle of it."""
        return self.name, self.cycle

    @property
    def late_after(self) -> datetime | None:
        """The last instant at which stopping keeps the promise; None while on hold."""
        return next(t.at for t in self.thresholds if t.share == WHOLE)

    @property
    def waited_since_posted(self) -> timedelta | None:
        """Wall time from the customer's words to the stop; None while the clock runs."""
        return self.waited_until(self.stopped_at) if self.stopped_at else None

    def waited_until(self, at: datetime) -> timedelta:
        """Wall time from the customer's words to an instant; none before them."""
        return max(at - self.posted_at, timedelta(0))

    def known_until(self, at: datetime) -> timedelta:
        """Wall time from when we could have read the words to an instant; none before that."""
        return max(at - self.received_at, timedelta(0))


def clocks(moments: Iterable[Moment], terms: SlaTerms) -> tuple[Clock, ...]:
    """Every cycle of every clock, in the order of their starts; ``ValueError`` for a calendar."""
    ordered = in_order(moments)
    shares = tuple(sorted({WHOLE, *(share for share in terms.thresholds if share > 0)}))
    gauge = _Gauge(hours_of(terms.calendar), pauses_of(ordered), shares)
    return tuple(_clock(run, terms, gauge) for run in runs_of(ordered, terms))


class _Gauge(NamedTuple):
    hours: Hours
    pauses: tuple[Pause, ...]
    shares: tuple[float, ...]


def _clock(run: Run, terms: SlaTerms, gauge: _Gauge) -> Clock:
    target = timedelta(seconds=getattr(terms.targets, run.name.value))
    if run.until:
        target, gauge = run.until - run.started_at, gauge._replace(hours=_WALL, pauses=())
    elapsed = None
    if run.stopped_at:
        elapsed = gauge.hours.elapsed(run.started_at, run.stopped_at, gauge.pauses)
    return Clock(
        name=run.name,
        cycle=run.cycle,
        target=target,
        started_at=run.started_at,
        posted_at=run.posted_at,
        received_at=run.received_at,
        due_at=gauge.hours.due(run.started_at, target, gauge.pauses),
        thresholds=tuple(
            Threshold(share=share, at=_used_up(gauge, run.started_at, target, share))
            for share in gauge.shares
        ),
        stopped_at=run.stopped_at,
        elapsed=elapsed,
        state=_state(run, elapsed, target),
        cut_short=run.cut_short,
    )


def _used_up(gauge: _Gauge, start: datetime, target: timedelta, share: float) -> datetime | None:
    budget = target * share
    if share < WHOLE:
        return gauge.hours.due(start, budget, gauge.pauses)
    over = gauge.hours.due(start, budget + timedelta.resolution, gauge.pauses)
    return over and over - timedelta.resolution


def _state(run: Run, elapsed: timedelta | None, target: timedelta) -> ClockState:
    if elapsed is None:
        return ClockState.open
    if elapsed > target:
        return ClockState.breached
    return ClockState.cancelled if run.cut_short else ClockState.met


_WALL = hours_of(ALWAYS)
