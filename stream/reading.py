"""What does a topic hold? Read to its end, waiting for records, not for time."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.event import Topic
from stream.flow import Received, read_headers
from stream.topic_admin import Cluster


async def read_all(cluster: Cluster, topic: Topic, *, at_least: int = 0) -> list[Received]:
    """The topic's records in order per partition: to its end, and until so many are there."""
    found = [one async for one in records(cluster, topic, at_least=at_least)]
    return sorted(found, key=lambda r: (r.partition, r.offset))


async def records(
    cluster: Cluster,
    topic: Topic,
    *,
    at_least: int = 0,
    begin: Mapping[int, int] | None = None,
    since_ms: int | None = None,
) -> AsyncIterator[Received]:
    """The same one by one as they are fetched, for what does not fit into memory.

    From an offset for each partition that ``begin`` names, or from a time of the broker's.
    """
    name, count = topic.under(cluster.prefix), 0
    consumer = AIOKafkaConsumer(
        **cluster.arguments(), auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        partitions = [TopicPartition(name, number) for number in range(cluster.partitions)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        for number, offset in (begin or {}).items():
            consumer.seek(TopicPartition(name, number), offset)
        if since_ms is not None:
            found = await consumer.offsets_for_times(dict.fromkeys(partitions, since_ms))
            for tp, at in found.items():
                consumer.seek(tp, at.offset if at else ends[tp])
        while count < at_least or await _left(consumer, ends):
            for some in (await consumer.getmany(timeout_ms=500)).values():
                count += len(some)
                for record in some:
                    yield received(topic, record)
    finally:
        await consumer.stop()


def received(topic: Topic, record: Any) -> Received:
    """A consumer's record as ours; ``topic`` without the installation's prefix."""
    return Received(
        topic=topic.name,
        partition=record.partition,
        offset=record.offset,
        timestamp_ms=record.timestamp,
        key=record.key,
        value=record.value,
        headers=read_headers(record.headers),
    )


async def _left(consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> Sequence[int]:
    return [end for tp, end in ends.items() if await consumer.position(tp) < end]
