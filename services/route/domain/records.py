"""What is written down of a post? Its decision, its changes, and a sighting without its text."""

from datetime import datetime

from schemas.classified import ClassifiedPost, ReplyReview
from schemas.decisions import Decision, Facts, PolicyVersion, ReplyScore
from schemas.event import derive_id
from schemas.posts import case_of
from schemas.states import Change
from schemas.tickets import Moment, Ticket, TicketEvent
from services.route.domain.book import Sighting, conversation_of, thread_of
from services.route.domain.decide import Verdict
from services.route.domain.ticket import Changed, version_id


def decision_of(
    event: ClassifiedPost,
    version: PolicyVersion,
    facts: Facts,
    verdict: Verdict,
    ticket: Ticket | None,
) -> Decision:
    """The decision on a revision of a post, with everything it was taken from."""
    post, then = event.post, verdict.rule.then
    return Decision(
        event_id=derive_id(f"{post.brand}:{post.id}", "Decision", post.revision),
        cause_id=event.event_id,
        occurred_at=post.occurred_at,
        post_id=post.id,
        revision=post.revision,
        brand=post.brand,
        disposition=verdict.disposition,
        reasons=verdict.reasons,
        rule_id=verdict.rule.id,
        policy=version,
        mode=verdict.rule.mode,
        ticket_id=ticket.id if ticket else None,
        team=then.team,
        sla=then.sla,
        alert=verdict.alert,
        play=ticket.play.name if ticket and ticket.play else None,
        suggestion=then.suggestion,
        priority=verdict.priority,
        priority_band=verdict.band,
        parts=verdict.parts,
        monitored=verdict.monitored,
        reply=_score_of(event.reply_review),
        inputs=facts,
    )


def _score_of(review: ReplyReview | None) -> ReplyScore | None:
    """The names of the checks alone: their evidence is text."""
    if review is None:
        return None
    failed = tuple(sorted(name for name, check in review.checks.items() if not check.ok))
    return ReplyScore(kind=review.kind, checked=tuple(sorted(review.checks)), failed=failed)


def changed_by(event: ClassifiedPost, changed: Changed) -> TicketEvent:
    """What subscribers are told of a change that a post made."""
    ticket = changed.ticket
    return TicketEvent(
        event_id=version_id(ticket),
        cause_id=event.event_id,
        occurred_at=event.post.occurred_at,
        change=changed.change,
        post_id=event.post.id,
        ticket=ticket,
    )


def refreshed(ticket: Ticket, told_at: datetime) -> TicketEvent:
    """The same version once more, for who came after ``told_at``; it is as of the last moment."""
    return TicketEvent(
        event_id=derive_id(version_id(ticket), "refreshed", told_at.isoformat()),
        cause_id=version_id(ticket),
        occurred_at=max((moment.at for moment in ticket.moments), default=ticket.opened_at),
        change=Change.refreshed,
        ticket=ticket,
    )


def sighting_of(
    event: ClassifiedPost, reply: Moment | None, *, own: bool, removed: bool
) -> Sighting:
    """What is remembered of a post; of a tombstone it is not known whose the post was."""
    post, nobodys = event.post, own or removed
    return Sighting(
        post_id=post.id,
        revision=post.revision,
        brand=post.brand,
        conversation=conversation_of(post),
        thread=thread_of(post),
        case_key=None if nobodys else case_of(post).key,
        customer=post.author.id if post.author and not nobodys else None,
        author_hash=post.author.hash if post.author and not own else None,
        parent_id=post.parent_id,
        at=post.said_at,
        reply=reply,
        fingerprint=event.fingerprint if nobodys else None,
        removed=removed,
        visibility=post.visibility,
    )
