"""What is left of a case whose customer asked to be forgotten? Its times and figures, nobody's."""

import msgspec

from schemas.erasures import AuthorErased
from schemas.posts import Case
from schemas.states import Change
from schemas.tickets import Ticket, TicketEvent
from services.route.domain.ending import close
from services.route.domain.ticket import version_id

OUTCOME = "erased"
"""How a case ends that was still open: nobody is left who could be answered."""


def forgotten(ticket: Ticket, event: AuthorErased) -> TicketEvent:
    """The ticket without its customer: it can be counted, and leads to nobody.

    Thread and conversation go as well: in a private dialogue they are often the customer's own id.
    """
    nobody = f"erased:{ticket.id}"
    last = ticket
    if ticket.closed_at is None:
        last = close(ticket, at=event.requested_at, by="", outcome=OUTCOME).ticket
    customer = f"erased:{event.author_hash[:16]}"
    left = msgspec.structs.replace(
        last,
        version=ticket.version + 1,
        case=Case(brand=ticket.brand, thread=nobody, customer=customer),
        conversation_id=nobody,
        url=None,
        excerpt=None,
        moments=tuple(msgspec.structs.replace(moment, by=None) for moment in last.moments),
    )
    return TicketEvent(
        event_id=version_id(left),
        cause_id=event.event_id,
        occurred_at=event.requested_at,
        change=Change.erased,
        ticket=left,
    )
