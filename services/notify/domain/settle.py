"""What does news of a ticket, or a tick, make of its clocks? All that is to be kept and told."""

from collections.abc import Set
from datetime import datetime

import msgspec

from schemas.event import CANARY
from schemas.sla import SlaChanged
from schemas.states import ClockName, SlaState
from schemas.tickets import Ticket, TicketEvent
from services.notify.domain.announce import Case, Heard, announce
from services.notify.domain.announced import Told, as_announced, standing
from services.notify.domain.clocks import Clock, ClockState, timed

ANSWERED = frozenset({ClockState.met, ClockState.breached})


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """A case after its step: what it announced, with its clocks as they are now.

    ``known`` says that its version was there before, so that only announcements are new.
    ``folded`` are cycles whose rows stay as they are: nothing more will be told of them.
    """

    case: Case
    clocks: tuple[Clock, ...]
    events: tuple[SlaChanged, ...]
    folded: Set[tuple[ClockName, int]] = frozenset()
    known: bool = False

    @property
    def newly_answered(self) -> tuple[Clock, ...]:
        """Clocks that an answer stopped since the case was last settled."""
        stopped = self.case.stopped
        return tuple(
            clock
            for clock in self.clocks
            if clock.state in ANSWERED and not clock.cut_short and clock.key not in stopped
        )

    @property
    def verdicts(self) -> tuple[SlaChanged, ...]:
        """The events that end or break a promise; a higher threshold of a breach is no second."""
        stands = standing(self.case.announced)
        broken = {told.key for told in stands if told.state is SlaState.breached}
        return tuple(
            event
            for event in self.events
            if event.state in _VERDICTS
            and not (event.state is SlaState.breached and (event.clock, event.cycle) in broken)
        )

    @property
    def announced(self) -> Told:
        """Everything that was announced of the case, the events included."""
        return (*self.case.announced, *map(as_announced, self.events))

    @property
    def changed(self) -> tuple[Clock, ...]:
        """The clocks whose rows are to be written."""
        if not self.known:
            return self.clocks
        told = {(event.clock, event.cycle) for event in self.events}
        return tuple(clock for clock in self.clocks if clock.key in told)

    @property
    def gone(self) -> tuple[tuple[ClockName, int], ...]:
        """The cycles that a later-arriving moment showed never to have run."""
        known = {clock.key for clock in self.clocks} | self.folded
        return tuple(key for key in self.case.rows if key not in known)

    @property
    def kept(self) -> Case:
        """The case as the next step will find it."""
        return msgspec.structs.replace(
            self.case,
            announced=tuple(one for one in self.announced if one.key not in self.folded),
            stopped=tuple(clock.key for clock in self.clocks if clock.stopped_at),
            rows=tuple(clock.key for clock in self.clocks),
        )


Placed = tuple[Settled, int]
"""With the number of the partition that the ticket lives in."""


def settle(case: Case, heard: Heard, *, known: bool = False) -> Settled:
    """The case by what its partition has heard; ``ValueError`` for an unreadable calendar."""
    now = timed(case.ticket)
    told = tuple(one for one in case.announced if one.key not in now.folded)
    events = announce(msgspec.structs.replace(case, announced=told), now.clocks, heard)
    return Settled(case=case, clocks=now.clocks, events=events, folded=now.folded, known=known)


def merged(
    known: Case | None, event: TicketEvent, traceparent: str | None, tick: datetime | None
) -> Case | None:
    """The case with a ticket's newer version; None where the version is known or older.

    The canary has no case: it ends here, nobody was promised anything.
    ``tick`` is where the partition stood before: what lies behind it was first seen late.
    """
    ticket = impersonal(event.ticket)
    if known:
        if ticket.version <= known.ticket.version:
            return None
        return msgspec.structs.replace(
            known, ticket=ticket, cause_id=event.event_id, traceparent=traceparent
        )
    if ticket.brand == CANARY:
        return None
    arrived = min((m.received_at for m in ticket.moments), default=ticket.opened_at)
    return Case(
        ticket=ticket,
        cause_id=event.event_id,
        traceparent=traceparent,
        seen_at=max(arrived, tick) if tick else arrived,
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
