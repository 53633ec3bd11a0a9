"""How does Mastodon speak? Events of a user's stream, statuses as JSON within JSON.

A webhook of one's own server tells the same with the status as an object; what it tells of people,
with their e-mail and IP addresses, is not kept.
https://docs.joinmastodon.org/methods/streaming/
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec

from schemas.posts import Attachment, Author, Reach, SocialPost
from schemas.vocabulary import Kind, Op, Space, Visibility
from services.ingest.domain.post import MANY, post_of
from services.ingest.domain.receipt import Delivery, Ignored, Native, Refused, Seen
from services.ingest.domain.said import Said
from services.ingest.platforms.mastodon_payload import Account, Event, Notification, Status
from services.ingest.platforms.polled import handshake, taken, verify
from services.ingest.platforms.wire import Id, decoded, instant, unsupported, web
from services.ingest.platforms.words import words_of

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
_VISIBILITY = {
    "public": Visibility.public,
    "unlisted": Visibility.unlisted,
    "private": Visibility.private,
    "direct": Visibility.private,
}
_EVENT = msgspec.json.Decoder(Event)
_STATUS = msgspec.json.Decoder(Status)
_NOTIFICATION = msgspec.json.Decoder(Notification)
_TEXT = msgspec.json.Decoder(str)
_NUMBER: msgspec.json.Decoder[Id] = msgspec.json.Decoder(Id)


def split(delivery: Delivery) -> tuple[Native, ...]:
    """The event; of one that tells of people only its name is kept."""
    body = delivery.body
    event = decoded(body, _EVENT)
    if isinstance(event, Refused):
        return (Native(raw=body, refused=event),)
    if event.event not in {*_OPS, "notification", "delete"}:
        name = msgspec.json.encode({"event": event.event})
        return (Native(raw=name, event=event.event),)
    told = bytes(event.payload or event.object)
    if told[:1] != b'"':
        return (Native(raw=body, post=told, event=event.event),)
    inner = decoded(told, _TEXT)
    if isinstance(inner, Refused):
        return (Native(raw=body, refused=inner),)
    return (Native(raw=body, post=inner.encode(), event=event.event),)


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
    return status if isinstance(status, Refused) else post_of(_said(status, _OPS[name], seen), seen)


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
    said = _said(told.status, op, seen)
    if told.type == "mention" and said.kind is Kind.post:
        said = msgspec.structs.replace(said, kind=Kind.mention)
    return post_of(said, seen)


def _said(status: Status, op: Op, seen: Seen) -> Said:
    author = _author(status.account)
    return Said(
        op=op,
        id=f"mastodon:{status.uri}",
        kind=_kind(status),
        space=_space(status, author, seen),
        visibility=_VISIBILITY.get(status.visibility or "public", Visibility.unknown),
        text=words_of(status.content or ""),
        title=status.spoiler_text or None,
        author=author,
        parent_id=f"mastodon:local:{status.in_reply_to_id}" if status.in_reply_to_id else None,
        reposted_id=f"mastodon:{status.reblog.uri}" if status.reblog else None,
        posted_at=instant(status.created_at),
        edited_at=instant(status.edited_at),
        attachments=tuple(_attachments(status))[:MANY],
        mentions=tuple(f"@{one.acct}" for one in status.mentions or ())[:MANY],
        reach=_reach(status),
        url=web(status.url),
        lang=status.language,
    )


def _kind(status: Status) -> Kind:
    if status.reblog:
        return Kind.repost
    if status.visibility == "direct":
        return Kind.message
    return Kind.reply if status.in_reply_to_id else Kind.post


def _space(status: Status, author: Author, seen: Seen) -> Space:
    if status.visibility == "direct":
        return Space.dm
    return Space.own_page if author.id in seen.account.own_ids else Space.mention


def _author(account: Account) -> Author:
    """``name@server``, also for people of the server that tells."""
    return Author(
        id=_address(account),
        handle=account.acct,
        name=account.display_name or None,
        followers=account.followers_count,
    )


def _address(account: Account) -> str:
    try:
        host = urlsplit(account.url or "").hostname
    except ValueError:
        host = None
    return f"{account.acct}@{host}" if host and "@" not in account.acct else account.acct


def _attachments(status: Status) -> Iterator[Attachment]:
    for one in status.media_attachments or ():
        yield Attachment(kind=one.type or "unknown", url=web(one.url))


def _reach(status: Status) -> Reach:
    return Reach(
        likes=status.favourites_count,
        replies=status.replies_count,
        reposts=status.reblogs_count,
    )
