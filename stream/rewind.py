"""How is a service made to read again? Its positions are put back, on the broker and in its store.

Only back: a position put forward would lose what lies between (one record is set aside by
QUARANTINE). What is read again changes nothing that it has changed before (design 3.2).
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from sqlalchemy import MetaData, update

from schemas.event import Topic
from stream.database import let_go, only_replica, open_engine
from stream.outbox import LedgerTables
from stream.topic_admin import Cluster, TopicsDiffer


class Rewound(msgspec.Struct, frozen=True, kw_only=True):
    """One partition: where it stood, and where it stands now."""

    topic: str
    partition: int
    was: int
    now: int


async def rewind(
    cluster: Cluster, service: str, topics: Sequence[Topic], since: datetime, store: str
) -> AsyncIterator[Rewound]:
    """Let a service read again what the broker took from then on; its group must have no member.

    ``store`` is the URL of its database, empty for a service that has none: there the positions of
    a stateful service lie, and they go before the broker's. Raises ``TopicsDiffer``.
    """
    consumer = AIOKafkaConsumer(
        **cluster.arguments(), group_id=f"{cluster.prefix}.{service}", enable_auto_commit=False
    )
    await consumer.start()
    try:
        found = [
            one
            for topic in topics
            for one in await _positions(consumer, topic.under(cluster.prefix), cluster, since)
        ]
        await _commit(consumer, found)
    finally:
        await consumer.stop()
    here = [
        msgspec.structs.replace(one, topic=one.topic.removeprefix(f"{cluster.prefix}."))
        for one in found
    ]
    if store:
        await _put_back(store, service, here)
    for one in here:
        yield one


async def _positions(
    consumer: AIOKafkaConsumer, name: str, cluster: Cluster, since: datetime
) -> Sequence[Rewound]:
    partitions = [TopicPartition(name, number) for number in range(cluster.partitions)]
    millis = int(since.timestamp() * 1000)
    at = await consumer.offsets_for_times(dict.fromkeys(partitions, millis))
    found = []
    for tp in partitions:
        was = await consumer.committed(tp)
        if was is not None and at[tp] is not None and at[tp].offset < was:
            place = Rewound(topic=name, partition=tp.partition, was=was, now=at[tp].offset)
            found.append(place)
    return found


async def _commit(consumer: AIOKafkaConsumer, found: Sequence[Rewound]) -> None:
    offsets: Mapping[TopicPartition, int] = {
        TopicPartition(one.topic, one.partition): one.now for one in found
    }
    if not offsets:
        return
    consumer.assign(list(offsets))
    try:
        await consumer.commit(offsets)
    except KafkaError as error:
        raise TopicsDiffer(
            f"expected a group without members: stop every replica first ({type(error).__name__})"
        ) from error


async def _put_back(store: str, service: str, found: Sequence[Rewound]) -> None:
    consumed = LedgerTables(MetaData(), service).consumed
    engine = open_engine(store)
    try:
        with only_replica(store):
            async with engine.begin() as connection:
                for one in found:
                    await connection.execute(
                        update(consumed)
                        .where(
                            consumed.c.topic == one.topic,
                            consumed.c.partition == one.partition,
                            consumed.c.next_offset > one.now,
                        )
                        .values(next_offset=one.now)
                    )
    finally:
        await let_go(engine)
