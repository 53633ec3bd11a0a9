"""What does a topic hold? Read to its end, waiting for records, not for time."""

from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.event import Topic
from stream.flow import Received, read_headers
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
        while len(found) < at_least or await _left(consumer, ends):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found.extend(received(topic, record) for record in records)
        return sorted(found, key=lambda r: (r.partition, r.offset))
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
