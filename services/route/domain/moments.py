"""What happened to a case, and when? Moments in event time that merge as a set by id."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from schemas.classified import Classification, ReplyReview
from schemas.event import derive_id
from schemas.posts import SocialPost
from schemas.states import ANSWERS, MOMENT_RANKS, MomentKind, TicketState
from schemas.tickets import Moment
from schemas.vocabulary import ReplyKind, SeenAs, Visibility

_UNRANKED = MOMENT_RANKS[MomentKind.reopened]
_NEXT_INSTANT = timedelta(microseconds=1)


def wrote(post: SocialPost, judged: Classification | None = None) -> Moment:
    """The moment of a customer's post; an edit is the same moment."""
    at = post.said_at
    return Moment(
        id=derive_id(post.id, "wrote"),
        at=at,
        received_at=post.received_at,
        kind=MomentKind.customer_wrote,
        tone=judged.tone if judged else None,
        strength=judged.strength if judged else 0,
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


def taken_up(ticket_id: str, kind: MomentKind, post: SocialPost, *, after: datetime) -> Moment:
    """The moment at which a customer's words end a close or a pause, which they do ``after`` it.

    They may have been written before it: then nobody had seen them, and the case goes on.
    """
    return Moment(
        id=derive_id(ticket_id, kind.value, post.event_id),
        at=max(post.said_at, after + _NEXT_INSTANT),
        received_at=post.received_at,
        kind=kind,
    )


def merge(known: tuple[Moment, ...], moments: Iterable[Moment]) -> tuple[Moment, ...]:
    """Both as one set in event-time order: arrival order and repeats change nothing."""
    ids = {moment.id for moment in known}
    new = [moment for moment in moments if moment.id not in ids]
    return tuple(sorted((*known, *new), key=lambda moment: (moment.at, moment.id)))


def in_order(moments: Iterable[Moment]) -> list[Moment]:
    """As clocks count them: an answer with nothing before it answers what its instant brings."""
    known = list(moments)
    first = min((m.at for m in known if m.kind is MomentKind.customer_wrote), default=None)

    def rank(moment: Moment) -> float:
        late = moment.at == first and moment.kind in ANSWERS
        return 1.5 if late else MOMENT_RANKS.get(moment.kind, _UNRANKED)

    return sorted(known, key=lambda moment: (moment.at, rank(moment), moment.id))


def state_of(moments: Iterable[Moment]) -> TicketState:
    """Where a case stands, by what happened alone: arrival order cannot change it."""
    state = TicketState.open
    for moment in in_order(moments):
        if moment.kind in _LEADS_TO and (state is not TicketState.closed or moment.kind in _OPENS):
            state = _LEADS_TO[moment.kind]
    return state


def paused_since(moments: Iterable[Moment]) -> datetime | None:
    """Since when a case is on hold, or None where it is not."""
    since: datetime | None = None
    for moment in in_order(moments):
        if moment.kind is MomentKind.paused:
            since = since or moment.at
        elif moment.kind in {MomentKind.resumed, MomentKind.reopened, MomentKind.closed}:
            since = None
    return since


def next_instant(moments: Iterable[Moment], at: datetime) -> datetime:
    """``at``, or just after the last moment where that is said to lie later: a command comes last.

    Clocks of platforms and ours differ, and who commands has seen what was there.
    """
    last = max((moment.at for moment in moments), default=None)
    return max(at, last + _NEXT_INSTANT) if last else at


def last_of(moments: Iterable[Moment], kinds: Iterable[MomentKind]) -> datetime | None:
    """When something of these kinds happened last."""
    wanted = frozenset(kinds)
    return max((moment.at for moment in moments if moment.kind in wanted), default=None)


_LEADS_TO = {
    MomentKind.customer_wrote: TicketState.open,
    MomentKind.reopened: TicketState.open,
    MomentKind.resumed: TicketState.open,
    MomentKind.paused: TicketState.waiting_customer,
    MomentKind.closed: TicketState.closed,
    **dict.fromkeys(ANSWERS, TicketState.waiting_customer),
}
_OPENS = frozenset({MomentKind.reopened})
"""What ends a close; thanks that were written after it do not."""


def _reply_kind(post: SocialPost, kind: ReplyKind) -> MomentKind:
    if post.author and post.author.is_bot:
        return MomentKind.bot_answered
    if post.visibility is Visibility.private:
        return MomentKind.answered_privately
    if kind is ReplyKind.closing:
        return MomentKind.closing_noted
    if kind is ReplyKind.interim:
        return MomentKind.promised
    if kind in {ReplyKind.acknowledgement, ReplyKind.private}:
        return MomentKind.acknowledged
    return MomentKind.answered_publicly
