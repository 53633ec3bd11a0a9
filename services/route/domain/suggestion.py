"""What could be said next on this case? The first step of its play that nobody has taken yet.

A text to begin with, for a person to finish; no step that a person took is suggested again.
"""

from collections.abc import Iterator
from zlib import crc32

from schemas.states import WORDS, TicketState
from schemas.tickets import Ticket
from schemas.vocabulary import Disposition, ReplyKind, Visibility
from services.route.domain.policy import Policy
from services.route.domain.replies import Matter, Replies, may_be_said, suggest

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
STEPS_IN_PRIVATE = {
    Disposition.public_ack_then_private: (ReplyKind.private,),
    Disposition.answer_here: (ReplyKind.answer,),
    Disposition.human_review: (ReplyKind.private, ReplyKind.answer),
    Disposition.thank: (ReplyKind.thanks,),
}
"""The same where nobody reads along: no word for the public, and no way into where they are."""


def suggestion(
    ticket: Ticket, replies: Replies, policy: Policy, visibility: Visibility = Visibility.public
) -> str | None:
    """The text that could be said next; None where nothing is owed, or nothing is typical.

    It asks for personal data in private alone (R73).
    """
    template = template_of(ticket, policy)
    matter = Matter(
        topic=ticket.topic,
        disposition=ticket.disposition,
        template=template,
        visibility=visibility,
        turn=crc32(ticket.id.encode()) + sum(m.kind in WORDS for m in ticket.moments),
    )
    fitting = (one for one in replies.situations if may_be_said(one, visibility))
    named = next((one.kind for one in fitting if one.id == template), None)
    kind = next(_owed(ticket, named, visibility), None)
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


def _owed(ticket: Ticket, named: ReplyKind | None, visibility: Visibility) -> Iterator[ReplyKind]:
    """The kinds of reply that are still to come; what is no step goes before the first word."""
    if ticket.closed_at is not None:
        return
    said = any(moment.kind in WORDS for moment in ticket.moments)
    private = visibility is Visibility.private
    steps = (STEPS_IN_PRIVATE if private else STEPS).get(ticket.disposition, ())
    if named and named not in steps and not said:
        yield named
    if private:
        yield from _owed_in_private(ticket, steps, said=said)
    elif ticket.play:
        yield from (_PLAY[step.name] for step in ticket.play.steps if step.done_at is None)
    elif ticket.state is TicketState.open:
        yield from steps[-1:] if said else steps


def _owed_in_private(
    ticket: Ticket, steps: tuple[ReplyKind, ...], *, said: bool
) -> Iterator[ReplyKind]:
    """Who has answered once is in the talk already: the way in is not shown again."""
    if ticket.state is TicketState.open:
        yield from (kind for kind in steps if not said or kind is not ReplyKind.private)
