"""Reading what a topic holds on a real broker: up to its end, waiting for records, not for time."""

from collections.abc import Sequence

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.event import Event, Topic, header
from schemas.topics import EVENTS
from stream.flow import Received
from stream.topic_admin import Cluster


async def read_all(cluster: Cluster, topic: Topic, *, at_least: int = 0) -> list[Received]:
    """The topic's records in order per partition: to its end, and until so many are there."""
    name = topic.under(cluster.prefix)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=cluster.bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        partitions = [TopicPartition(name, number) for number in range(cluster.partitions)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[Received] = []
        while len(found) < at_least or any(
            [await consumer.position(tp) < ends[tp] for tp in partitions]
        ):
            got = await consumer.getmany(timeout_ms=500)
            for tp, records in got.items():
                found.extend(_received(topic, tp.partition, record) for record in records)
        return sorted(found, key=lambda r: (r.partition, r.offset))
    finally:
        await consumer.stop()


def events(records: Sequence[Received]) -> list[Event]:
    """The records' events, decoded by their header's type."""
    kinds = [EVENTS[header(r.headers, "ce_type") or ""] for r in records]
    return [
        msgspec.json.decode(r.value or b"", type=kind)
        for r, kind in zip(records, kinds, strict=True)
    ]


def _received(topic: Topic, partition: int, record: object) -> Received:
    return Received(
        topic=topic.name,
        partition=partition,
        offset=getattr(record, "offset"),  # noqa: B009 - aiokafka ships no types
        timestamp_ms=getattr(record, "timestamp"),  # noqa: B009
        key=getattr(record, "key"),  # noqa: B009
        value=getattr(record, "value"),  # noqa: B009
        headers=tuple(getattr(record, "headers")),  # noqa: B009
    )
