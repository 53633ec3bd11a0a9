"""A stopped service is made to read again: its positions go back, on the broker and in its store.

The inputs that break the easy version: a store that is ahead of the broker's commit; a time that
lies behind what was read; a group with a member; a topic that the service never read.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import MetaData, insert, select

from schemas.event import Topic
from schemas.topics import CLASSIFIED, SLA
from stream.database import create_tables, open_engine
from stream.lag import committed
from stream.outbox import LedgerTables
from stream.reading import read_all
from stream.rewind import Rewound, rewind
from stream.topic_admin import Cluster, TopicsDiffer, create
from tests.builders import a_classified, a_post
from tests.processes import write

COUNT, EVER = 30, datetime(1971, 1, 1, tzinfo=UTC)
TABLES = LedgerTables(MetaData(), "route")


async def put(cluster: Cluster, url: str, offsets: Mapping[int, int], ahead: int = 0) -> None:
    """Route has read so far, and its store so many records more."""
    group = f"{cluster.prefix}.route"
    consumer = AIOKafkaConsumer(**cluster.arguments(), group_id=group, enable_auto_commit=False)
    await consumer.start()
    name = CLASSIFIED.under(cluster.prefix)
    there = {TopicPartition(name, number): offset for number, offset in offsets.items()}
    consumer.assign(list(there))
    await consumer.commit(there)
    await consumer.stop()
    engine, metadata = open_engine(url), MetaData()
    tables = LedgerTables(metadata, "route")
    await create_tables(engine, metadata)
    rows = [
        {"topic": CLASSIFIED.name, "partition": number, "next_offset": offset + ahead}
        for number, offset in offsets.items()
    ]
    async with engine.begin() as connection:
        await connection.execute(insert(tables.consumed).values(rows))
    await engine.dispose()


async def store_stands(url: str) -> dict[int, int]:
    engine = open_engine(url)
    async with engine.connect() as connection:
        rows = (await connection.execute(select(TABLES.consumed))).all()
    await engine.dispose()
    return {row.partition: row.next_offset for row in rows}


async def rewound(cluster: Cluster, url: str, since: datetime) -> list[Rewound]:
    topics: tuple[Topic, ...] = (CLASSIFIED, SLA)
    return [one async for one in rewind(cluster, "route", topics, since, url)]


@pytest.fixture
async def read(cluster: Cluster) -> Mapping[int, int]:
    """Thirty posts on classified.v1; where each partition of it ends."""
    await create(cluster, (CLASSIFIED, SLA))
    await write(cluster, [a_classified(a_post(f"p{n}")) for n in range(COUNT)], CLASSIFIED)
    records = await read_all(cluster, CLASSIFIED, at_least=COUNT)
    return {
        number: sum(one.partition == number for one in records)
        for number in range(cluster.partitions)
    }


async def test_both_positions_go_back(
    cluster: Cluster, database_url: str, read: Mapping[int, int]
) -> None:
    await put(cluster, database_url, {n: end - 2 for n, end in read.items()}, ahead=2)

    found = await rewound(cluster, database_url, EVER)

    assert {(one.partition, one.was, one.now) for one in found} == {
        (number, end - 2, 0) for number, end in read.items()
    }
    assert await committed(cluster, "route", CLASSIFIED) == dict.fromkeys(read, 0)
    assert await store_stands(database_url) == dict.fromkeys(read, 0)


async def test_nothing_goes_forward(
    cluster: Cluster, database_url: str, read: Mapping[int, int]
) -> None:
    first = dict.fromkeys(read, 1)
    await put(cluster, database_url, first)

    found = await rewound(cluster, database_url, datetime(2999, 1, 1, tzinfo=UTC))

    assert found == []
    assert await committed(cluster, "route", CLASSIFIED) == first
    assert await store_stands(database_url) == first


async def test_a_group_with_a_member_is_refused_and_nothing_is_changed(
    cluster: Cluster, database_url: str, read: Mapping[int, int]
) -> None:
    await put(cluster, database_url, read)
    group, topic = f"{cluster.prefix}.route", CLASSIFIED.under(cluster.prefix)
    member = AIOKafkaConsumer(topic, **cluster.arguments(), group_id=group)
    await member.start()
    try:
        with pytest.raises(TopicsDiffer, match="stop every replica first"):
            await rewound(cluster, database_url, EVER)
    finally:
        await member.stop()

    assert await store_stands(database_url) == read
