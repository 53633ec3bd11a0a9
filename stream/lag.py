"""How far is a service behind? What its group has not committed, asked of the broker."""

from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from schemas.event import Topic
from stream.topic_admin import Cluster, described

Waiting = Mapping[TopicPartition, tuple[int, int]]
"""The position of each partition that has records behind it, and how many."""


async def waiting(
    cluster: Cluster, service: str, topics: Sequence[Topic], admin: AIOKafkaAdminClient
) -> Waiting:
    """What a service has not committed of these topics, as the broker knows it."""
    ends = await ends_of(cluster, topics)
    try:
        done = await admin.list_consumer_group_offsets(f"{cluster.prefix}.{service}")
    except GroupCoordinatorNotAvailableError:
        done = {}
    at = {tp: max(0, done[tp].offset) if tp in done else 0 for tp in ends}
    return {tp: (at[tp], end - at[tp]) for tp, end in ends.items() if end > at[tp]}


async def ends_of(cluster: Cluster, topics: Sequence[Topic]) -> Mapping[TopicPartition, int]:
    """Where the partitions of these topics end; a topic that is not there has none."""
    partitions = [
        TopicPartition(topic["topic"], row["partition"])
        for topic in await described(cluster, topics)
        if topic["error_code"] == 0
        for row in topic["partitions"]
    ]
    async with AIOKafkaConsumer(**cluster.arguments()) as consumer:
        ends: Mapping[TopicPartition, int] = await consumer.end_offsets(partitions)
        return ends


async def committed(cluster: Cluster, service: str, topic: Topic) -> Mapping[int, int]:
    """Where a service's group stands on a topic, by partition; none where it never committed."""
    admin = AIOKafkaAdminClient(**cluster.arguments())
    await admin.start()
    try:
        done = await admin.list_consumer_group_offsets(f"{cluster.prefix}.{service}")
    except GroupCoordinatorNotAvailableError:
        done = {}
    finally:
        await admin.close()
    name = topic.under(cluster.prefix)
    return {
        tp.partition: at.offset for tp, at in done.items() if tp.topic == name and at.offset >= 0
    }


async def behind(cluster: Cluster, service: str, topics: Sequence[Topic]) -> int:
    """How many records of these topics a service has not committed."""
    admin = AIOKafkaAdminClient(**cluster.arguments())
    await admin.start()
    try:
        found = await waiting(cluster, service, topics, admin)
    finally:
        await admin.close()
    return sum(count for _, count in found.values())
