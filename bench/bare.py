"""What does the work cost with nothing around it? A bare aiokafka loop with nothing of ours.

The floor for the pumps: decode, encode, send to the same partition, await the batch's acks, commit.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer


class Posted(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """The event of the comparison, as the pumps see it too."""

    event_id: str
    cause_id: str | None = None
    occurred_at: datetime
    brand: str
    author: str
    text: str


async def nothing() -> None:
    """What a loop without a database asks of it."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """From which topic to which, as which group; ``kind`` is what is decoded."""

    read: str
    written: str
    group: str
    kind: type[msgspec.Struct] = Posted


async def loop(
    bootstrap: str,
    way: Way,
    acked: Callable[[int], bool],
    ask: Callable[[], Awaitable[None]] = nothing,
) -> None:
    """Move records until ``acked``, told how many the broker has taken, says that all are.

    ``ask`` is awaited once a poll that brought something.
    """
    consumer = AIOKafkaConsumer(
        way.read,
        bootstrap_servers=bootstrap,
        group_id=way.group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4_000_000,
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=0
    )
    decoder, encoder = msgspec.json.Decoder(way.kind), msgspec.json.Encoder()
    committed_at, done = time.monotonic(), False
    async with consumer, producer:
        while not done:
            got: dict[Any, Any] = await consumer.getmany(timeout_ms=200, max_records=200)
            if got:
                await ask()
            for tp, records in got.items():
                futures = []
                for one in records:
                    value = encoder.encode(decoder.decode(one.value))
                    place = {"key": one.key, "partition": tp.partition}
                    sent = await producer.send(
                        way.written, value, headers=list(one.headers), **place
                    )
                    futures.append(sent)
                await asyncio.gather(*futures)
                done = acked(len(futures))
            if time.monotonic() - committed_at >= 1:
                committed_at = time.monotonic()
                await consumer.commit()
