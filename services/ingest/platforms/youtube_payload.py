"""What does YouTube say? Pages, threads and comments of the Data API.

https://developers.google.com/youtube/v3/docs/comments
"""

import msgspec

from services.ingest.platforms.wire import Id, MaybeId


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """Whose comment it is; missing where the channel is gone."""

    value: MaybeId = None


class Snippet(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a comment says; ``comments.list`` leaves out the video."""

    author_display_name: str | None = None
    author_channel_id: Channel | str | None = None
    video_id: MaybeId = None
    parent_id: MaybeId = None
    text_original: str | None = None
    text_display: str | None = None
    like_count: int | None = None
    published_at: str | None = None
    updated_at: str | None = None


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """One comment."""

    id: Id
    snippet: Snippet


class Top(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A thread's own words are its first comment."""

    top_level_comment: msgspec.Raw = msgspec.Raw(b"null")
    video_id: MaybeId = None


class Replies(msgspec.Struct, frozen=True, kw_only=True):
    """At most five of its replies."""

    comments: tuple[msgspec.Raw, ...] | None = None


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """A page, a thread or a comment."""

    kind: str | None = None
    items: msgspec.Raw = msgspec.Raw()
    snippet: msgspec.Raw = msgspec.Raw(b"null")
    replies: Replies | None = None
