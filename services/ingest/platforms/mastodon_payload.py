"""What does Mastodon say? An event, and what of a status a post is made of.

https://docs.joinmastodon.org/entities/Status/
"""

from typing import Annotated

import msgspec

from services.ingest.platforms.wire import MaybeId

Address = Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the stream (``payload``) or of a webhook (``object``), or what was asked for."""

    event: str | None = None
    type: str | None = None
    uri: str | None = None
    payload: msgspec.Raw = msgspec.Raw()
    object: msgspec.Raw = msgspec.Raw()


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote; ``acct`` names no server where it is the one that tells."""

    acct: str
    id: MaybeId = None
    url: str | None = None
    display_name: str | None = None
    followers_count: int | None = None


class Media(msgspec.Struct, frozen=True, kw_only=True):
    """Something beside the text."""

    type: str | None = None
    url: str | None = None


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is named."""

    acct: str


class Boosted(msgspec.Struct, frozen=True, kw_only=True):
    """The status that is passed on."""

    uri: Address


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """A status; ``uri`` is the same on every server, ``id`` and ``in_reply_to_id`` are not."""

    uri: Address
    account: Account
    in_reply_to_id: MaybeId = None
    created_at: str | None = None
    edited_at: str | None = None
    visibility: str | None = None
    language: str | None = None
    url: str | None = None
    content: str | None = None
    spoiler_text: str | None = None
    reblog: Boosted | None = None
    media_attachments: tuple[Media, ...] | None = None
    mentions: tuple[Mention, ...] | None = None
    favourites_count: int | None = None
    replies_count: int | None = None
    reblogs_count: int | None = None


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """Why the account is told of a status."""

    type: str
    status: Status | None = None
