"""What does a subscriber see? The events of one type, from the beginning of a topic on."""

from collections.abc import AsyncGenerator
from typing import TypeVar

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.event import Event, Topic
from stream.topic_admin import Cluster

E = TypeVar("E", bound=Event)


async def events_of(cluster: Cluster, topic: Topic, kind: type[E]) -> AsyncGenerator[E, None]:
    """Every event of that type, for as long as somebody asks for more; in no group."""
    consumer = AIOKafkaConsumer(
        **cluster.arguments(), auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        name = topic.under(cluster.prefix)
        consumer.assign([TopicPartition(name, number) for number in range(cluster.partitions)])
        async for record in consumer:
            if dict(record.headers)["ce_type"] == kind.__name__.encode():
                yield msgspec.json.decode(record.value, type=kind)
    finally:
        await consumer.stop()
