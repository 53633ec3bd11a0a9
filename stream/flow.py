"""What does a service do with what it reads? A flow: one meaning, whatever pump moves the bytes."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Generic, Protocol, TypeVar

import msgspec

from schemas.event import Event, Headers, Topic, cloud_headers, encode, header

U = TypeVar("U")
"""What a handler may change in its one step: a database connection, or None for the stateless."""

Where = tuple[str, int]
"""A topic by its name in the table, and a partition number."""


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A record as read; ``topic`` is the table's name, without the installation's prefix."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers

    @property
    def where(self) -> Where:
        """The partition that it was read from."""
        return self.topic, self.partition


def read_headers(headers: Iterable[tuple[str, bytes | None]]) -> Headers:
    """A record's headers; Kafka allows a null value, which reads as empty."""
    return tuple([(name, value or b"") for name, value in headers])  # a list is quicker


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A decoded event and the record that it came in."""

    event: Event
    received: Received

    @property
    def replayed(self) -> bool:
        """Was it put back by an operator? Then it never pages (design 3.3)."""
        return self.received.topic.endswith(".retry.v1")


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """An encoded event on its way to the partition number of the record that caused it."""

    topic: str
    partition: int
    key: bytes
    value: bytes
    headers: Headers
    event_id: str


class Publish(Protocol):
    """Sends records and awaits every ack; what was sent before a failure may be sent again."""

    async def __call__(self, outputs: Sequence[Outgoing]) -> Sequence[int]:
        """The offsets in order, once all are acked; raises where one ack is missing."""
        ...


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Decoded messages of one partition in order; ``tick`` is the latest that lay among them."""

    topic: str
    partition: int
    messages: tuple[Message, ...]
    tick: datetime | None = None


class Flow(msgspec.Struct, Generic[U], frozen=True, kw_only=True):
    """A service's meaning: what it reads, what it writes, how batches become outputs.

    ``handle`` gets one batch of each partition that is in the step. It returns what is to be
    published and publishes nothing itself. Ticks are passed on by stream to ``ticks_to``, behind
    the outputs of their batch.
    """

    name: str
    reads: tuple[Topic, ...]
    events: tuple[type[Event], ...]
    writes: tuple[Topic, ...]
    ticks_to: Topic | None = None
    handle: Callable[[Sequence[Batch], U], Awaitable[Sequence[Outgoing]]]


def outgoing(event: Event, *, topic: Topic, key: str, partition: int, origin: "Origin") -> Outgoing:
    """Encode an event for a partition, with the sender's name and the trace of its cause."""
    headers = cloud_headers(event, source=origin.service, subject=key, brand=origin.brand)
    trace = (("traceparent", origin.traceparent.encode()),) if origin.traceparent else ()
    return Outgoing(
        topic=topic.name,
        partition=partition,
        key=key.encode(),
        value=encode(event),
        headers=headers + trace,
        event_id=event.event_id,
    )


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends, for which brand, and the W3C trace that it continues."""

    service: str
    brand: str
    traceparent: str | None = None


def caused_by(received: Received, *, service: str, brand: str) -> Origin:
    """The origin of an effect: it continues the trace of the record that caused it."""
    return Origin(service=service, brand=brand, traceparent=header(received.headers, "traceparent"))
