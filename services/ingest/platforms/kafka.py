"""How do posts come over a Kafka topic? Records in our own format, as CloudEvents, or tombstones.

A record is handed over as JSON: its key, headers, time and place, and its value as JSON or, where
it is none, as base64. A null value says that the post named by the key is to be removed.
"""

import base64
import binascii
from urllib.parse import quote

import msgspec

from schemas.posts import SocialPost
from services.ingest.domain.receipt import Delivery, Ignored, Native, Refused, Seen
from services.ingest.platforms import generic
from services.ingest.platforms.polled import handshake, taken, verify
from services.ingest.platforms.wire import When, decoded, instant, items_of, not_json, shapeless

__all__ = ("handshake", "normalize", "split", "taken", "verify")


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One record of a topic; ``value`` null is a tombstone."""

    timestamp: When = None
    key: str | None = None
    headers: tuple[tuple[str, str | None], ...] | None = None
    value: msgspec.Raw = msgspec.Raw()
    value_bytes_base64: str | None = None


_RECORD = msgspec.json.Decoder(Record)


def split(delivery: Delivery) -> tuple[Native, ...]:
    """The posts of a record, or of a list of records."""
    items = items_of(delivery.body)
    if isinstance(items, Refused):
        return (Native(raw=delivery.body, refused=items),)
    return tuple(native for text in items for native in _natives(text))


def normalize(native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The post that a record tells of, or why it is none."""
    return generic.normalize(native, seen)


def _natives(text: bytes) -> tuple[Native, ...]:
    record = decoded(text, _RECORD)
    if isinstance(record, Refused):
        return (Native(raw=text, refused=record),)
    value = _value(record)
    if isinstance(value, Refused):
        return (Native(raw=text, refused=value),)
    if value == b"null":
        return (_tombstone(text, record),)
    found = generic.split(Delivery(headers=_headers(record), query={}, body=value))
    return (msgspec.structs.replace(found[0], raw=text),) if len(found) == 1 else found


def _value(record: Record) -> bytes | Refused:
    if record.value_bytes_base64 is None:
        return bytes(record.value) or shapeless("a value")
    try:
        return base64.b64decode(record.value_bytes_base64, validate=True)
    except (binascii.Error, ValueError):
        return not_json("value_bytes_base64 is no base64")


def _tombstone(text: bytes, record: Record) -> Native:
    if not record.key:
        return Native(raw=text, refused=shapeless("a key of the record without a value"))
    post = msgspec.json.encode({"id": record.key, "op": "deleted"})
    return Native(raw=text, post=post, at=instant(record.timestamp))


def _headers(record: Record) -> dict[str, str]:
    """As HTTP has them: over Kafka the attributes of a CloudEvent are called ``ce_id``, plain."""
    given = {name.lower(): value or "" for name, value in record.headers or ()}
    if "ce_specversion" not in given:
        return {name: given[name] for name in ("content-type",) if name in given}
    attributes = {name[3:]: quote(value) for name, value in given.items() if name[:3] == "ce_"}
    return {f"ce-{name}": value for name, value in attributes.items()}
