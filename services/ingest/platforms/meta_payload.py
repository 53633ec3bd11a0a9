"""What do Facebook, Messenger and Instagram write? Their one envelope, and what it may hold.

https://developers.facebook.com/docs/graph-api/webhooks/reference/page/
"""

import msgspec

from services.ingest.platforms.wire import Id, MaybeId, When


class Party(msgspec.Struct, frozen=True):
    """Who wrote, or to whom; Facebook gives a name, Instagram a user name."""

    id: MaybeId = None
    name: str | None = None
    username: str | None = None


class Holder(msgspec.Struct, frozen=True):
    """Something that is told by its id alone."""

    id: MaybeId = None


class Entry(msgspec.Struct, frozen=True):
    """What happened at one page at one time."""

    id: MaybeId = None
    time: When = None
    changes: tuple[msgspec.Raw, ...] | None = None
    messaging: tuple[msgspec.Raw, ...] | None = None
    standby: tuple[msgspec.Raw, ...] | None = None


class Envelope(msgspec.Struct, frozen=True):
    """A webhook's delivery; an answer of the Graph API has ``data`` instead."""

    object: str | None = None
    entry: tuple[msgspec.Raw, ...] | None = None
    data: tuple[msgspec.Raw, ...] | None = None


class Change(msgspec.Struct, frozen=True):
    """One change of one field; some fields have no value."""

    field: str = ""
    value: msgspec.Raw = msgspec.Raw(b"{}")


class FeedValue(msgspec.Struct, frozen=True):
    """A post, comment or rating at a page; older deliveries have ``sender_id`` for ``from``."""

    item: str = ""
    verb: str = ""
    post_id: MaybeId = None
    comment_id: MaybeId = None
    parent_id: MaybeId = None
    from_: Party | None = msgspec.field(name="from", default=None)
    sender_id: MaybeId = None
    sender_name: str | None = None
    created_time: When = None
    message: str | None = None
    link: str | None = None
    photo: str | None = None
    photos: tuple[str, ...] | None = None
    video: str | None = None
    permalink_url: str | None = None
    open_graph_story_id: MaybeId = None
    reviewer_id: MaybeId = None
    reviewer_name: str | None = None
    rating: int | None = None
    review_text: str | None = None


class InstagramValue(msgspec.Struct, frozen=True):
    """A comment, or only the ids of what mentions the account; it never has a time."""

    id: MaybeId = None
    text: str | None = None
    from_: Party | None = msgspec.field(name="from", default=None)
    media: Holder | None = None
    parent_id: MaybeId = None
    media_id: MaybeId = None
    comment_id: MaybeId = None


class Picture(msgspec.Struct, frozen=True):
    """Where a comment's picture lies."""

    src: str | None = None


class GraphMedia(msgspec.Struct, frozen=True):
    """A comment's picture."""

    image: Picture | None = None


class GraphAttachment(msgspec.Struct, frozen=True):
    """What a comment of the Graph API carries."""

    type: str = "unknown"
    url: str | None = None
    media: GraphMedia | None = None


class GraphComment(msgspec.Struct, frozen=True):
    """A comment as it is read: Facebook's has a message, Instagram's a text and a time stamp."""

    id: Id
    message: str | None = None
    created_time: When = None
    text: str | None = None
    timestamp: When = None
    from_: Party | None = msgspec.field(name="from", default=None)
    user: Party | None = None
    parent: Holder | None = None
    media: Holder | None = None
    attachment: GraphAttachment | None = None
    like_count: int | None = None
    comment_count: int | None = None
    permalink_url: str | None = None


class Payload(msgspec.Struct, frozen=True):
    """Where an attachment lies."""

    url: str | None = None


class MessageAttachment(msgspec.Struct, frozen=True):
    """Something beside a message's text."""

    type: str = "unknown"
    payload: Payload | None = None


class Answered(msgspec.Struct, frozen=True):
    """The message that is answered; a story has none."""

    mid: MaybeId = None


class Message(msgspec.Struct, frozen=True):
    """A message, its echo, or that it was withdrawn."""

    mid: MaybeId = None
    text: str | None = None
    is_echo: bool | None = None
    is_deleted: bool | None = None
    reply_to: Answered | None = None
    attachments: tuple[MessageAttachment, ...] | None = None


class Messaging(msgspec.Struct, frozen=True):
    """One event of a dialogue."""

    sender: Party | None = None
    recipient: Party | None = None
    timestamp: When = None
    message: Message | None = None
    message_edit: Message | None = None
