"""How do Reddit's comments and submissions read? Things of its API, alone or in listings.

Nothing is pushed: a thing that is read again tells that it was edited, deleted or removed.
https://www.reddit.com/dev/api
"""

from collections.abc import Iterator

import msgspec

from schemas.posts import Author, Reach, SocialPost
from schemas.vocabulary import Kind, Op, Space, Visibility
from services.ingest.domain.post import post_of
from services.ingest.domain.receipt import Delivery, Ignored, Native, Refused, Seen
from services.ingest.domain.said import Said
from services.ingest.platforms.polled import handshake, taken, verify
from services.ingest.platforms.wire import (
    MaybeId,
    When,
    decoded,
    instant,
    items_of,
    shapeless,
    unsupported,
    web,
)

__all__ = ("handshake", "normalize", "split", "taken", "verify")

_GONE = frozenset({"[deleted]", "[removed]"})
_COMMENT, _SUBMISSION = "t1", "t3"


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """Anything of Reddit's: ``t1`` is a comment, ``t3`` a submission."""

    kind: str
    data: msgspec.Raw


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Many things."""

    children: tuple[msgspec.Raw, ...] | None = None


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A comment or a submission; ``edited`` is false, true or a time."""

    name: MaybeId = None
    id: MaybeId = None
    author: str | None = None
    author_fullname: MaybeId = None
    parent_id: MaybeId = None
    link_id: MaybeId = None
    title: str | None = None
    body: str | None = None
    selftext: str | None = None
    url: str | None = None
    permalink: str | None = None
    removed_by_category: str | None = None
    edited: bool | When = None
    created_utc: When = None
    score: int | None = None
    num_comments: int | None = None


_THING = msgspec.json.Decoder(Thing)
_LISTING = msgspec.json.Decoder(Listing)
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_POST = msgspec.json.Decoder(Post)


def split(delivery: Delivery) -> tuple[Native, ...]:
    """The things in a listing or in several, with the replies that stand in them."""
    items = items_of(delivery.body)
    if isinstance(items, Refused):
        return (Native(raw=delivery.body, refused=items),)
    found: list[Native] = []
    waiting = list(reversed(items))
    while waiting:
        text = waiting.pop()
        thing = decoded(text, _THING)
        if isinstance(thing, Refused):
            found.append(Native(raw=text, refused=thing))
        elif thing.kind == "Listing":
            waiting.extend(reversed(list(_children(bytes(thing.data)))))
        else:
            native, replies = _alone(thing)
            found.append(native)
            waiting.extend(replies)
    return tuple(found)


def normalize(native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The post that a thing is, or why it is none."""
    if native.event == "more":
        return Ignored(why="more")
    if native.event not in {_COMMENT, _SUBMISSION}:
        return unsupported("a comment or a submission")
    found = decoded(native.post, _POST)
    if isinstance(found, Refused):
        return found
    name = found.name or (found.id and f"{native.event}_{found.id}")
    return post_of(_said(found, str(name)), seen) if name else shapeless("a name")


def _children(data: bytes) -> Iterator[bytes]:
    listing = decoded(data, _LISTING)
    if not isinstance(listing, Refused):
        yield from map(bytes, listing.children or ())


def _alone(thing: Thing) -> tuple[Native, tuple[bytes, ...]]:
    """A thing without its replies, and their listing; where there is none, it is an empty text."""
    fields = decoded(bytes(thing.data), _FIELDS)
    if isinstance(fields, Refused):
        return Native(raw=bytes(thing.data), refused=fields), ()
    replies = bytes(fields.pop("replies", b""))
    raw = msgspec.json.encode({"kind": thing.kind, "data": fields})
    native = Native(raw=raw, post=msgspec.json.encode(fields), event=thing.kind)
    return native, (replies,) if replies[:1] == b"{" else ()


def _said(post: Post, name: str) -> Said:
    return Said(
        op=_op(post),
        id=f"reddit:{name}",
        kind=_kind(post),
        space=Space.forum,
        visibility=Visibility.public,
        text=_plain(post.body if post.body is not None else post.selftext),
        title=_plain(post.title) or None,
        author=_author(post),
        conversation_id=f"reddit:{post.link_id or name}",
        thread_id=f"reddit:{post.link_id or name}",
        parent_id=f"reddit:{post.parent_id}" if post.parent_id else None,
        posted_at=instant(post.created_utc),
        edited_at=None if isinstance(post.edited, bool) else instant(post.edited),
        reach=_reach(post),
        url=f"https://www.reddit.com{post.permalink}" if post.permalink else web(post.url),
    )


def _op(post: Post) -> Op:
    if post.body in _GONE or post.selftext in _GONE or post.removed_by_category:
        return Op.deleted
    return Op.edited if post.edited else Op.created


def _kind(post: Post) -> Kind:
    if post.parent_id is None:
        return Kind.post
    return Kind.comment if post.parent_id == post.link_id else Kind.reply


def _author(post: Post) -> Author | None:
    """By the lasting id; who deleted his account is hidden, his words may stay."""
    if post.author in {None, *_GONE}:
        return None
    return Author(id=str(post.author_fullname or post.author), handle=post.author)


def _reach(post: Post) -> Reach | None:
    if post.score is None and post.num_comments is None:
        return None
    return Reach(likes=post.score, replies=post.num_comments)


def _plain(text: str | None) -> str:
    """Reddit escapes three characters in texts that are no HTML."""
    return (text or "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
