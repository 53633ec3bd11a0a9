"""What else is asked under the same post? The open questions of others, beside a case (R40).

They stay cases of their own, each with its owner and its promise: who answers one sees that others
ask the same, and no word or name of theirs. What was said in private is nobody else's to see.
"""

from collections.abc import Iterable

from schemas.event import Contract, Instant
from schemas.states import ANSWERS, MomentKind, TicketState
from schemas.tickets import Ticket
from schemas.vocabulary import CaseTopic, Disposition, Visibility
from services.route.domain.book import Sighting
from services.route.domain.moments import last_of

MOST = 50


class AlsoAsked(Contract, frozen=True, kw_only=True):
    """An open question of somebody else in the conversation, masked; ``asked_at`` is the last."""

    ticket_id: str
    post_ids: tuple[str, ...]
    lang: str
    topic: CaseTopic
    asked_at: Instant
    answered: bool


def also_asked(ticket: Ticket, found: Iterable[tuple[Sighting, Ticket]]) -> tuple[AlsoAsked, ...]:
    """A row for each open case of others whose posts are public; who still waits comes first."""
    others: dict[str, tuple[Ticket, list[Sighting]]] = {}
    for sighting, other in found:
        if _is_shown(ticket, sighting, other):
            others.setdefault(other.id, (other, []))[1].append(sighting)
    rows = [_row(other, posts) for other, posts in others.values()]
    return tuple(sorted(rows, key=lambda row: (row.answered, row.asked_at, row.ticket_id))[:MOST])


def _is_shown(ticket: Ticket, sighting: Sighting, other: Ticket) -> bool:
    theirs = other.case.customer != ticket.case.customer and sighting.case_key == other.case.key
    asks = other.state is not TicketState.closed and other.disposition is not Disposition.thank
    here = (other.brand, other.conversation_id) == (ticket.brand, ticket.conversation_id)
    public = sighting.visibility is not Visibility.private and not sighting.removed
    return theirs and asks and here and public


def _row(other: Ticket, posts: list[Sighting]) -> AlsoAsked:
    asked = last_of(other.moments, {MomentKind.customer_wrote}) or other.opened_at
    said = last_of(other.moments, ANSWERS)
    return AlsoAsked(
        ticket_id=other.id,
        post_ids=tuple(one.post_id for one in sorted(posts, key=lambda one: (one.at, one.post_id))),
        lang=other.lang,
        topic=other.topic,
        asked_at=asked,
        answered=said is not None and said >= asked,
    )
