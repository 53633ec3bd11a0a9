"""What became true of a ticket's clocks that nobody was told yet? Each thing once, when known."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from schemas.event import derive_id
from schemas.sla import SlaChanged
from schemas.states import ClockName, SlaState
from schemas.tickets import Ticket
from services.notify.domain.clocks import WHOLE, Clock, ClockState, Threshold

_ENDED = {ClockState.met: SlaState.met, ClockState.cancelled: SlaState.cancelled}


class Announced(msgspec.Struct, frozen=True, kw_only=True):
    """What subscribers were told of a clock; ``threshold`` is a share, None for an ending."""

    event_id: str
    clock: ClockName
    cycle: int
    state: SlaState
    threshold: float | None = None
    corrects: str | None = None


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """How far a partition's pipeline is known to have told everything; None before its first tick.

    ``blind``: nothing was heard for too long, and this is where the clock says it should be.
    """

    until: datetime | None = None
    blind: bool = False


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as notify knows it: latest version, when it was first seen, what was announced.

    ``seen_at`` is the later of the first arrival and the tick at which notify first had it.
    ``stopped`` and ``cycles`` are of the clocks as they were last settled.
    """

    ticket: Ticket
    cause_id: str
    traceparent: str | None
    seen_at: datetime
    announced: tuple[Announced, ...] = ()
    stopped: tuple[tuple[ClockName, int], ...] = ()
    cycles: dict[ClockName, int] = {}


def announce(case: Case, clocks: Iterable[Clock], heard: Heard) -> tuple[SlaChanged, ...]:
    """The events to publish now that everything before a tick was heard.

    An instant has passed once the tick is later: what arrives at that instant lies behind it.
    """
    known = {clock.key: clock for clock in clocks}
    return (*_corrections(case, known), *_news(case, known.values(), heard))


def as_announced(event: SlaChanged) -> Announced:
    """What is remembered of an event so that it is never announced again."""
    return Announced(
        event_id=event.event_id,
        clock=event.clock,
        cycle=event.cycle,
        state=event.state,
        threshold=event.threshold,
        corrects=event.corrects,
    )


def reached(clock: Clock, announced: Iterable[Announced]) -> float:
    """The highest share of the target that was announced for this clock, 0 for none."""
    return max((a.threshold or 0.0 for a in announced if _is_of(a, clock)), default=0.0)


def next_at(clocks: Iterable[Clock], announced: Sequence[Announced]) -> datetime | None:
    """When the next threshold that nobody was told of is used up; None while there is none."""
    waiting = (
        threshold.at
        for clock in clocks
        if not clock.stopped_at
        for threshold in clock.thresholds
        if threshold.at and threshold.share > reached(clock, announced)
    )
    return min(waiting, default=None)


def _news(case: Case, clocks: Iterable[Clock], heard: Heard) -> Iterator[SlaChanged]:
    for clock in clocks:
        ending = _ENDED.get(clock.state)
        if ending is None:
            threshold = _highest_passed(clock, heard.until)
            if threshold and _is_news(clock, threshold, case.announced):
                yield _crossed(case, clock, threshold, blind=heard.blind)
        elif not any(a.state is ending for a in case.announced if _is_of(a, clock)):
            yield _ended(case, clock, ending)


def _highest_passed(clock: Clock, heard_until: datetime | None) -> Threshold | None:
    until = clock.stopped_at or heard_until
    passed = [t for t in clock.thresholds if until and t.at and t.at < until]
    return passed[-1] if passed else None


def _is_news(clock: Clock, threshold: Threshold, announced: tuple[Announced, ...]) -> bool:
    told = reached(clock, announced)
    return told < (WHOLE if clock.stopped_at else threshold.share)


def _corrections(case: Case, known: dict[tuple[ClockName, int], Clock]) -> Iterator[SlaChanged]:
    corrected = {a.corrects for a in case.announced}
    for told in case.announced:
        clock = known.get((told.clock, told.cycle)) or _gone(case.ticket, told)
        if told.state is not SlaState.breached or told.event_id in corrected or clock is None:
            continue
        if clock.state in _ENDED:
            yield _corrected(case, clock, told)


def _gone(ticket: Ticket, told: Announced) -> Clock | None:
    """A cycle that a later-arriving moment showed never to have run; None if only terms changed."""
    target: int | None = getattr(ticket.terms.targets, told.clock.value)
    if target is None:
        return None
    at = max(moment.at for moment in ticket.moments)
    return Clock(
        name=told.clock,
        cycle=told.cycle,
        target=timedelta(seconds=target),
        started_at=at,
        posted_at=at,
        received_at=at,
        due_at=None,
        thresholds=(),
        stopped_at=at,
        elapsed=timedelta(0),
        state=ClockState.cancelled,
    )


def _crossed(case: Case, clock: Clock, threshold: Threshold, *, blind: bool) -> SlaChanged:
    at = threshold.at
    assert at is not None  # noqa: S101 - only thresholds that have passed come here
    return _event(
        case,
        clock,
        Announced(
            event_id="",
            clock=clock.name,
            cycle=clock.cycle,
            state=SlaState.breached if threshold.share >= WHOLE else SlaState.at_risk,
            threshold=threshold.share,
        ),
        (at, clock.target * threshold.share),
        blind=blind and clock.stopped_at is None,
    )


def _ended(case: Case, clock: Clock, state: SlaState) -> SlaChanged:
    what = Announced(event_id="", clock=clock.name, cycle=clock.cycle, state=state)
    return _event(case, clock, what, _stop_of(clock))


def _corrected(case: Case, clock: Clock, told: Announced) -> SlaChanged:
    what = msgspec.structs.replace(told, state=SlaState.corrected, corrects=told.event_id)
    return _event(case, clock, what, _stop_of(clock))


def _stop_of(clock: Clock) -> tuple[datetime, timedelta]:
    assert clock.stopped_at is not None  # noqa: S101 - only clocks that ended come here
    return clock.stopped_at, clock.elapsed or timedelta(0)


def _event(
    case: Case,
    clock: Clock,
    what: Announced,
    moment: tuple[datetime, timedelta],
    *,
    blind: bool = False,
) -> SlaChanged:
    (at, elapsed), ticket = moment, case.ticket
    discriminators = (clock.name, clock.cycle, what.state, what.threshold or 0)
    corrected = (what.corrects,) if what.corrects else ()
    return SlaChanged(
        event_id=derive_id(ticket.id, "SlaChanged", *discriminators, *corrected),
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
        elapsed=elapsed.total_seconds(),
        waited_since_posted=clock.waited_until(at).total_seconds(),
        waited_since_received=clock.known_until(at).total_seconds(),
        due_at=clock.due_at,
        team=ticket.team,
        priority_band=ticket.priority_band,
        blind=blind,
        discovered_late=case.seen_at > at and what.threshold is not None and not what.corrects,
        corrects=what.corrects,
    )


def _is_of(announced: Announced, clock: Clock) -> bool:
    same = (announced.clock, announced.cycle) == (clock.name, clock.cycle)
    return same and announced.state is not SlaState.corrected
