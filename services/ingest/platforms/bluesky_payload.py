"""What does Bluesky say? An event of Jetstream, and what of its records a post is made of.

https://github.com/bluesky-social/atproto/tree/main/lexicons/app/bsky
"""

from typing import Annotated

import msgspec

from services.ingest.platforms.wire import Id

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """A record by its address; quoted beside pictures it is wrapped once more."""

    uri: str | None = None
    record: "Reference | None" = None


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A record that must be there."""

    uri: Key


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """Where a post stands in a thread."""

    root: Named | None = None
    parent: Named | None = None


class Feature(msgspec.Struct, frozen=True, kw_only=True, rename={"type": "$type"}):
    """What a marked part of the text is."""

    type: str | None = None
    did: str | None = None
    uri: str | None = None


class Facet(msgspec.Struct, frozen=True, kw_only=True):
    """A marked part of the text."""

    features: tuple[Feature, ...] | None = None


class External(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the web."""

    uri: str | None = None


class Embed(msgspec.Struct, frozen=True, kw_only=True):
    """What stands below the text."""

    record: Reference | None = None
    media: "Embed | None" = None
    images: tuple[object, ...] | None = None
    video: object = None
    external: External | None = None


class Record(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A post, or a repost with its ``subject``; the author's device says when."""

    text: str | None = None
    created_at: str | None = None
    langs: tuple[str, ...] | None = None
    reply: Reply | None = None
    subject: Named | None = None
    embed: Embed | None = None
    facets: tuple[Facet, ...] | None = None


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to one record; it is read once it is known to be of ours."""

    operation: str
    collection: str
    rkey: Key
    rev: str | None = None
    record: msgspec.Raw = msgspec.Raw()


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event; ``time_us`` is when this server told of it."""

    did: Id
    kind: str
    time_us: int | None = None
    commit: Commit | None = None
