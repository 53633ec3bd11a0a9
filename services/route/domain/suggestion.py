"""What could be said next on this case? The first step of its play that nobody has taken yet.

A text to begin with, for a person to finish; no step that a person took is suggested again.
"""

from collections.abc import Iterator
from zlib import crc32

from schemas.states import WORDS, TicketState
from schemas.tickets import Ticket
from schemas.vocabulary import Disposition, ReplyKind
from services.route.domain.policy import Policy
from services.route.domain.replies import Matter, Replies, suggest

_PLAY = {
    "ack": ReplyKind.acknowledgement,
    "private": ReplyKind.private,
    "closing": ReplyKind.closing,
}
STEPS = {
    Disposition.public_ack_then_private: tuple(_PLAY.values()),
    Disposition.answer_here: (ReplyKind.answer,),
    Disposition.human_review: (ReplyKind.acknowledgement, ReplyKind.answer),
    Disposition.thank: (ReplyKind.thanks,),
}
"""The replies that a disposition asks for, in order (R16)."""


def suggestion(ticket: Ticket, replies: Replies, policy: Policy) -> str | None:
    """The text that could be said next; None where nothing is owed, or nothing is typical.

    It asks for no personal data: a ticket does not say whether its thread is public (R73).
    """
    template = template_of(ticket, policy)
    matter = Matter(
        topic=ticket.topic,
        disposition=ticket.disposition,
        template=template,
        turn=crc32(ticket.id.encode()) + sum(m.kind in WORDS for m in ticket.moments),
    )
    named = next((one.kind for one in replies.situations if one.id == template), None)
    kind = next(_owed(ticket, named), None)
    if kind is None:
        return None
    found = suggest(replies, matter=matter, lang=ticket.lang, platform=ticket.source, kind=kind)
    return found.text if found else None


def template_of(ticket: Ticket, policy: Policy) -> str | None:
    """What the rule of the case names, unless a person decided otherwise than the rule."""
    rule = policy.rule(ticket.rule_id)
    if rule is None or rule.then.disposition is not ticket.disposition:
        return None
    return rule.then.template


def _owed(ticket: Ticket, named: ReplyKind | None) -> Iterator[ReplyKind]:
    """The kinds of reply that are still to come; what is no step goes before the first word."""
    if ticket.closed_at is not None:
        return
    said = any(moment.kind in WORDS for moment in ticket.moments)
    steps = STEPS.get(ticket.disposition, ())
    if named and named not in steps and not said:
        yield named
    if ticket.play:
        yield from (_PLAY[step.name] for step in ticket.play.steps if step.done_at is None)
    elif ticket.state is TicketState.open:
        yield from steps[-1:] if said else steps
