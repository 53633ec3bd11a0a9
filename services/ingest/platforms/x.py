"""How does X speak? Activity API events, the old deletions, and posts that were looked up.

https://docs.x.com/x-api/webhooks/quickstart
"""

import base64
import re
from datetime import datetime

import msgspec

from schemas.posts import SocialPost
from services.ingest.domain.post import post_of
from services.ingest.domain.receipt import Answer, Delivery, Ignored, Keys, Native, Refused, Seen
from services.ingest.platforms.wire import decoded, is_one_of, sha256_of, text_of, unsupported
from services.ingest.platforms.x_payload import Activity, Envelope, LegacyDelete, Told
from services.ingest.platforms.x_said import deleted, legacy_deleted, told

taken: Answer | None = Answer()
"""X wants 200 within ten seconds."""

_LOOKED_UP, _LEGACY_DELETE, _LEGACY = "post.lookup", "tweet_delete_events", "legacy"
_TOKEN = re.compile(r"[A-Za-z0-9_.~+/=-]{1,512}")
"""What we sign when asked: no JSON object can be written with it, so no event can be forged."""

_POST = re.compile(r"post\.(?:\w+\.)*(?:create|lookup)")
_DELETE = re.compile(r"post\.(?:\w+\.)*delete")
_NO_POST = re.compile(
    r"(?:like|follow|profile|dm|chat|mute|block|spaces?|news|oauth|trends?)\..+|legacy"
)

_UNSUPPORTED = unsupported("an event about a post")
_ENVELOPE = msgspec.json.Decoder(Envelope)
_LIST = msgspec.json.Decoder(tuple[msgspec.Raw, ...])
_ACTIVITY = msgspec.json.Decoder(Activity)
_TOLD = msgspec.json.Decoder(Told)
_LEGACY_DELETION = msgspec.json.Decoder(LegacyDelete)


def verify(delivery: Delivery, keys: Keys, now: datetime) -> bool:
    """Does a live consumer secret sign the bytes as they came?"""
    given = delivery.headers.get("x-twitter-webhooks-signature", "")
    return is_one_of(given, [_signature(one, delivery.body) for one in keys.secrets if one])


def handshake(delivery: Delivery, keys: Keys) -> Answer | None:
    """The challenge that X repeats each hour, answered with the first live secret."""
    token = delivery.query.get("crc_token")
    if token is None or delivery.body:
        return None
    secret = next(filter(None, keys.secrets), None)
    if secret is None or not _TOKEN.fullmatch(token):
        return Answer(status=403)
    answer = {"response_token": _signature(secret, token.encode())}
    return Answer(body=msgspec.json.encode(answer), media_type="application/json")


def split(delivery: Delivery) -> tuple[Native, ...]:
    """The event of a delivery, or the posts of an answer."""
    body = delivery.body
    envelope = decoded(body, _ENVELOPE)
    if isinstance(envelope, Refused):
        return (Native(raw=body, refused=envelope),)
    if envelope.for_user_id is not None:
        found = _legacy(envelope, body)
    elif bytes(envelope.data):
        found = _events(envelope)
    else:
        return (Native(raw=body, refused=_UNSUPPORTED),)
    return (msgspec.structs.replace(found[0], raw=body),) if len(found) == 1 else found


def normalize(native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The post that an event tells of, or why it is none; never raises."""
    event = native.event or ""
    if native.refused:
        return native.refused
    if _NO_POST.fullmatch(event):
        return Ignored(why="no post")
    if event == _LEGACY_DELETE:
        gone = decoded(native.post, _LEGACY_DELETION)
        return gone if isinstance(gone, Refused) else post_of(legacy_deleted(gone), seen)
    is_post = _POST.fullmatch(event)
    if not is_post and not _DELETE.fullmatch(event):
        return _UNSUPPORTED
    given = decoded(native.post, _TOLD)
    if isinstance(given, Refused):
        return given
    said = told(given, event, seen.account.own_ids) if is_post else deleted(given)
    return post_of(said, seen)


def _events(envelope: Envelope) -> tuple[Native, ...]:
    data = bytes(envelope.data)
    if data.lstrip()[:1] != b"[":
        return (_event(data, envelope),)
    items = decoded(data, _LIST)
    if isinstance(items, Refused):
        return (Native(raw=data, refused=items),)
    return tuple(_event(bytes(one), envelope) for one in items)


def _event(data: bytes, envelope: Envelope) -> Native:
    """What was looked up gets the envelope of an event."""
    raw = msgspec.json.encode({"data": msgspec.Raw(data), "includes": envelope.includes})
    activity = decoded(data, _ACTIVITY)
    if isinstance(activity, Refused):
        return Native(raw=raw, refused=activity)
    if activity.event_type is None:
        post = msgspec.json.encode({"payload": msgspec.Raw(data), "includes": envelope.includes})
        return Native(raw=raw, post=post, event=_LOOKED_UP)
    account = text_of(activity.filter.user_id) if activity.filter else None
    return Native(raw=raw, post=data, event=activity.event_type, account=account)


def _legacy(envelope: Envelope, body: bytes) -> tuple[Native, ...]:
    """Deletions are read; the same API's posts come by the Activity API now."""
    account = text_of(envelope.for_user_id)
    if envelope.tweet_create_events:
        return (Native(raw=body, account=account, refused=_UNSUPPORTED),)
    found = tuple(
        Native(
            raw=msgspec.json.encode({"for_user_id": account, _LEGACY_DELETE: [one]}),
            post=bytes(one),
            event=_LEGACY_DELETE,
            account=account,
        )
        for one in envelope.tweet_delete_events or ()
    )
    return found or (Native(raw=body, event=_LEGACY, account=account),)


def _signature(secret: str, signed: bytes) -> str:
    return f"sha256={base64.b64encode(sha256_of(secret, signed)).decode()}"
