"""What does news of a ticket, or a tick, make of its clocks? All that is to be kept and told."""

from datetime import datetime

import msgspec

from schemas.sla import SlaChanged
from schemas.states import SlaState
from schemas.tickets import Ticket, TicketEvent
from services.notify.domain.announce import Announced, Case, announce, as_announced
from services.notify.domain.clocks import Clock, ClockState, clocks

ANSWERED = frozenset({ClockState.met, ClockState.breached})


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """A case after its step: what it announced, with its clocks as they are now."""

    case: Case
    clocks: tuple[Clock, ...]
    events: tuple[SlaChanged, ...]

    @property
    def newly_answered(self) -> tuple[Clock, ...]:
        """Clocks that an answer stopped since the case was last settled."""
        stopped = self.case.stopped
        return tuple(
            clock
            for clock in self.clocks
            if clock.state in ANSWERED
            and not clock.cut_short
            and (clock.name, clock.cycle) not in stopped
        )

    @property
    def verdicts(self) -> tuple[SlaChanged, ...]:
        """The events that end or break a promise; a higher threshold of a breach is no second."""
        broken = {
            (told.clock, told.cycle)
            for told in self.case.announced
            if told.state is SlaState.breached
        }
        return tuple(
            event
            for event in self.events
            if event.state in _VERDICTS
            and not (event.state is SlaState.breached and (event.clock, event.cycle) in broken)
        )

    @property
    def newly_announced(self) -> tuple[Announced, ...]:
        """What is to be remembered of the events."""
        return tuple(map(as_announced, self.events))

    @property
    def announced(self) -> tuple[Announced, ...]:
        """Everything that was announced of the case, the events included."""
        return (*self.case.announced, *self.newly_announced)


Placed = tuple[Settled, int]
"""With the number of the partition that the ticket lives in."""


def settle(case: Case, tick: datetime | None) -> Settled:
    """The case at this tick of its partition; ``ValueError`` where its calendar is unreadable."""
    now = clocks(case.ticket.moments, case.ticket.terms)
    return Settled(case=case, clocks=now, events=announce(case, now, tick))


def merged(
    known: Case | None, event: TicketEvent, traceparent: str | None, tick: datetime | None
) -> Case | None:
    """The case with a ticket's newer version; None where the version is known or older.

    ``tick`` is where the partition stood before: what lies behind it was first seen late.
    """
    if known and event.ticket.version <= known.ticket.version:
        return None
    ticket = impersonal(event.ticket)
    arrived = min((m.received_at for m in ticket.moments), default=ticket.opened_at)
    first_seen = max(arrived, tick) if tick else arrived
    return Case(
        ticket=ticket,
        cause_id=event.event_id,
        traceparent=traceparent,
        seen_at=known.seen_at if known else first_seen,
        announced=known.announced if known else (),
        stopped=known.stopped if known else frozenset(),
    )


def impersonal(ticket: Ticket) -> Ticket:
    """What clocks need of a ticket: nobody's words, name or address, so nobody is to be forgotten.

    Thread and conversation go as well: in a private dialogue they are often the customer's own id.
    """
    return msgspec.structs.replace(
        ticket,
        case=msgspec.structs.replace(ticket.case, thread="", customer=None, customer_hash=None),
        conversation_id="",
        url=None,
        excerpt=None,
        moments=tuple(msgspec.structs.replace(moment, by=None) for moment in ticket.moments),
    )


_VERDICTS = frozenset({SlaState.met, SlaState.breached, SlaState.cancelled})
