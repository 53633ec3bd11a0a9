"""What does a message of Telegram's say? Whose it is, where it stands, what it answers."""

from collections.abc import Iterator

from schemas.posts import Attachment, Author
from schemas.vocabulary import Kind, Op, Space, Visibility
from services.ingest.domain.post import MANY
from services.ingest.domain.said import Said
from services.ingest.platforms.telegram_payload import Chat, Entity, Message
from services.ingest.platforms.wire import instant, web

_CARRIED = [
    "photo",
    "video",
    "animation",
    "audio",
    "document",
    "voice",
    "video_note",
    "sticker",
    "story",
    "contact",
    "location",
    "venue",
    "dice",
    "game",
    "invoice",
    "paid_media",
    "checklist",
    "poll",
]


def said_of(message: Message, op: Op) -> Said:
    """The message in our words."""
    entities = (message.entities if message.text else message.caption_entities) or ()
    entities, text, space = entities[:MANY], _text(message), _space(message.chat)
    return Said(
        op=op,
        id=id_of(message.chat, message.message_id),
        kind=_kind(message),
        space=space,
        visibility=Visibility.private if space is Space.dm else Visibility.public,
        text=text,
        author=_author(message),
        conversation_id=_conversation(message),
        thread_id=_thread(message),
        parent_id=_parent(message),
        reposted_id=_reposted(message),
        posted_at=instant(message.date),
        edited_at=instant(message.edit_date),
        attachments=tuple(Attachment(kind=name) for name in _carried(message)),
        mentions=tuple(_mentions(text, entities)),
        urls=tuple(_urls(text, entities)),
        url=_url(message),
    )


def says(message: Message) -> bool:
    """Is it more than a service message?"""
    return bool(_text(message)) or any(_carried(message))


def _text(message: Message) -> str:
    question = message.poll.question if message.poll else None
    return message.text or message.caption or question or ""


def _carried(message: Message) -> Iterator[str]:
    """What it carries; an animation comes as a document too, a venue as a location."""
    twice = {"document": message.animation, "location": message.venue}
    return (name for name in _CARRIED if getattr(message, name) and not twice.get(name))


def chat_id(chat: Chat) -> str:
    """What a whole chat is called as a conversation."""
    return f"tg:{chat.id}"


def id_of(chat: Chat, message_id: str | int) -> str:
    """Messages are numbered within a chat."""
    return f"tg:{chat.id}:{message_id}"


def _kind(message: Message) -> Kind:
    if _is_forwarded(message) and not message.is_automatic_forward:
        return Kind.repost
    if message.chat.type == "channel" or message.is_automatic_forward:
        return Kind.post
    if _space(message.chat) is Space.dm:
        return Kind.message
    if message.message_thread_id and not message.is_topic_message:
        return Kind.comment
    return Kind.reply if _parent(message) else Kind.message


def _space(chat: Chat) -> Space:
    if chat.type == "private" or chat.is_direct_messages:
        return Space.dm
    return Space.forum if chat.is_forum else Space.own_page


def _author(message: Message) -> Author | None:
    """A channel or group that speaks for itself; ``from`` is then a stand-in of Telegram's."""
    chat = message.sender_chat
    if chat is None and message.sender is None and message.chat.type == "channel":
        chat = message.chat
    if chat:
        return Author(id=str(chat.id), name=chat.title, handle=chat.username)
    if message.sender is None:
        return None
    user = message.sender
    name = " ".join(part for part in (user.first_name, user.last_name) if part)
    return Author(id=str(user.id), name=name or None, handle=user.username)


def _conversation(message: Message) -> str:
    """The chat, in a group the thread: one that answers nothing is where its thread will begin."""
    chat, topic = message.chat, message.direct_messages_topic
    if topic:
        return id_of(chat, topic.topic_id)
    if message.message_thread_id:
        return id_of(chat, message.message_thread_id)
    if chat.type == "supergroup" and not chat.is_forum:
        return id_of(chat, message.message_id)
    return chat_id(chat)


def _thread(message: Message) -> str | None:
    """In a group the thread; where none is told, what is answered."""
    conversation = _conversation(message)
    if conversation == chat_id(message.chat) or message.is_topic_message:
        return None if _space(message.chat) is Space.dm else _parent(message)
    return conversation


def _parent(message: Message) -> str | None:
    """What is answered, be it in another chat; the opening of a forum topic is no post."""
    replied = message.reply_to_message
    if replied is None or replied.forum_topic_created is not None:
        return None
    if message.is_topic_message and replied.message_id == message.message_thread_id:
        return None
    return id_of(replied.chat or message.chat, replied.message_id)


def _is_forwarded(message: Message) -> bool:
    return bool(message.forward_origin or message.forward_date)


def _reposted(message: Message) -> str | None:
    origin = message.forward_origin
    chat = origin.chat if origin else message.forward_from_chat
    number = origin.message_id if origin else message.forward_from_message_id
    return id_of(chat, number) if chat and number else None


def _mentions(text: str, entities: tuple[Entity, ...]) -> Iterator[str]:
    for entity in entities:
        if entity.type == "mention":
            yield _marked(text, entity)
        elif entity.type == "text_mention" and entity.user:
            yield str(entity.user.id)


def _urls(text: str, entities: tuple[Entity, ...]) -> Iterator[str]:
    for entity in entities:
        address = _marked(text, entity) if entity.type == "url" else entity.url
        if url := web(address):
            yield url


def _marked(text: str, entity: Entity) -> str:
    """The marked part; Python counts characters, Telegram UTF-16 units."""
    units = text.encode("utf-16-le", "replace")
    start, end = max(entity.offset, 0), max(entity.offset + entity.length, 0)
    return units[2 * start : 2 * end].decode("utf-16-le", "replace")


def _url(message: Message) -> str | None:
    """The web address of what stands in a channel or supergroup."""
    chat = message.chat
    if chat.type not in {"channel", "supergroup"}:
        return None
    if chat.username:
        return f"https://t.me/{chat.username}/{message.message_id}"
    number = str(chat.id).removeprefix("-100")
    return f"https://t.me/c/{number}/{message.message_id}" if number.isdecimal() else None
