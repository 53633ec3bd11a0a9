"""Who has to know that a promise is late? Steps of a team's ladder, taken back when it was not."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from schemas.sla import SlaChanged
from schemas.states import ANSWERS, WORDS, Change, ClockName, MomentKind, SlaState
from schemas.tickets import Escalation, Ticket
from services.route.domain.ticket import Changed

_RAISES = frozenset({SlaState.at_risk, SlaState.breached})
_ENDS = {
    ClockName.first_response: WORDS,
    ClockName.ack: WORDS,
    ClockName.next_response: ANSWERS,
    ClockName.private: frozenset({MomentKind.answered_privately}),
    ClockName.closing: frozenset({MomentKind.closing_noted}),
}
"""What ends a clock, by what route knows itself; other clocks end with the case."""


class Step(Protocol):
    """From which share of the target on somebody has to know."""

    @property
    def share(self) -> float:
        """Share of the target that is used up."""
        ...

    @property
    def to(self) -> str:
        """The role or team."""
        ...


def escalate(ticket: Ticket, event: SlaChanged, ladder: Sequence[Step]) -> Changed | None:
    """The case a step higher, or lower where the announcement is corrected; None for no change.

    An escalation is no moment: it starts and stops no clock (design 3.8).
    """
    if event.state is SlaState.corrected:
        return _taken_back(ticket, event.corrects)
    if event.state not in _RAISES or ticket.closed_at or _ended(ticket, event):
        return None
    if any(known.event_id == event.event_id for known in ticket.escalations):
        return None
    reached = [n for n, step in enumerate(ladder, 1) if step.share <= (event.threshold or 0)]
    if not reached:
        return None
    level = max(reached)
    escalation = Escalation(
        event_id=event.event_id,
        clock=event.clock,
        threshold=event.threshold or 0,
        level=level,
        to=ladder[level - 1].to,
        at=event.occurred_at,
    )
    return _changed(ticket, (*ticket.escalations, escalation), Change.escalated)


def _taken_back(ticket: Ticket, corrects: str | None) -> Changed | None:
    left = tuple(known for known in ticket.escalations if known.event_id != corrects)
    if left == ticket.escalations:
        return None
    return _changed(ticket, left, Change.deescalated)


def _ended(ticket: Ticket, event: SlaChanged) -> bool:
    """Does route know that the clock was stopped in time, in what notify had not seen yet?"""
    if event.ticket_version >= ticket.version:
        return False
    wrote = [
        moment.at
        for moment in ticket.moments
        if moment.kind is MomentKind.customer_wrote and moment.at <= event.occurred_at
    ]
    since = max(wrote, default=ticket.opened_at)
    ends = _ENDS.get(event.clock, frozenset())
    return any(m.kind in ends and since <= m.at <= event.occurred_at for m in ticket.moments)


def _changed(ticket: Ticket, escalations: tuple[Escalation, ...], change: Change) -> Changed:
    changed = msgspec.structs.replace(
        ticket,
        version=ticket.version + 1,
        escalations=escalations,
        level=max((known.level for known in escalations), default=0),
    )
    return Changed(ticket=changed, change=change)
