"""What is an event? The base of every contract: derived ids, UTC times, CloudEvents headers."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from hashlib import sha1
from typing import Annotated, get_type_hints
from uuid import UUID
from zlib import crc32

import msgspec

NAMESPACE = UUID("6f746b6c-696b-5000-8000-000000000001")
"""Root of all derived ids; changing it changes every id ever derived."""

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""A point in time; written as UTC whatever zone it came in."""

CANARY = "_canary"
"""The brand of the post that watches the pipeline; it is in no business figure (metrics.md 3)."""

Headers = tuple[tuple[str, bytes], ...]


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """A value that travels; its instants are kept in UTC (contracts.md: msgspec keeps +03:00)."""

    def __post_init__(self) -> None:
        for name in _instants(type(self)):
            value = getattr(self, name)
            if value is not None and value.tzinfo is not UTC:
                msgspec.structs.force_setattr(self, name, value.astimezone(UTC))


class Event(Contract, frozen=True, kw_only=True, tag_field="type", tag=True):
    """A fact in the past tense; ``event_id`` is derived and ``occurred_at`` is event time."""

    event_id: str
    cause_id: str | None = None
    occurred_at: Instant


class PipelineTick(Event, frozen=True, kw_only=True, tag_field="type", tag=True):
    """Every post that ingest received before this instant lies ahead of it (design 3.4)."""

    received_before: Instant


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the topic table: who writes, who reads, what travels and how long it is kept.

    ``not_yet`` says which of its writers or readers this version does not have.
    """

    name: str
    key: str
    events: tuple[str, ...]
    written_by: str
    read_by: tuple[str, ...]
    kept_days: int
    restricted: bool = False
    not_yet: str = ""

    def under(self, prefix: str) -> str:
        """The topic's name on the broker."""
        return f"{prefix}.{self.name}"


def derive_id(cause: str, kind: str, *discriminators: object) -> str:
    """The id of an effect: the same cause, kind and discriminators give the same id for ever.

    It is ``uuid5`` of the namespace, written out: ids are a good part of what an event costs.
    """
    name = "\x1f".join((cause, kind, *map(str, discriminators)))
    raw = bytearray(sha1(NAMESPACE.bytes + name.encode(), usedforsecurity=False).digest())
    raw[6], raw[8] = raw[6] & 0x0F | 0x50, raw[8] & 0x3F | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:32]}"


def partition_of(key: str, count: int) -> int:
    """The one partition number of a conversation, everywhere; CRC-32 of the key, modulo count."""
    return crc32(key.encode()) % count


def encode(event: Event) -> bytes:
    """The event as UTF-8 JSON."""
    return _ENCODER.encode(event)


def cloud_headers(event: Event, *, source: str, subject: str, brand: str) -> Headers:
    """CloudEvents 1.0 Kafka binary mode, without the trace header that stream adds."""
    (version, kind, origin, *others) = _same_for_all(type(event).__name__, source, brand)
    return (
        version,
        ("ce_id", event.event_id.encode()),
        kind,
        origin,
        ("ce_time", event.occurred_at.isoformat().replace("+00:00", "Z").encode()),
        ("ce_subject", subject.encode()),
        *others,
    )


@lru_cache(maxsize=1024)
def _same_for_all(kind: str, source: str, brand: str) -> Headers:
    return (
        ("ce_specversion", b"1.0"),
        ("ce_type", kind.encode()),
        ("ce_source", f"/otklik/{source}".encode()),
        ("ce_dataschema", f"otklik:schemas/{kind}".encode()),
        ("content-type", b"application/json"),
        ("otklik_brand", brand.encode()),
    )


def header(headers: Headers, name: str) -> str | None:
    """The last header of that name as text, or None."""
    for key, value in reversed(headers):
        if key == name:
            return value.decode("utf-8", "replace")
    return None


def decoders(types: Iterable[type[Event]]) -> Mapping[str, msgspec.json.Decoder[Event]]:
    """One strict decoder per event type, by the name in ``ce_type``."""
    return {kind.__name__: msgspec.json.Decoder(kind) for kind in types}


@cache
def _instants(kind: type[Contract]) -> tuple[str, ...]:
    hints = get_type_hints(kind)
    return tuple(name for name, hint in hints.items() if hint in {datetime, datetime | None})


_ENCODER = msgspec.json.Encoder()
