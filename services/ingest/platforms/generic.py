"""How does a sender of our own format speak? Standard Webhooks v1 around posts as JSON.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
import re
from datetime import datetime

import msgspec

from schemas.dead_letters import Reason, shape_error
from schemas.event import Instant
from schemas.posts import SocialPost
from schemas.vocabulary import Op
from services.ingest.domain.post import post_of
from services.ingest.domain.receipt import Answer, Delivery, Ignored, Keys, Native, Refused, Seen
from services.ingest.domain.text import decodable
from services.ingest.platforms.generic_post import GenericPost, said_of

taken: Answer | None = None
"""Our own answer with its counts."""

TOLERANCE_SECONDS = 300
"""How far the sender's clock may lie from ours, in real seconds."""

POSTS_AT_MOST = 1000
"""How many posts one request may carry."""

OPS = frozenset(op.value for op in Op if op is not Op.unknown)
"""What may be said to have happened to a post."""

_UNSUPPORTED = Refused(
    reason=Reason.unsupported_event, detail=f"expected one of {', '.join(sorted(OPS))}, got another"
)
_UNKNOWN_ACCOUNT = Refused(
    reason=Reason.unknown_account, detail="expected `account` as in the address, got another"
)
_DECODER = msgspec.json.Decoder(GenericPost)
_KEY_BYTES = range(24, 65)
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_TYPE = re.compile(r"(?:social\.)?post\.(\w+)")


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What Standard Webhooks wraps a payload in; a bare post has no ``data``."""

    type: str | None = None
    timestamp: Instant | None = None
    data: msgspec.Raw = msgspec.Raw(b"")


KEY_PREFIX = "whsec_"
"""What a signing secret begins with."""


def key_of(secret: str) -> bytes:
    """The key in ``whsec_`` + base64, 24 to 64 bytes; raises ``ValueError``."""
    expected = "expected a secret like whsec_ and base64 of 24 to 64 bytes"
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"{expected}, got no base64") from error
    if len(key) not in _KEY_BYTES:
        raise ValueError(f"{expected}, got {len(key)} bytes")
    return key


def verify(delivery: Delivery, keys: Keys, now: datetime) -> bool:
    """Does a live secret sign this request, within five minutes of ``now``, the real time?"""
    message = delivery.headers.get("webhook-id", "")
    stamp = delivery.headers.get("webhook-timestamp", "")
    given = delivery.headers.get("webhook-signature", "").split(" ")
    if not message or not _TIMESTAMP.fullmatch(stamp):
        return False
    if abs(now.timestamp() - int(stamp)) > TOLERANCE_SECONDS:
        return False
    signed = b".".join((message.encode("latin-1", "replace"), stamp.encode(), delivery.body))
    expected = [_signature(key, signed) for key in map(_usable, keys.secrets) if key]
    matches = [
        hmac.compare_digest(wanted, one.encode("latin-1", "replace"))
        for wanted in expected
        for one in given
    ]
    return any(matches)


def handshake(delivery: Delivery, keys: Keys) -> Answer | None:
    """Standard Webhooks has none."""
    return None


def split(delivery: Delivery) -> tuple[Native, ...]:
    """The events of a request: one post or a list, bare or as ``data`` of an envelope."""
    body = delivery.body
    text = decodable(body)
    try:
        items = _items(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return (Native(raw=body, refused=_not_json(error)),)
    found = tuple(native for item in items for native in _events(item))
    if len(found) > POSTS_AT_MOST:
        got = f"expected at most {POSTS_AT_MOST} posts in a request, got {len(found)}"
        return (Native(raw=body, refused=_wrong(got)),)
    if len(found) == 1:
        return (msgspec.structs.replace(found[0], raw=body),)
    return found


def normalize(native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The post that an event tells of, or why it is none; never raises."""
    return native.refused or read_post(native, seen, _DECODER)


def read_post(
    native: Native, seen: Seen, decoder: msgspec.json.Decoder[GenericPost]
) -> SocialPost | Refused:
    """The post in an event's JSON, by a decoder as strict as its source is."""
    op = _op_of(native.event)
    if op not in {None, *OPS}:
        return _UNSUPPORTED
    try:
        given = decoder.decode(decodable(native.post))
    except msgspec.ValidationError as error:
        return _wrong(shape_error(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _not_json(error)
    if given.account not in {None, seen.account.id}:
        return _UNKNOWN_ACCOUNT
    if given.op not in {None, *OPS}:
        return _UNSUPPORTED
    return post_of(said_of(given, op=Op(op or given.op or Op.created), at=native.at), seen)


def _items(text: bytes) -> tuple[bytes, ...]:
    """The elements of a JSON list; of what is none, the whole."""
    if text.lstrip()[:1] != b"[":
        return (text,)
    return tuple(bytes(item) for item in msgspec.json.decode(text, type=list[msgspec.Raw]))


def _events(text: bytes) -> tuple[Native, ...]:
    try:
        envelope = msgspec.json.decode(text, type=Envelope)
        posts = _items(bytes(envelope.data))
    except msgspec.ValidationError as error:
        return (Native(raw=text, refused=_wrong(shape_error(error))),)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return (Native(raw=text, refused=_not_json(error)),)
    if posts == (b"",):
        return (Native(raw=text, post=text),)
    return tuple(
        Native(raw=post, post=post, event=envelope.type or "", at=envelope.timestamp)
        for post in posts
    )


def _op_of(event: str | None) -> str | None:
    """The verb of an envelope's type; empty where the type is not about a post."""
    if event is None:
        return None
    found = _TYPE.fullmatch(event)
    return found[1] if found else ""


def _usable(secret: str) -> bytes | None:
    try:
        return key_of(secret)
    except ValueError:
        return None


def _signature(key: bytes, signed: bytes) -> bytes:
    return b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())


def _wrong(detail: str) -> Refused:
    return Refused(reason=Reason.wrong_shape, detail=detail)


def _not_json(error: Exception) -> Refused:
    what = "nested too deeply" if isinstance(error, RecursionError) else str(error)
    return Refused(reason=Reason.not_json, detail=f"expected JSON in UTF-8: {what}")
