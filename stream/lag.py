"""How far is a service behind? What its group has not committed, asked of the broker."""

from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from schemas.event import Topic
from stream.topic_admin import Cluster, asking, described

Waiting = Mapping[TopicPartition, tuple[int, int]]
"""The position of each partition that has records behind it, and how many."""


async def waiting(
    cluster: Cluster, service: str, topics: Sequence[Topic], admin: AIOKafkaAdminClient
) -> Waiting:
    """What a service has not committed of these topics, as the broker knows it."""
    ends = await ends_of(cluster, topics)
    done = await _offsets(cluster, service, admin)
    at = {tp: done.get(tp, 0) for tp in ends}
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
    async with asking(cluster) as admin:
        done = await _offsets(cluster, service, admin)
    name = topic.under(cluster.prefix)
    return {tp.partition: offset for tp, offset in done.items() if tp.topic == name}


async def _offsets(
    cluster: Cluster, service: str, admin: AIOKafkaAdminClient
) -> Mapping[TopicPartition, int]:
    """Where a service's group stands; it has no place where it never committed."""
    try:
        done = await admin.list_consumer_group_offsets(f"{cluster.prefix}.{service}")
    except GroupCoordinatorNotAvailableError:  # of a broker that has had no group yet
        return {}
    return {tp: at.offset for tp, at in done.items() if at.offset >= 0}


async def behind(cluster: Cluster, service: str, topics: Sequence[Topic]) -> int:
    """How many records of these topics a service has not committed."""
    async with asking(cluster) as admin:
        found = await waiting(cluster, service, topics, admin)
    return sum(count for _, count in found.values())
