"""Was what was promised kept? A ticket's clocks, a pure function of its moments and terms.

Order, duplicates and replays of moments cannot change them (design 9). Working time is exact to the
microsecond; a clock is met while its elapsed working time is at most its target.
"""

from collections.abc import Iterable, Sequence, Set
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import msgspec

from schemas.states import ClockName
from schemas.tickets import EarlierTerms, Folded, Moment, SlaTerms, Ticket
from services.notify.domain.runs import Run, runs_of
from services.notify.domain.terms import Held, TermsInTime
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
    """A share of the target and the instant at which it is used up; None while on hold.

    ``used`` is the working time by then: more than the share where the target came later.
    """

    share: float
    at: datetime | None
    used: timedelta


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


def clocks(
    moments: Iterable[Moment], terms: SlaTerms, earlier: Sequence[EarlierTerms] = ()
) -> tuple[Clock, ...]:
    """Every cycle of every clock that is promised, in the order of their starts.

    A running clock keeps its elapsed time when the terms change, and is judged by the new ones; one
    that has stopped keeps its verdict. ``ValueError`` for a calendar that cannot be read.
    """
    return _timed(in_order(moments), TermsInTime(terms, earlier), ()).clocks


class Timed(NamedTuple):
    """A ticket's clocks, and the cycles of them that were folded away."""

    clocks: tuple[Clock, ...]
    folded: Set[tuple[ClockName, int]]


def timed(ticket: Ticket) -> Timed:
    """The clocks of a ticket as it stands; ``ValueError`` for a calendar that cannot be read."""
    terms = TermsInTime(ticket.terms, ticket.earlier_terms)
    return _timed(in_order(ticket.moments), terms, ticket.folded)


def _timed(ordered: Sequence[Moment], terms: TermsInTime, folded: Sequence[Folded]) -> Timed:
    pauses, found = pauses_of(ordered), runs_of(ordered, terms, folded)
    clocks = (_clock(run, terms.judging(run.stopped_at), pauses) for run in found.runs)
    return Timed(tuple(clock for clock in clocks if clock), found.folded)


def _clock(run: Run, held: Held, pauses: tuple[Pause, ...]) -> Clock | None:
    seconds: int | None = getattr(held.terms.targets, run.name.value)
    if seconds is None:
        return None
    target, gauge = timedelta(seconds=seconds), _Gauge(hours_of(held.terms.calendar), pauses)
    if run.until:
        target, gauge = run.until - run.started_at, _Gauge(_WALL, ())
    elapsed = None
    if run.stopped_at:
        elapsed = gauge.hours.elapsed(run.started_at, run.stopped_at, gauge.pauses)
    shares = sorted({WHOLE, *(share for share in held.terms.thresholds if share > 0)})
    return Clock(
        name=run.name,
        cycle=run.cycle,
        target=target,
        started_at=run.started_at,
        posted_at=run.posted_at,
        received_at=run.received_at,
        due_at=gauge.hours.due(run.started_at, target, gauge.pauses),
        thresholds=tuple(gauge.threshold(run.started_at, target, s, held.since) for s in shares),
        stopped_at=run.stopped_at,
        elapsed=elapsed,
        state=_state(run, elapsed, target),
        cut_short=run.cut_short,
    )


class _Gauge(NamedTuple):
    hours: Hours
    pauses: tuple[Pause, ...]

    def threshold(
        self, start: datetime, target: timedelta, share: float, since: datetime
    ) -> Threshold:
        """When so much of the target is used up, but not before the target held."""
        used, at = target * share, self._used_up(start, target, share)
        if at and at < since:
            at, used = since, self.hours.elapsed(start, since, self.pauses)
        return Threshold(share=share, at=at, used=used)

    def _used_up(self, start: datetime, target: timedelta, share: float) -> datetime | None:
        budget = target * share
        if share < WHOLE:
            return self.hours.due(start, budget, self.pauses)
        over = self.hours.due(start, budget + timedelta.resolution, self.pauses)
        return over and over - timedelta.resolution


def _state(run: Run, elapsed: timedelta | None, target: timedelta) -> ClockState:
    if elapsed is None:
        return ClockState.open
    if elapsed > target:
        return ClockState.breached
    return ClockState.cancelled if run.cut_short else ClockState.met


_WALL = hours_of(ALWAYS)
