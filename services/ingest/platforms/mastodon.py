"""How does Mastodon speak? Events of a user's stream, statuses as JSON within JSON.

A webhook of one's own server tells the same with the status as an object; what it tells of people,
with their e-mail and IP addresses, is not kept.
https://docs.joinmastodon.org/methods/streaming/
"""

import msgspec

from schemas.posts import SocialPost
from schemas.vocabulary import Kind, Op, Space, Visibility
from services.ingest.domain.post import post_of
from services.ingest.domain.receipt import Delivery, Ignored, Native, Refused, Seen
from services.ingest.domain.said import Said
from services.ingest.platforms.mastodon_payload import Event, Notification, Status
from services.ingest.platforms.mastodon_status import said_of
from services.ingest.platforms.polled import handshake, taken, verify
from services.ingest.platforms.wire import (
    Id,
    decoded,
    items_of,
    shapeless,
    unsupported,
)

__all__ = ("handshake", "normalize", "split", "taken", "verify")

_OPS = {
    "update": Op.created,
    "status.update": Op.edited,
    "status.created": Op.created,
    "status.updated": Op.edited,
}
_NO_POSTS = frozenset(
    [
        "account.approved",
        "account.created",
        "account.updated",
        "announcement",
        "announcement.delete",
        "announcement.reaction",
        "conversation",
        "encrypted_message",
        "filters_changed",
        "notifications_merged",
        "report.created",
        "report.updated",
    ]
)
_EVENT = msgspec.json.Decoder(Event)
_STATUS = msgspec.json.Decoder(Status)
_NOTIFICATION = msgspec.json.Decoder(Notification)
_TEXT = msgspec.json.Decoder(str)
_NUMBER: msgspec.json.Decoder[Id] = msgspec.json.Decoder(Id)


def split(delivery: Delivery) -> tuple[Native, ...]:
    """The event, or the statuses and notifications that were asked for."""
    items = items_of(delivery.body)
    if isinstance(items, Refused):
        return (Native(raw=delivery.body, refused=items),)
    return tuple(_native(text) for text in items)


def normalize(native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The post that an event tells of, or why it is none."""
    name = native.event or ""
    if name == "delete":
        return _deleted(native.post, seen)
    if name == "notification":
        return _notified(native.post, seen)
    if name not in _OPS:
        return Ignored(why=name) if name in _NO_POSTS else unsupported("an event of the stream")
    status = decoded(native.post, _STATUS)
    return (
        status
        if isinstance(status, Refused)
        else post_of(said_of(status, _OPS[name], seen.account.own_ids), seen)
    )


def _native(text: bytes) -> Native:
    """One event; of one that tells of people only its name is kept."""
    event = decoded(text, _EVENT)
    if isinstance(event, Refused):
        return Native(raw=text, refused=event)
    if event.event is None:
        return _answered(text, event)
    if event.event not in {*_OPS, "notification", "delete"}:
        return Native(raw=msgspec.json.encode({"event": event.event}), event=event.event)
    told = bytes(event.payload or event.object)
    if told[:1] != b'"':
        return Native(raw=text, post=told, event=event.event)
    inner = decoded(told, _TEXT)
    if isinstance(inner, Refused):
        return Native(raw=text, refused=inner)
    return Native(raw=text, post=inner.encode(), event=event.event)


def _answered(text: bytes, item: Event) -> Native:
    """What fills the gap after a stream was cut: a status has an address, a notification none."""
    if item.uri is None and item.type is None:
        return Native(raw=text, refused=shapeless("an event"))
    return Native(raw=text, post=text, event="update" if item.uri else "notification")


def _deleted(text: bytes, seen: Seen) -> SocialPost | Refused:
    """Only the number that this server gave it is told."""
    number = decoded(text, _NUMBER)
    if isinstance(number, Refused):
        return number
    said = Said(
        op=Op.deleted,
        id=f"mastodon:local:{number}",
        kind=Kind.post,
        space=Space.mention,
        visibility=Visibility.public,
    )
    return post_of(said, seen)


def _notified(text: bytes, seen: Seen) -> SocialPost | Ignored | Refused:
    told = decoded(text, _NOTIFICATION)
    if isinstance(told, Refused):
        return told
    op = {"mention": Op.created, "status": Op.created, "update": Op.edited}.get(told.type)
    if op is None or told.status is None:
        return Ignored(why="a notification of no status")
    said = said_of(told.status, op, seen.account.own_ids)
    if told.type == "mention" and said.kind is Kind.post:
        said = msgspec.structs.replace(said, kind=Kind.mention)
    return post_of(said, seen)
