"""What became true of a ticket's clocks that nobody was told yet? Each thing once, when known.

What stands is what a ticket's moments and terms say, whatever was told on the way: the rest is
corrected, and told anew should it become true after all.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from schemas.event import derive_id
from schemas.sla import SlaChanged
from schemas.states import ClockName, SlaState
from schemas.tickets import Ticket
from services.notify.domain.announced import Announced, Told, reached, standing
from services.notify.domain.clocks import WHOLE, Clock, ClockState, Threshold

_ENDINGS = {ClockState.met: SlaState.met, ClockState.cancelled: SlaState.cancelled}


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """How far a partition's pipeline is known to have told everything; None before its first tick.

    ``blind``: nothing was heard for too long, and this is where the clock says it should be.
    """

    until: datetime | None = None
    blind: bool = False


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as notify knows it: latest version, when it was first seen, what was announced.

    ``seen_at`` is the later of the first arrival and the tick at which notify first had it.
    ``stopped`` and ``rows`` name the clocks as they were last settled.
    """

    ticket: Ticket
    cause_id: str
    traceparent: str | None
    seen_at: datetime
    announced: Told = ()
    stopped: tuple[tuple[ClockName, int], ...] = ()
    rows: tuple[tuple[ClockName, int], ...] = ()


def announce(case: Case, clocks: Iterable[Clock], heard: Heard) -> tuple[SlaChanged, ...]:
    """The events to publish now that everything before a tick was heard.

    An instant has passed once the tick is later: what arrives at that instant lies behind it.
    """
    known, stands = {clock.key: clock for clock in clocks}, standing(case.announced)
    wrong = [one for one in stands if _is_reversed(one, known.get(one.key), heard)]
    right = tuple(one for one in stands if one not in wrong)
    return (
        *(_corrected(case, known.get(one.key), one) for one in wrong),
        *(event for clock in known.values() for event in _news(case, clock, right, heard)),
    )


def _is_reversed(told: Announced, clock: Clock | None, heard: Heard) -> bool:
    """Does the clock, should it ever have run, say otherwise than was told?"""
    if clock is None:
        return True
    if told.threshold is None:
        return told.state is not _ENDINGS.get(clock.state)
    threshold = next((t for t in clock.thresholds if t.share == told.threshold), None)
    if threshold is None or told.threshold in _passed(clock, clock.stopped_at or heard.until):
        return False
    return clock.stopped_at is not None or _is_later(clock, threshold, told)


def _is_later(clock: Clock, threshold: Threshold, told: Announced) -> bool:
    """Has the instant moved on since it was told? New terms make nothing late twice."""
    if threshold.at is None:
        return True
    return threshold.at > told.at and threshold.used <= clock.target * threshold.share


def _passed(clock: Clock, until: datetime | None) -> dict[float, Threshold]:
    """The thresholds that were used up before an instant, the lowest first."""
    return {t.share: t for t in clock.thresholds if until and t.at and t.at < until}


def _news(case: Case, clock: Clock, stands: Told, heard: Heard) -> Iterator[SlaChanged]:
    ending = _ENDINGS.get(clock.state)
    if ending:
        if not any(one.state is ending and one.key == clock.key for one in stands):
            yield _ended(case, clock, ending)
        return
    passed = _passed(clock, clock.stopped_at or heard.until)
    if passed:
        highest = passed[max(passed)]
        if reached(clock, stands) < (WHOLE if clock.stopped_at else highest.share):
            yield _crossed(case, clock, highest, blind=heard.blind)


def _crossed(case: Case, clock: Clock, threshold: Threshold, *, blind: bool) -> SlaChanged:
    assert threshold.at is not None  # noqa: S101 - only thresholds that have passed come here
    what = Announced(
        event_id="",
        at=threshold.at,
        clock=clock.name,
        cycle=clock.cycle,
        state=SlaState.breached if threshold.share >= WHOLE else SlaState.at_risk,
        threshold=threshold.share,
    )
    event = _event(case, clock, what, threshold.used)
    return msgspec.structs.replace(
        event,
        blind=blind and clock.stopped_at is None,
        discovered_late=case.seen_at > threshold.at,
    )


def _ended(case: Case, clock: Clock, state: SlaState) -> SlaChanged:
    at = clock.stopped_at or clock.started_at
    what = Announced(event_id="", at=at, clock=clock.name, cycle=clock.cycle, state=state)
    return _event(case, clock, what, clock.elapsed)


def _corrected(case: Case, clock: Clock | None, told: Announced) -> SlaChanged:
    """Since when it is so: since the clock stopped, else since what was told seemed to be."""
    clock = clock or _never_ran(case.ticket, told)
    at = clock.stopped_at or told.at
    what = msgspec.structs.replace(told, at=at, state=SlaState.corrected, corrects=told.event_id)
    return _event(case, clock, what, clock.elapsed)


def _never_ran(ticket: Ticket, told: Announced) -> Clock:
    """The cycle of which something was told, as a later-arriving moment shows it."""
    at = max(moment.at for moment in ticket.moments)
    return Clock(
        name=told.clock,
        cycle=told.cycle,
        target=timedelta(seconds=getattr(ticket.terms.targets, told.clock.value) or 0),
        started_at=at,
        posted_at=at,
        received_at=at,
        due_at=None,
        thresholds=(),
        stopped_at=at,
        elapsed=timedelta(0),
        state=ClockState.cancelled,
    )


def _event(case: Case, clock: Clock, what: Announced, elapsed: timedelta | None) -> SlaChanged:
    ticket, at = case.ticket, what.at
    return SlaChanged(
        event_id=_event_id(case, what),
        cause_id=case.cause_id,
        occurred_at=at,
        ticket_id=ticket.id,
        ticket_version=ticket.version,
        brand=ticket.brand,
        clock=clock.name,
        cycle=clock.cycle,
        state=what.state,
        threshold=what.threshold,
        target=int(clock.target.total_seconds()),
        elapsed=elapsed.total_seconds() if elapsed else 0.0,
        waited_since_posted=clock.waited_until(at).total_seconds(),
        waited_since_received=clock.known_until(at).total_seconds(),
        due_at=clock.due_at,
        team=ticket.team,
        priority_band=ticket.priority_band,
        corrects=what.corrects,
    )


def _event_id(case: Case, what: Announced) -> str:
    """Derived (contracts); what was told, taken back and is true after all is told anew."""
    same = ("clock", "cycle", "state", "threshold", "corrects")
    wanted = [getattr(what, name) for name in same]
    before = sum([getattr(one, name) for name in same] == wanted for one in case.announced)
    again = (before,) if before else ()
    corrected = (what.corrects,) if what.corrects else ()
    discriminators = (what.clock, what.cycle, what.state, what.threshold or 0)
    return derive_id(case.ticket.id, "SlaChanged", *discriminators, *corrected, *again)
