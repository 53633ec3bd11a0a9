"""May a person's command change a ticket? Optimistic: it names the version that it saw."""

from datetime import datetime
from enum import StrEnum

import msgspec

from schemas.event import derive_id
from schemas.states import Change
from schemas.tickets import Ticket, TicketEvent
from services.route.domain.ticket import close


class Refusal(StrEnum):
    """Why a command changed nothing."""

    not_found = "not_found"
    version_differs = "version_differs"
    closed_already = "closed_already"


class Close(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Close a case; ``outcome`` says how it ended."""

    outcome: str = "solved"


def closed(
    ticket: Ticket, command: Close, *, expected: int, by: str, at: datetime
) -> TicketEvent | Refusal:
    """The event of a closed case, or why it stays as it is."""
    if ticket.version != expected:
        return Refusal.version_differs
    changed = close(ticket, at=at, by=by, outcome=command.outcome)
    if changed is None:
        return Refusal.closed_already
    return TicketEvent(
        event_id=derive_id(ticket.id, "TicketEvent", changed.ticket.version),
        occurred_at=at,
        change=Change.closed,
        by=by,
        ticket=changed.ticket,
    )
