"""How does Bluesky speak? Commits as Jetstream tells them, a record each.

https://github.com/bluesky-social/jetstream
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from schemas.posts import Attachment, Author, SocialPost
from schemas.vocabulary import Kind, Op, Space, Visibility
from services.ingest.domain.post import MANY, post_of
from services.ingest.domain.receipt import Delivery, Ignored, Native, Refused, Seen
from services.ingest.domain.said import Said
from services.ingest.platforms.bluesky_payload import Commit, Embed, Event, Record
from services.ingest.platforms.polled import handshake, taken, verify
from services.ingest.platforms.wire import decoded, instant, items_of, shapeless, unsupported, web

__all__ = ("handshake", "normalize", "split", "taken", "verify")

_POST, _REPOST = "app.bsky.feed.post", "app.bsky.feed.repost"
_OPS = {"create": Op.created, "update": Op.edited, "delete": Op.deleted}
_EVENT = msgspec.json.Decoder(Event)
_RECORD = msgspec.json.Decoder(Record)
_REVISION_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"


def split(delivery: Delivery) -> tuple[Native, ...]:
    """The events: Jetstream sends each on its own, a file may hold a list."""
    items = items_of(delivery.body)
    if isinstance(items, Refused):
        return (Native(raw=delivery.body, refused=items),)
    return tuple(Native(raw=text, post=text) for text in items)


def normalize(native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The post that a commit tells of, or why it is none."""
    event = decoded(native.post, _EVENT)
    if isinstance(event, Refused):
        return event
    if event.kind in {"account", "identity"}:
        return Ignored(why=event.kind)
    if event.kind != "commit":
        return unsupported("a commit")
    if event.commit is None:
        return shapeless("a commit")
    if event.commit.collection not in {_POST, _REPOST}:
        return Ignored(why="a record of another collection")
    return _committed(event, event.commit, seen)


def _committed(event: Event, commit: Commit, seen: Seen) -> SocialPost | Refused:
    op = _OPS.get(commit.operation)
    if op is None:
        return unsupported(f"one of {', '.join(_OPS)}")
    if op is Op.deleted:
        return post_of(_gone(event, commit), seen)
    record = decoded(bytes(commit.record), _RECORD)
    if isinstance(record, Refused):
        return record
    said = _said(_gone(event, commit), record, op)
    own = str(event.did) in seen.account.own_ids
    return post_of(msgspec.structs.replace(said, space=Space.own_page) if own else said, seen)


def _gone(event: Event, commit: Commit) -> Said:
    """What is known of a record without its words."""
    return Said(
        op=Op.deleted,
        id=f"at://{event.did}/{commit.collection}/{commit.rkey}",
        kind=Kind.repost if commit.collection == _REPOST else Kind.post,
        space=Space.mention,
        visibility=Visibility.public,
        author=Author(id=str(event.did)),
        event_at=time_of(commit.rev) or _microseconds(event.time_us),
    )


def _said(known: Said, record: Record, op: Op) -> Said:
    reply, subject = record.reply, record.subject
    root = reply.root.uri if reply and reply.root else None
    return msgspec.structs.replace(
        known,
        op=op,
        kind=known.kind if subject else _kind(record),
        text=record.text or "",
        conversation_id=root,
        thread_id=root,
        root_id=root,
        parent_id=reply.parent.uri if reply and reply.parent else root,
        quoted_id=_quoted(record),
        reposted_id=subject.uri if subject else None,
        posted_at=instant(record.created_at),
        edited_at=known.event_at if op is Op.edited else None,
        attachments=tuple(_attachments(record.embed))[:MANY],
        mentions=tuple(_features(record, "mention"))[:MANY],
        urls=tuple(filter(web, _features(record, "link")))[:MANY],
        url=None if subject else _url(known.id),
        lang=record.langs[0] if record.langs else None,
    )


def _url(address: str) -> str:
    return f"https://bsky.app/profile/{address.removeprefix('at://').replace(_POST, 'post')}"


def time_of(revision: str | None) -> datetime | None:
    """When a commit was made: its revision is a time, whichever server tells of it."""
    if revision is None or len(revision) != 13 or not set(revision) <= set(_REVISION_DIGITS):
        return None
    number = 0
    for digit in revision:
        number = number * 32 + _REVISION_DIGITS.index(digit)
    return _microseconds(number >> 10)


def _microseconds(number: int | None) -> datetime | None:
    return instant(number / 1_000_000) if number is not None and abs(number) < 2**63 else None


def _kind(record: Record) -> Kind:
    if record.reply:
        return Kind.reply
    return Kind.quote if _quoted(record) else Kind.post


def _quoted(record: Record) -> str | None:
    """The post that is quoted, alone or beside pictures."""
    embed = record.embed
    if embed is None or embed.record is None:
        return None
    inner = embed.record.record
    return inner.uri if inner else embed.record.uri


def _attachments(embed: Embed | None) -> Iterator[Attachment]:
    media = embed.media if embed and embed.media else embed
    if media is None:
        return
    for _ in media.images or ():
        yield Attachment(kind="image")
    if media.video is not None:
        yield Attachment(kind="video")
    if media.external:
        yield Attachment(kind="link", url=web(media.external.uri))


def _features(record: Record, name: str) -> Iterator[str]:
    """What marks lead to: accounts that are mentioned, addresses."""
    for facet in record.facets or ():
        for feature in facet.features or ():
            target = feature.did if name == "mention" else feature.uri
            if feature.type == f"app.bsky.richtext.facet#{name}" and target:
                yield target
