"""What did somebody say, where and when? One uniform post, whatever the platform."""

import msgspec

from schemas.event import Contract, Event, Instant
from schemas.vocabulary import (
    ChannelRole,
    Kind,
    Op,
    PostedAtSource,
    SeenAs,
    Space,
    Visibility,
)


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote; the flags come from configured ids only, unknown followers are null.

    ``hash`` is keyed, of source and id: what ``AuthorErased`` names an author by.
    """

    id: str
    hash: str | None = None
    handle: str | None = None
    name: str | None = None
    followers: int | None = None
    verified: bool | None = None
    is_brand: bool = False
    is_bot: bool | None = None
    is_vip: bool | None = None
    is_press: bool | None = None


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """How far the post went; unknown stays null and is never 0 (R32)."""

    likes: int | None = None
    replies: int | None = None
    reposts: int | None = None
    views: int | None = None


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """Something beside the text; we keep its kind and address, never its bytes."""

    kind: str
    url: str | None = None


class Deleter(msgspec.Struct, frozen=True, kw_only=True):
    """Who removed the post, where the platform tells."""

    id: str | None = None
    is_brand: bool | None = None


class RawReference(msgspec.Struct, frozen=True, kw_only=True):
    """Where the payload as received lies; a reference, never the payload."""

    topic: str
    partition: int
    offset: int


class SocialPost(Event, frozen=True, kw_only=True, tag_field="type", tag=True):
    """One revision of one post, or what happened to it; contracts.md, posts.v1.

    ``brand_terms`` are the configured names of the brand that the text uses, tagged or not (R46).
    ``drill`` names the drill that made the post up; nobody wrote it.
    """

    op: Op
    id: str
    revision: int
    brand: str
    source: str
    account: str
    conversation_id: str | None = None
    thread_id: str | None = None
    parent_id: str | None = None
    root_id: str | None = None
    quoted_id: str | None = None
    reposted_id: str | None = None
    kind: Kind
    space: Space
    channel_role: ChannelRole
    visibility: Visibility
    author: Author | None = None
    text: str = ""
    truncated: bool = False
    title: str | None = None
    lang: str | None = None
    attachments: tuple[Attachment, ...] = ()
    mentions: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    rating: int | None = None
    reach: Reach | None = None
    url: str | None = None
    posted_at: Instant | None = None
    posted_at_source: PostedAtSource
    received_at: Instant
    backfill: bool = False
    seen_as: SeenAs = SeenAs.observed
    deleted_by: Deleter | None = None
    redactions: tuple[str, ...] = ()
    brand_terms: tuple[str, ...] = ()
    raw: RawReference | None = None
    drill: str | None = None

    @property
    def said_at(self) -> Instant:
        """When it was written, as far as the platform says; else when it came."""
        return self.posted_at or self.received_at


class Case(Contract, frozen=True, kw_only=True):
    """One customer's matter in one thread; what a ticket is about (design 1).

    ``customer_hash`` is what ``AuthorErased`` names the customer by; it is no part of the key.
    """

    brand: str
    thread: str
    customer: str | None = None
    customer_hash: str | None = None

    @property
    def key(self) -> str:
        """The case as one string, for keys and derived ids."""
        return "\x1f".join((self.brand, self.thread, self.customer or ""))


def case_of(post: SocialPost) -> Case:
    """The case that a customer's post belongs to: thread, else root, else the post itself."""
    return Case(
        brand=post.brand,
        thread=post.thread_id or post.root_id or post.id,
        customer=post.author.id if post.author else None,
        customer_hash=post.author.hash if post.author else None,
    )


def conversation_key(post: SocialPost) -> str:
    """The Kafka key of a post: brand and the widest container that is known."""
    return f"{post.brand}:{post.conversation_id or post.root_id or post.parent_id or post.id}"
