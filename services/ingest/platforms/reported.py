"""What was answered where no platform tells us? A help desk, a bot, a phone call (R41, R52).

The brand's own word, told to us by ``POST /v1/replies``; where the platform's id of the answer is
known, a late echo is the same post.
"""

from datetime import timedelta
from typing import Annotated, Literal

import msgspec

from schemas.dead_letters import Reason
from schemas.event import Instant
from schemas.posts import Author, SocialPost
from schemas.vocabulary import Kind, Op, PostedAtSource, SeenAs, Space, Visibility
from services.ingest.domain.post import post_of
from services.ingest.domain.receipt import Delivery, Ignored, Native, Refused, Seen
from services.ingest.domain.said import Said
from services.ingest.platforms.polled import handshake, taken, verify
from services.ingest.platforms.wire import decoded

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]

__all__ = ("handshake", "normalize", "split", "taken", "verify")


class ReportedReply(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer that was given elsewhere; ``posted_at`` is when, RFC 3339 with a zone.

    ``id`` is the reporter's own, ``post_id`` the platform's where it is known, ``in_reply_to`` the
    id of the post that it answers as posts.v1 has it. ``author_id`` is one of the account's own or
    bot ids; without it an employee is meant.
    """

    source: Id
    account: Id
    id: Id
    in_reply_to: Id
    post_id: Id | None = None
    conversation_id: Id | None = None
    thread_id: Id | None = None
    author_id: Id | None = None
    text: Annotated[str, msgspec.Meta(max_length=65_536)] = ""
    posted_at: Instant
    kind: Literal["reply", "message", "call", "letter", "sms", "visit"] = "reply"
    visibility: Literal["public", "private"] = "public"


AHEAD = timedelta(minutes=5)
"""How far the reporter's clock may be ahead of ours."""

DECODER = msgspec.json.Decoder(ReportedReply)


def split(delivery: Delivery) -> tuple[Native, ...]:
    """One reply a request."""
    return (Native(raw=delivery.body, post=delivery.body),)


def normalize(native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The brand's post that a report tells of, marked as reported; never raises."""
    reply = decoded(native.post, DECODER)
    if isinstance(reply, Refused):
        return reply
    return objection(reply, seen) or post_of(_said(reply), seen)


def objection(reply: ReportedReply, seen: Seen) -> Refused | None:
    """Why a report cannot be the account's own reply, or None."""
    account = seen.account
    if reply.author_id and reply.author_id not in account.own_ids | account.bot_ids:
        own = "expected `author_id` to be one of the account's own or bot ids, got another"
        return Refused(reason=Reason.wrong_shape, detail=own)
    if reply.posted_at > seen.received_at + AHEAD:
        return Refused(reason=Reason.wrong_shape, detail="expected `posted_at` not after now")
    return None


def _said(reply: ReportedReply) -> Said:
    """An unnamed author is the account itself."""
    dialogue = reply.kind == "message"
    return Said(
        op=Op.created,
        id=reply.post_id or f"reported:{reply.source}:{reply.account}:{reply.id}",
        kind=Kind(reply.kind),
        space=Space.dm if dialogue else Space.own_page,
        visibility=Visibility.private if dialogue else Visibility(reply.visibility),
        text=reply.text,
        author=Author(id=reply.author_id or f"account:{reply.account}", is_brand=True),
        conversation_id=reply.conversation_id,
        thread_id=reply.thread_id,
        parent_id=reply.in_reply_to,
        posted_at=reply.posted_at,
        posted_at_source=PostedAtSource.reported,
        seen_as=SeenAs.reported,
    )
