"""What does Telegram say? The part of a Bot API ``Update`` that a post is made of.

https://core.telegram.org/bots/api#update
"""

import msgspec

from services.ingest.platforms.wire import Id, MaybeId, When


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Who sent it; in a group this may be a stand-in for ``sender_chat``."""

    id: Id
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None


class Chat(msgspec.Struct, frozen=True, kw_only=True):
    """Where it was sent, or the channel that sent it."""

    id: Id
    type: str | None = None
    title: str | None = None
    username: str | None = None
    is_forum: bool | None = None
    is_direct_messages: bool | None = None


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """A marked part of the text; offset and length count UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str | None = None
    user: User | None = None


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a forwarded message comes from; only a channel's can be found again."""

    chat: Chat | None = None
    message_id: MaybeId = None


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One customer's dialogue in a channel's direct messages."""

    topic_id: Id


class Poll(msgspec.Struct, frozen=True, kw_only=True):
    """A poll sent as a message; its question is the text."""

    question: str | None = None


class Replied(msgspec.Struct, frozen=True, kw_only=True):
    """The message that is answered; the first one of a forum topic is no post."""

    message_id: Id
    chat: Chat | None = None
    forum_topic_created: object = None


class Message(msgspec.Struct, frozen=True, kw_only=True, rename={"sender": "from"}):
    """One message; what it carries beside the text is only known by its presence."""

    message_id: Id
    chat: Chat
    date: When = None
    edit_date: When = None
    message_thread_id: MaybeId = None
    direct_messages_topic: Topic | None = None
    is_topic_message: bool | None = None
    is_automatic_forward: bool | None = None
    sender: User | None = None
    sender_chat: Chat | None = None
    reply_to_message: Replied | None = None
    forward_origin: Origin | None = None
    forward_date: When = None
    forward_from_chat: Chat | None = None
    forward_from_message_id: MaybeId = None
    text: str | None = None
    caption: str | None = None
    entities: tuple[Entity, ...] | None = None
    caption_entities: tuple[Entity, ...] | None = None
    poll: Poll | None = None
    photo: object = None
    video: object = None
    animation: object = None
    audio: object = None
    document: object = None
    voice: object = None
    video_note: object = None
    sticker: object = None
    story: object = None
    contact: object = None
    location: object = None
    venue: object = None
    dice: object = None
    game: object = None
    invoice: object = None
    paid_media: object = None
    checklist: object = None


class Deleted(msgspec.Struct, frozen=True, kw_only=True):
    """Messages that are gone from a business account's chat."""

    chat: Chat
    message_ids: tuple[Id, ...]


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """One update: exactly one of these, or one of a kind that is no post."""

    message: Message | None = None
    edited_message: Message | None = None
    channel_post: Message | None = None
    edited_channel_post: Message | None = None
    business_message: Message | None = None
    edited_business_message: Message | None = None
    deleted_business_messages: Deleted | None = None


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What ``getUpdates`` answers."""

    result: msgspec.Raw = msgspec.Raw()
