"""How does a sender of our own format speak? Posts as JSON, signed, or with a bearer token.

They come bare, in the envelope of Standard Webhooks, or as CloudEvents. A secret that begins with
``whsec_`` signs (Standard Webhooks v1), any other is a bearer token: only for trusted networks.
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
import re
from datetime import datetime

import msgspec

from schemas.dead_letters import Reason
from schemas.event import Instant
from schemas.posts import SocialPost
from schemas.vocabulary import Op
from services.ingest.domain.post import post_of
from services.ingest.domain.receipt import Answer, Delivery, Ignored, Keys, Native, Refused, Seen
from services.ingest.domain.text import decodable
from services.ingest.platforms import cloudevents
from services.ingest.platforms.generic_post import GenericPost, said_of, says_something, strangers
from services.ingest.platforms.wire import EVENTS_AT_MOST, decoded, is_one_of, items_of

taken: Answer | None = None
"""Our own answer with its counts."""

TOLERANCE_SECONDS = 300
"""How far the sender's clock may lie from ours, in real seconds."""

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
    """What Standard Webhooks wraps a payload in; a bare post has no ``data``.

    ``specversion`` says that it is a CloudEvent.
    """

    type: str | None = None
    timestamp: Instant | None = None
    specversion: object = None
    data: msgspec.Raw = msgspec.Raw(b"")


_ENVELOPE = msgspec.json.Decoder(Envelope)

KEY_PREFIX = "whsec_"
"""What a signing secret begins with."""


def key_of(secret: str) -> bytes:
    """The key in ``whsec_`` + base64, 24 to 64 bytes; raises ``ValueError``."""
    expected = "expected a secret like whsec_ and base64 of 24 to 64 bytes"
    try:
        key = base64.b64decode(secret.removeprefix(KEY_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"{expected}, got no base64") from error
    if len(key) not in _KEY_BYTES:
        raise ValueError(f"{expected}, got {len(key)} bytes")
    return key


def verify(delivery: Delivery, keys: Keys, now: datetime) -> bool:
    """Is it signed with a live secret within five minutes of ``now``, or does it bear one?"""
    if "webhook-signature" in delivery.headers:
        return _is_signed(delivery, keys, now)
    scheme, _, token = delivery.headers.get("authorization", "").partition(" ")
    tokens = [one for one in keys.secrets if not one.startswith(KEY_PREFIX)]
    return is_one_of(token.strip(), tokens) and scheme.lower() == "bearer"


def signed(secret: str, message: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a delivery that a holder of the secret signs; ``at`` is real time."""
    stamp = str(int(at.timestamp()))
    text = b".".join((message.encode(), stamp.encode(), body))
    return {
        "content-type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": stamp,
        "webhook-signature": _signature(key_of(secret), text).decode(),
    }


def handshake(delivery: Delivery, keys: Keys) -> Answer | None:
    """Standard Webhooks has none."""
    return None


def split(delivery: Delivery) -> tuple[Native, ...]:
    """The events of a request: one or a list, bare, in an envelope or as CloudEvents."""
    body, headers = delivery.body, delivery.headers
    if cloudevents.is_binary(headers):
        return (cloudevents.binary(headers, body),)
    items = items_of(decodable(body))
    if isinstance(items, Refused):
        return (Native(raw=body, refused=items),)
    is_event = headers.get("content-type", "").lower().startswith(cloudevents.MEDIA_TYPE)
    found = tuple(
        native
        for item in items
        for native in ((cloudevents.structured(item),) if is_event else _events(item))
    )
    if len(found) > EVENTS_AT_MOST:
        got = f"expected at most {EVENTS_AT_MOST} posts in a request, got {len(found)}"
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
    given = decoded(native.post, decoder)
    if isinstance(given, Refused):
        return given
    if given.account not in {None, seen.account.id}:
        return _UNKNOWN_ACCOUNT
    if given.op not in {None, *OPS}:
        return _UNSUPPORTED
    done = Op(op or given.op or Op.created)
    if done is Op.created and not says_something(given) and (strange := strangers(native.post)):
        return _says_nothing(strange)
    return post_of(said_of(given, op=done, at=native.at), seen)


def _events(text: bytes) -> tuple[Native, ...]:
    envelope = decoded(text, _ENVELOPE)
    if isinstance(envelope, Refused):
        return (Native(raw=text, refused=envelope),)
    if envelope.specversion is not None:
        return (cloudevents.structured(text),)
    posts = items_of(bytes(envelope.data))
    if isinstance(posts, Refused):
        return (Native(raw=text, refused=posts),)
    if posts == (b"",):
        return (Native(raw=text, post=text),)
    return tuple(
        Native(raw=post, post=post, event=envelope.type or "", at=envelope.timestamp)
        for post in posts
    )


def _says_nothing(strange: int) -> Refused:
    expected = "expected `text`, `title`, `attachments` or `rating`"
    detail = f"{expected}, got none of them and {strange} unknown fields: is one misspelt?"
    return Refused(reason=Reason.wrong_shape, detail=detail)


def _op_of(event: str | None) -> str | None:
    """The verb of an envelope's type; empty where the type is not about a post."""
    if event is None:
        return None
    found = _TYPE.fullmatch(event)
    return found[1] if found else ""


def _is_signed(delivery: Delivery, keys: Keys, now: datetime) -> bool:
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


def _usable(secret: str) -> bytes | None:
    try:
        return key_of(secret) if secret.startswith(KEY_PREFIX) else None
    except ValueError:
        return None


def _signature(key: bytes, signed: bytes) -> bytes:
    return b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())


def _wrong(detail: str) -> Refused:
    return Refused(reason=Reason.wrong_shape, detail=detail)
