"""Events as tests need them: everything plausible, each test names what it varies."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from schemas.classified import Classification, ClassifiedPost, Model, Part, ReplyReview
from schemas.event import Event, derive_id
from schemas.posts import Author, SocialPost
from schemas.vocabulary import (
    Addressed,
    CaseTopic,
    ChannelRole,
    Disposition,
    Emotion,
    Intent,
    Kind,
    Op,
    PostedAtSource,
    ReplyKind,
    Solvable,
    Space,
    Tone,
    Visibility,
)
from stream.flow import Outgoing

MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""An ordinary working instant: Monday, noon in Sofia, one in Moscow."""


def minutes(count: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=count)


def a_post(native: str = "p1", **changes: Any) -> SocialPost:
    """A customer's comment under a wall post of a bank."""
    at = changes.pop("at", MONDAY)
    author = changes.pop("author", "anna")
    op = changes.get("op", Op.created)
    revision = changes.get("revision", int(at.timestamp() * 1000))
    fields: dict[str, Any] = {
        "event_id": derive_id(native, "SocialPost", op, revision),
        "occurred_at": at,
        "op": op,
        "id": native,
        "revision": revision,
        "brand": "severbank",
        "source": "generic",
        "account": "bank",
        "conversation_id": "wall-1",
        "thread_id": native,
        "parent_id": "wall-1",
        "kind": Kind.comment,
        "space": Space.own_page,
        "channel_role": ChannelRole.service,
        "visibility": Visibility.public,
        "author": Author(id=author) if isinstance(author, str) else author,
        "text": "Приложение не открывается, сделайте что-нибудь",
        "posted_at": at,
        "posted_at_source": PostedAtSource.platform,
        "received_at": at + timedelta(seconds=1),
    }
    return SocialPost(**{**fields, **changes})


def a_reply(native: str, to: str, **changes: Any) -> SocialPost:
    """The bank's own reply to a post."""
    brand = Author(id="severbank", is_brand=True)
    fields = {"parent_id": to, "kind": Kind.reply, "author": brand, "thread_id": to}
    return a_post(native, **{**fields, **changes})


def judged(**changes: Any) -> Classification:
    """A direct, polite complaint with a fair claim about an outage."""
    urgency = changes.get("urgency", 40)
    fields: dict[str, Any] = {
        "lang": "ru",
        "addressed": Addressed.direct,
        "intent": Intent.complaint,
        "tone": Tone.negative,
        "strength": 1,
        "emotion": Emotion.none,
        "rude": False,
        "fair_claim": True,
        "solvable": Solvable.yes,
        "topic": CaseTopic.billing_payment,
        "personal_data": False,
        "repeat_contact": False,
        "urgency": urgency,
        "urgency_band": 1,
        "parts": (Part(name="intent", points=urgency, why="a complaint"),),
        "disposition": Disposition.public_ack_then_private,
        "model": Model(name="test", version="1"),
    }
    return Classification(**{**fields, **changes})


def a_classified(post: SocialPost, **axes: Any) -> ClassifiedPost:
    """A post with its judgement; ``review`` says what a brand's reply is."""
    review = axes.pop("review", None)
    return ClassifiedPost(
        event_id=derive_id(post.event_id, "ClassifiedPost"),
        cause_id=post.event_id,
        occurred_at=post.occurred_at,
        post=post,
        classification=None if post.op in {Op.deleted, Op.hidden} else judged(**axes),
        reply_review=ReplyReview(kind=ReplyKind(review)) if review else None,
    )


def a_record(event: Event, *, topic: str, partition: int = 0) -> Outgoing:
    """An event on its way to a topic, as its writer would send it."""
    return Outgoing(
        topic=topic,
        partition=partition,
        key=b"key",
        value=msgspec.json.encode(event),
        headers=(("ce_type", type(event).__name__.encode()),),
        event_id=event.event_id,
    )
