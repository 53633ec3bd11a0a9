"""What may a sender of our own format say about a post? The fields of the generic webhook.

The same names stand in JSON Lines and, with dots for the nested ones (``author.id``), in the
header of a CSV file. Unknown fields are ignored; only ``id`` is required.
"""

from datetime import datetime
from typing import Annotated

import msgspec

from schemas.event import Instant
from schemas.posts import Attachment, Author, Reach
from schemas.vocabulary import Kind, Op, PostedAtSource, Space, Visibility
from services.ingest.domain.post import MANY
from services.ingest.domain.said import Said
from services.ingest.domain.text import decodable
from services.ingest.platforms.wire import text_of, web

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=256)] | int
Line = Annotated[str, msgspec.Meta(max_length=1024)]
Address = Annotated[str, msgspec.Meta(max_length=2048)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Many = msgspec.Meta(max_length=MANY)


_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


class GenericAuthor(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote; ``followers`` is left out where it is unknown, it is never 0 for that."""

    id: Id
    name: Line | None = None
    handle: Line | None = None
    followers: Count | None = None
    verified: bool | None = None


class GenericReach(msgspec.Struct, frozen=True, kw_only=True):
    """How far the post went."""

    likes: Count | None = None
    replies: Count | None = None
    reposts: Count | None = None
    views: Count | None = None


class GenericAttachment(msgspec.Struct, frozen=True, kw_only=True):
    """Something beside the text."""

    kind: Line
    url: Address | None = None


class GenericPost(msgspec.Struct, frozen=True, kw_only=True):
    """One post, or what happened to it; times are RFC 3339 with a zone.

    ``id`` is kept as sent, so it must be unique within the brand. ``op`` is created (default),
    edited, deleted, hidden, unhidden, restored or engagement. ``occurred_at`` is when that
    happened: without it two hides of one post are one event. ``account``, where given, must be
    the one in the address. A bare string as ``author`` is the author's id.
    """

    id: Id
    op: str | None = None
    account: str | None = None
    occurred_at: Instant | None = None
    author: GenericAuthor | Id | None = None
    deleted_by: Id | None = None
    text: str | None = None
    title: Annotated[str, msgspec.Meta(max_length=4096)] | None = None
    posted_at: Instant | None = None
    edited_at: Instant | None = None
    conversation_id: Id | None = None
    thread_id: Id | None = None
    parent_id: Id | None = None
    root_id: Id | None = None
    quoted_id: Id | None = None
    reposted_id: Id | None = None
    kind: Kind | None = None
    space: Space | None = None
    visibility: Visibility | None = None
    url: Address | None = None
    urls: Annotated[tuple[Address, ...], Many] = ()
    mentions: Annotated[tuple[Line, ...], Many] = ()
    attachments: Annotated[tuple[GenericAttachment, ...], Many] = ()
    rating: Annotated[int, msgspec.Meta(ge=1, le=5)] | None = None
    reach: GenericReach | None = None
    lang: Annotated[str, msgspec.Meta(max_length=35)] | None = None


def says_something(given: GenericPost) -> bool:
    """Is there anything in a new post?"""
    shared = given.reposted_id or given.quoted_id
    return bool(given.text or given.title or given.attachments or given.rating or shared)


def strangers(post: bytes) -> int:
    """How many of a post's fields are none that we know: a misspelt one loses what it says."""
    fields = _FIELDS.decode(decodable(post))
    return len(fields.keys() - set(GenericPost.__struct_fields__))


def said_of(given: GenericPost, *, op: Op, at: datetime | None) -> Said:
    """The payload in our words; ``at`` is the time of an envelope around it, if there was one."""
    new = op is Op.created and given.posted_at is None
    return Said(
        op=op,
        id=str(given.id),
        kind=_kind(given),
        space=_space(given),
        visibility=_visibility(given),
        text=given.text or "",
        title=given.title,
        author=_author(given.author),
        deleted_by=text_of(given.deleted_by),
        conversation_id=text_of(given.conversation_id),
        thread_id=text_of(given.thread_id),
        parent_id=text_of(given.parent_id),
        root_id=text_of(given.root_id),
        quoted_id=text_of(given.quoted_id),
        reposted_id=text_of(given.reposted_id),
        posted_at=(given.occurred_at or at) if new else given.posted_at,
        posted_at_source=PostedAtSource.envelope if new else PostedAtSource.platform,
        edited_at=given.edited_at,
        event_at=given.occurred_at or at,
        attachments=tuple(Attachment(kind=a.kind, url=web(a.url)) for a in given.attachments),
        mentions=given.mentions,
        urls=tuple(url for url in given.urls if web(url)),
        rating=given.rating,
        reach=_reach(given.reach),
        url=web(given.url),
        lang=given.lang,
    )


def _kind(given: GenericPost) -> Kind:
    by_space = {Space.dm: Kind.message, Space.review: Kind.review, Space.mention: Kind.mention}
    if given.kind:
        return given.kind
    if given.space in by_space and not (given.space is Space.review and given.parent_id):
        return by_space[given.space]
    return Kind.comment if given.parent_id else Kind.post


def _space(given: GenericPost) -> Space:
    by_kind = {Kind.message: Space.dm, Kind.review: Space.review, Kind.mention: Space.mention}
    return given.space or by_kind.get(_kind(given), Space.own_page)


def _visibility(given: GenericPost) -> Visibility:
    default = Visibility.private if _space(given) is Space.dm else Visibility.public
    return given.visibility or default


def _author(given: GenericAuthor | str | int | None) -> Author | None:
    if isinstance(given, GenericAuthor):
        return Author(
            id=str(given.id),
            name=given.name,
            handle=given.handle,
            followers=given.followers,
            verified=given.verified,
        )
    return None if given is None else Author(id=str(given))


def _reach(given: GenericReach | None) -> Reach | None:
    if given is None:
        return None
    return Reach(likes=given.likes, replies=given.replies, reposts=given.reposts, views=given.views)
