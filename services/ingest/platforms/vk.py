"""How does VK speak? Callback API deliveries and the answers of a community's long poll.

The secret travels inside the body, so it is taken out before anything is kept; an edit and a
removal bear no time of their own. https://dev.vk.com/ru/api/callback/getting-started
"""

import re
from datetime import datetime

import msgspec

from schemas.posts import SocialPost
from schemas.vocabulary import Op
from services.ingest.domain.post import post_of
from services.ingest.domain.receipt import Answer, Delivery, Ignored, Keys, Native, Refused, Seen
from services.ingest.domain.said import Said
from services.ingest.platforms.vk_payload import VkEvent, VkObject
from services.ingest.platforms.vk_said import said_of
from services.ingest.platforms.wire import MaybeId, decoded, is_one_of, unsupported

taken: Answer | None = Answer(body=b"ok", media_type="text/plain")
"""VK pauses an address that answers anything else."""

_OPS = {
    "new": Op.created,
    "repost": Op.created,
    "reply": Op.created,
    "edit": Op.edited,
    "delete": Op.deleted,
    "restore": Op.restored,
}
_NO_POST = re.compile(
    r"(?:message_(?:allow|deny|read|typing_state|event|reaction_event)|wall_schedule_post|photo_new"
    r"|audio|video_new|group|user|poll|like|market_order|vkpay|app_payload|lead_forms|donut"
    r"|subscription|confirmation).*"
)


class _Sent(msgspec.Struct, frozen=True):
    type: str = ""
    secret: str = ""


_UNSUPPORTED = unsupported("an event about a post, a comment or a message")


class _Poll(msgspec.Struct, frozen=True):
    updates: msgspec.Raw = msgspec.Raw(b"")


_SENT = msgspec.json.Decoder(_Sent)
_POLL = msgspec.json.Decoder(_Poll)
_LIST = msgspec.json.Decoder(tuple[msgspec.Raw, ...])
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_GROUP = msgspec.json.Decoder(MaybeId)
_EVENT = msgspec.json.Decoder(VkEvent)
_OBJECT = msgspec.json.Decoder(VkObject)


def verify(delivery: Delivery, keys: Keys, now: datetime) -> bool:
    """Does the body name a live secret? VK signs nothing."""
    sent = decoded(delivery.body, _SENT)
    return not isinstance(sent, Refused) and is_one_of(sent.secret, keys.secrets)


def handshake(delivery: Delivery, keys: Keys) -> Answer | None:
    """The community's code, while one is configured; on first set-up VK sends no secret yet."""
    if not keys.handshake or b"confirmation" not in delivery.body:
        return None
    sent = decoded(delivery.body, _SENT)
    if isinstance(sent, Refused) or sent.type != "confirmation":
        return None
    if sent.secret and not is_one_of(sent.secret, keys.secrets):
        return Answer(status=403)
    return Answer(body=keys.handshake.encode(), media_type="text/plain")


def split(delivery: Delivery) -> tuple[Native, ...]:
    """The event of a callback, or the updates of a long poll."""
    if delivery.body.lstrip()[:1] == b"[":
        return _updates(delivery.body)
    poll = decoded(delivery.body, _POLL)
    if isinstance(poll, _Poll) and (updates := bytes(poll.updates)):
        return _updates(updates)
    return (_native(delivery.body),)


def normalize(native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The post that an event tells of, or why it is none; never raises."""
    if native.refused:
        return native.refused
    event = decoded(native.post, _EVENT)
    if isinstance(event, Refused):
        return event
    if event.failed or _NO_POST.fullmatch(event.type):
        return Ignored(why="no post")
    given = decoded(bytes(event.object), _OBJECT)
    op = _OPS.get(event.type.rpartition("_")[2])
    if op is None:
        return _UNSUPPORTED
    if isinstance(given, Refused):
        return given
    said = said_of(event, given.message or given, op) or _UNSUPPORTED
    return post_of(said, seen) if isinstance(said, Said) else said


def _updates(body: bytes) -> tuple[Native, ...]:
    items = decoded(body, _LIST)
    if isinstance(items, Refused):
        return (Native(raw=b"", refused=items),)
    return tuple(_native(bytes(item)) for item in items)


def _native(body: bytes) -> Native:
    """The event without its secret; of what is no object nothing is kept: it may hold one."""
    fields = decoded(body, _FIELDS)
    if isinstance(fields, Refused):
        return Native(raw=b"", refused=fields)
    fields.pop("secret", None)
    raw = msgspec.json.encode(fields)
    group = decoded(bytes(fields.get("group_id", b"null")), _GROUP)
    account = None if isinstance(group, Refused) or group is None else f"-{group}"
    return Native(raw=raw, post=raw, account=account)
