"""What happened to a case, and when? Moments in event time that merge as a set by id."""

from collections.abc import Iterable

from schemas.classified import ReplyReview
from schemas.event import derive_id
from schemas.posts import SocialPost
from schemas.states import MomentKind
from schemas.tickets import Moment
from schemas.vocabulary import ReplyKind, SeenAs, Visibility


def wrote(post: SocialPost) -> Moment:
    """The moment of a customer's post; an edit is the same moment."""
    at = post.said_at
    return Moment(
        id=derive_id(post.id, "wrote"),
        at=at,
        received_at=post.received_at,
        kind=MomentKind.customer_wrote,
    )


def replied(post: SocialPost, review: ReplyReview | None) -> Moment:
    """The moment of a brand's reply: what it was decides which clocks it stops."""
    author = post.author
    return Moment(
        id=derive_id(post.id, "replied"),
        at=post.said_at,
        received_at=post.received_at,
        kind=_reply_kind(post, review.kind if review else ReplyKind.answer),
        by=author.id if author else None,
        promise_until=review.promise_until if review else None,
        reported=post.seen_as is SeenAs.reported,
    )


def taken_back(post: SocialPost) -> Moment:
    """The moment at which a customer removed a post."""
    return Moment(
        id=post.event_id,
        at=post.occurred_at,
        received_at=post.received_at,
        kind=MomentKind.customer_deleted,
    )


def reopened(ticket_id: str, version: int, post: SocialPost) -> Moment:
    """The moment at which a customer's words opened a closed case again."""
    return Moment(
        id=derive_id(ticket_id, "reopened", version),
        at=post.said_at,
        received_at=post.received_at,
        kind=MomentKind.reopened,
    )


def merge(known: tuple[Moment, ...], moments: Iterable[Moment]) -> tuple[Moment, ...]:
    """Both as one set in event-time order: arrival order and repeats change nothing."""
    ids = {moment.id for moment in known}
    new = [moment for moment in moments if moment.id not in ids]
    return tuple(sorted((*known, *new), key=lambda moment: (moment.at, moment.id)))


def _reply_kind(post: SocialPost, kind: ReplyKind) -> MomentKind:
    if post.author and post.author.is_bot:
        return MomentKind.bot_answered
    if post.visibility is Visibility.private:
        return MomentKind.answered_privately
    if kind is ReplyKind.closing:
        return MomentKind.closing_noted
    if kind in {ReplyKind.acknowledgement, ReplyKind.interim, ReplyKind.private}:
        return MomentKind.acknowledged
    return MomentKind.answered_publicly
