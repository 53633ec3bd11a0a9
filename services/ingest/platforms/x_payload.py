"""What does X write about a post? The v2 object, what is included beside it, and two envelopes.

https://docs.x.com/x-api/activity/event-payloads
"""

import msgspec

from services.ingest.platforms.wire import Id, MaybeId, When


class Referenced(msgspec.Struct, frozen=True):
    """Another post that this one answers, quotes or repeats."""

    type: str
    id: Id


class Counts(msgspec.Struct, frozen=True):
    """How far a post or a person reaches."""

    followers_count: int | None = None
    like_count: int | None = None
    reply_count: int | None = None
    retweet_count: int | None = None
    impression_count: int | None = None


class Named(msgspec.Struct, frozen=True):
    """A person named in a post, or an address in it."""

    username: str | None = None
    id: MaybeId = None
    expanded_url: str | None = None


class Entities(msgspec.Struct, frozen=True):
    """What is marked in the text."""

    mentions: tuple[Named, ...] | None = None
    urls: tuple[Named, ...] | None = None


class MediaKeys(msgspec.Struct, frozen=True):
    """Which included media belong to the post."""

    media_keys: tuple[str, ...] | None = None


class Note(msgspec.Struct, frozen=True):
    """The whole text of a long post."""

    text: str | None = None


class XPost(msgspec.Struct, frozen=True):
    """One version of a post; each edit makes a new id, the first in the history stays."""

    id: Id
    text: str | None = None
    note_tweet: Note | None = None
    author_id: MaybeId = None
    created_at: When = None
    conversation_id: MaybeId = None
    edit_history_tweet_ids: tuple[Id, ...] | None = None
    referenced_tweets: tuple[Referenced, ...] | None = None
    in_reply_to_user_id: MaybeId = None
    lang: str | None = None
    public_metrics: Counts | None = None
    entities: Entities | None = None
    attachments: MediaKeys | None = None


class XUser(msgspec.Struct, frozen=True):
    """Somebody; beside a deletion X wraps each of them in ``data``."""

    id: MaybeId = None
    username: str | None = None
    name: str | None = None
    verified: bool | None = None
    public_metrics: Counts | None = None
    data: "XUser | None" = None


class XMedia(msgspec.Struct, frozen=True):
    """A photo or a video."""

    media_key: str = ""
    type: str = "unknown"
    url: str | None = None
    preview_image_url: str | None = None


class Includes(msgspec.Struct, frozen=True):
    """What is told beside the post; empty for replies."""

    users: tuple[XUser, ...] | None = None
    media: tuple[XMedia, ...] | None = None


class Told(msgspec.Struct, frozen=True):
    """A post with what is told beside it."""

    payload: XPost
    includes: Includes | None = None


class Filter(msgspec.Struct, frozen=True):
    """Whose subscription it is."""

    user_id: MaybeId = None


class Activity(msgspec.Struct, frozen=True):
    """An event of the X Activity API; a post that was looked up has no type."""

    event_type: str | None = None
    filter: Filter | None = None


class Envelope(msgspec.Struct, frozen=True):
    """A delivery or an answer; the old Account Activity API says for whom, and lists per kind."""

    data: msgspec.Raw = msgspec.Raw(b"")
    includes: msgspec.Raw = msgspec.Raw(b"null")
    for_user_id: MaybeId = None
    tweet_create_events: tuple[msgspec.Raw, ...] | None = None
    tweet_delete_events: tuple[msgspec.Raw, ...] | None = None


class LegacyStatus(msgspec.Struct, frozen=True):
    """The post that was deleted."""

    id: Id
    user_id: MaybeId = None


class LegacyDelete(msgspec.Struct, frozen=True):
    """A deletion as the Account Activity API tells it."""

    status: LegacyStatus
    timestamp_ms: When = None
