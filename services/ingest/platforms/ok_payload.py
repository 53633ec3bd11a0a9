"""What does Odnoklassniki write about a message in a chat, and about a comment in a discussion?"""

import msgspec

from services.ingest.platforms.wire import Id, MaybeId, When


class Writer(msgspec.Struct, frozen=True):
    """Who wrote."""

    user_id: MaybeId = None
    name: str | None = None


class Chat(msgspec.Struct, frozen=True):
    """Where it was written."""

    chat_id: MaybeId = None


class Payload(msgspec.Struct, frozen=True):
    """Where an attachment lies."""

    url: str | None = None


class OkAttachment(msgspec.Struct, frozen=True):
    """Something beside the text."""

    type: str = "unknown"
    payload: Payload | None = None


class OkMessage(msgspec.Struct, frozen=True):
    """A message."""

    mid: MaybeId = None
    text: str | None = None
    reply_to: MaybeId = None
    attachments: tuple[OkAttachment, ...] | None = None


class Event(msgspec.Struct, frozen=True):
    """What a webhook tells; older ones name no type."""

    webhook_type: str = msgspec.field(name="webhookType", default="")
    sender: Writer | None = None
    recipient: Chat | None = None
    message: OkMessage | None = None
    timestamp: When = None


class Comment(msgspec.Struct, frozen=True):
    """A comment; ``date`` has no zone, ``date_ms`` needs none."""

    id: Id
    text: str | None = None
    author_id: MaybeId = None
    author_name: str | None = None
    reply_to_comment_id: MaybeId = None
    date: When = None
    date_ms: When = None
    like_count: int | None = None


class Discussion(msgspec.Struct, frozen=True):
    """A page of the comments under one post, photo or video."""

    discussion_id: MaybeId = msgspec.field(name="discussionId", default=None)
    discussion_type: str | None = msgspec.field(name="discussionType", default=None)
    comments: tuple[msgspec.Raw, ...] | None = None
