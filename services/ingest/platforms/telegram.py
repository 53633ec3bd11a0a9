"""How does Telegram speak? Bot API updates with a secret header, one a request.

What ``getUpdates`` answers is read as well. What our own bot sends is not delivered; only business
chats tell what was deleted.
"""

from datetime import datetime

import msgspec

from schemas.dead_letters import Reason
from schemas.posts import SocialPost
from schemas.vocabulary import Kind, Op, Space, Visibility
from services.ingest.domain.post import post_of
from services.ingest.domain.receipt import Answer, Delivery, Ignored, Keys, Native, Refused, Seen
from services.ingest.domain.said import Said
from services.ingest.platforms.telegram_message import chat_id, id_of, said_of, says
from services.ingest.platforms.telegram_payload import Answered, Deleted, Message, Update
from services.ingest.platforms.wire import (
    EVENTS_AT_MOST,
    Id,
    decoded,
    is_one_of,
    items_of,
    unsupported,
)

DELETED = "deleted_business_messages"
"""The one update that tells what is gone."""

taken: Answer | None = Answer()
"""Nothing: Telegram runs a ``method`` in our answer as a call of the Bot API."""

NO_POSTS = frozenset(
    [
        "business_connection",
        "callback_query",
        "chat_boost",
        "chat_join_request",
        "chat_member",
        "chosen_inline_result",
        "inline_query",
        "message_reaction",
        "message_reaction_count",
        "my_chat_member",
        "poll",
        "poll_answer",
        "pre_checkout_query",
        "purchased_paid_media",
        "removed_chat_boost",
        "shipping_query",
    ]
)
"""Updates that say nothing."""

_OPS = {
    "message": Op.created,
    "channel_post": Op.created,
    "business_message": Op.created,
    "edited_message": Op.edited,
    "edited_channel_post": Op.edited,
    "edited_business_message": Op.edited,
}
_ANSWER = msgspec.json.Decoder(Answered)
_DECODER = msgspec.json.Decoder(Update)
_NAMES = msgspec.json.Decoder(dict[str, msgspec.Raw])


def verify(delivery: Delivery, keys: Keys, now: datetime) -> bool:
    """Is the secret that was given to ``setWebhook`` in its header?"""
    return is_one_of(delivery.headers.get("x-telegram-bot-api-secret-token", ""), keys.secrets)


def handshake(delivery: Delivery, keys: Keys) -> Answer | None:
    """Telegram asks nothing."""
    return None


def split(delivery: Delivery) -> tuple[Native, ...]:
    """The updates; of a deletion one for each message that is gone."""
    items = _updates(delivery.body)
    if isinstance(items, Refused):
        return (Native(raw=delivery.body, refused=items),)
    return tuple(native for text in items for native in _natives(text))


def normalize(native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The post that an update tells of, or why it is none."""
    update = decoded(native.post, _DECODER)
    if isinstance(update, Refused):
        return update
    for name, op in _OPS.items():
        message: Message | None = getattr(update, name)
        if message:
            return post_of(said_of(message, op), seen) if says(message) else Ignored(why="service")
    if update.deleted_business_messages:
        return _gone(update.deleted_business_messages, seen)
    return _no_post(native.post)


def _updates(body: bytes) -> tuple[bytes, ...] | Refused:
    """A webhook brings one update, ``getUpdates`` a list as its result."""
    if b'"result":' not in body:
        return items_of(body)
    answer = decoded(body, _ANSWER)
    if isinstance(answer, Refused):
        return answer
    return items_of(bytes(answer.result) or body)


def _natives(body: bytes) -> tuple[Native, ...]:
    whole = Native(raw=body, post=body)
    if DELETED.encode() not in body:
        return (whole,)
    update = decoded(body, _DECODER)
    if isinstance(update, Refused) or not update.deleted_business_messages:
        return (whole,)
    deleted = update.deleted_business_messages
    if len(deleted.message_ids) not in range(2, EVENTS_AT_MOST + 1):
        return (whole,)
    return tuple(_deletion(deleted, one) for one in deleted.message_ids)


def _no_post(text: bytes) -> Ignored | Refused:
    names = decoded(text, _NAMES)
    if isinstance(names, Refused):
        return names
    known = sorted(NO_POSTS & names.keys())
    return Ignored(why=known[0]) if known else unsupported("an update of the Bot API")


def _deletion(deleted: Deleted, message_id: Id) -> Native:
    one = msgspec.structs.replace(deleted, message_ids=(message_id,))
    text = msgspec.json.encode({DELETED: one})
    return Native(raw=text, post=text)


def _gone(deleted: Deleted, seen: Seen) -> SocialPost | Refused:
    if len(deleted.message_ids) != 1:
        got = f"1 to {EVENTS_AT_MOST} message_ids, got {len(deleted.message_ids)}"
        return Refused(reason=Reason.wrong_shape, detail=f"expected {got}")
    said = Said(
        op=Op.deleted,
        id=id_of(deleted.chat, deleted.message_ids[0]),
        kind=Kind.message,
        space=Space.dm,
        visibility=Visibility.private,
        conversation_id=chat_id(deleted.chat),
    )
    return post_of(said, seen)
