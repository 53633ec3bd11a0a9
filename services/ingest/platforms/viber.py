"""How does Viber speak? One webhook a bot; what the bot itself sends is never echoed.

https://developers.viber.com/docs/api/rest-bot-api/
"""

from datetime import datetime

import msgspec

from schemas.posts import Attachment, Author, SocialPost
from schemas.vocabulary import Kind, Op, Space, Visibility
from services.ingest.domain.post import post_of
from services.ingest.domain.receipt import Answer, Delivery, Ignored, Keys, Native, Refused, Seen
from services.ingest.domain.said import Said
from services.ingest.platforms.wire import (
    Id,
    MaybeId,
    When,
    decoded,
    instant,
    is_one_of,
    sha256_of,
    shapeless,
    text_of,
    unsupported,
    web,
)

taken: Answer | None = Answer()
"""Viber tries for an hour until it hears 200."""

_NO_MESSAGES = frozenset(
    {
        "webhook", "subscribed", "unsubscribed", "conversation_started", "delivered", "seen",
        "failed", "client_status", "action",
    }
)  # fmt: skip


class Sender(msgspec.Struct, frozen=True):
    """Who wrote; the id is another for each bot."""

    id: Id
    name: str | None = None


class Message(msgspec.Struct, frozen=True):
    """A text, or something that lies at ``media``."""

    type: str = "text"
    text: str | None = None
    media: str | None = None


class Event(msgspec.Struct, frozen=True):
    """What Viber tells; the token is a whole number beyond what a float can hold."""

    event: str = ""
    timestamp: When = None
    message_token: MaybeId = None
    sender: Sender | None = None
    message: Message | None = None


_EVENT = msgspec.json.Decoder(Event)


def verify(delivery: Delivery, keys: Keys, now: datetime) -> bool:
    """Does a live token of the bot sign the bytes as they came?"""
    given = delivery.headers.get("x-viber-content-signature", "")
    return is_one_of(given, [sha256_of(one, delivery.body).hex() for one in keys.secrets if one])


def handshake(delivery: Delivery, keys: Keys) -> Answer | None:
    """Viber's first call is a signed event like any other."""
    return None


def split(delivery: Delivery) -> tuple[Native, ...]:
    """The one event of a delivery."""
    return (Native(raw=delivery.body, post=delivery.body),)


def normalize(native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The message that an event tells of, or why it is none; never raises."""
    event = decoded(native.post, _EVENT)
    if isinstance(event, Refused):
        return event
    if event.event in _NO_MESSAGES:
        return Ignored(why="no message")
    if event.event != "message":
        return unsupported("a known event")
    token, sender, message = text_of(event.message_token), event.sender, event.message
    if token is None or sender is None or message is None:
        return shapeless("a message with `message_token`, `sender` and `message`")
    return post_of(_said(token, sender, message, instant(event.timestamp)), seen)


def _said(token: str, sender: Sender, message: Message, at: datetime | None) -> Said:
    attached = Attachment(kind=message.type, url=web(message.media))
    return Said(
        op=Op.created,
        id=f"viber:{token}",
        kind=Kind.message,
        space=Space.dm,
        visibility=Visibility.private,
        text=message.text or "",
        author=Author(id=str(sender.id), name=sender.name),
        conversation_id=f"viber:{sender.id}",
        posted_at=at,
        attachments=() if message.type == "text" else (attached,),
    )
