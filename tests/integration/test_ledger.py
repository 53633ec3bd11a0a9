"""Effects happen once, on SQLite and on PostgreSQL.

The inputs that break the easy version: the process dies after its commit and before its publish;
the same batch comes again; a thawed replica goes on where another has taken over, in one of the
partitions of its step.
"""

from collections.abc import AsyncIterator, Sequence

import pytest
from aiokafka.errors import KafkaTimeoutError
from prometheus_client import CollectorRegistry
from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.event import derive_id
from stream.clock import parse_clock
from stream.database import micros, open_engine
from stream.failures import Fenced
from stream.flow import Outgoing, Received
from stream.leases import Leases, lease_columns
from stream.ledger import Ledger
from stream.memory_pump import MemoryBroker
from stream.metrics import StreamMetrics
from stream.outbox import LedgerTables
from tests.stored import opened

METADATA = MetaData()
TABLES = LedgerTables(METADATA, "probe")
EFFECTS = Table("probe_effects", METADATA, Column("offset", Integer))
WORK = Table("probe_work", METADATA, Column("id", String(36), primary_key=True), *lease_columns())


class Dying:
    """A publish that dies before the broker has acked anything, as often as it is told."""

    def __init__(self, broker: MemoryBroker, *, times: int) -> None:
        self._broker, self._left = broker, times

    async def __call__(self, outputs: Sequence[Outgoing]) -> Sequence[int]:
        if self._left:
            self._left -= 1
            raise KafkaTimeoutError
        return await self._broker(outputs)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    async with opened(database_url, METADATA) as store:
        yield store


def ledger(engine: AsyncEngine, publish: "MemoryBroker | Dying") -> Ledger:
    """A replica's ledger."""
    metrics = StreamMetrics(CollectorRegistry(), "probe", "test")
    return Ledger(engine, TABLES, publish, metrics)


def records(first: int, last: int, partition: int = 0) -> list[Received]:
    """Records of one partition."""
    return [
        Received(
            topic="in.v1",
            partition=partition,
            offset=offset,
            timestamp_ms=offset,
            key=None,
            value=b"{}",
            headers=(),
        )
        for offset in range(first, last)
    ]


async def work(connection: AsyncConnection, batch: Sequence[Received]) -> Sequence[Outgoing]:
    """One row and one output per record."""
    await connection.execute(insert(EFFECTS), [{"offset": r.offset} for r in batch])
    return [
        Outgoing(
            topic="out.v1",
            partition=r.partition,
            key=b"k",
            value=str(r.offset).encode(),
            headers=(("a", b"b"),),
            event_id=derive_id("in", "out", r.partition, r.offset),
        )
        for r in batch
    ]


async def effects(engine: AsyncEngine) -> list[int]:
    """Which records have had their effect, each as often as it had."""
    async with engine.connect() as connection:
        rows = await connection.execute(select(EFFECTS.c.offset).order_by(EFFECTS.c.offset))
        return list(rows.scalars())


async def pending(engine: AsyncEngine) -> int:
    """How many outputs wait in the outbox."""
    async with engine.connect() as connection:
        query = select(func.count()).select_from(TABLES.outbox)
        return int((await connection.execute(query)).scalar_one())


async def test_a_batch_that_comes_again_has_its_effect_once(engine: AsyncEngine) -> None:
    broker = MemoryBroker()
    one = ledger(engine, broker)

    await one.once(records(0, 10), work)
    await one.once(records(0, 15), work)

    assert await effects(engine) == list(range(15))
    assert [r.value for r in broker.log("out.v1")] == [str(n).encode() for n in range(15)]
    assert await pending(engine) == 0


async def test_what_was_committed_and_not_published_is_published_by_the_next(
    engine: AsyncEngine,
) -> None:
    broker = MemoryBroker()
    dies = ledger(engine, Dying(broker, times=1))
    with pytest.raises(KafkaTimeoutError):
        await dies.once(records(0, 10), work)
    assert (await pending(engine), broker.log("out.v1")) == (10, [])

    heir = ledger(engine, broker)
    await heir.drain([0])
    await heir.once(records(0, 10), work)

    assert await effects(engine) == list(range(10))
    assert [r.value for r in broker.log("out.v1")] == [str(n).encode() for n in range(10)]


async def test_a_batch_that_is_tried_again_publishes_what_its_first_try_stored(
    engine: AsyncEngine,
) -> None:
    broker = MemoryBroker()
    one = ledger(engine, Dying(broker, times=1))
    with pytest.raises(KafkaTimeoutError):
        await one.once(records(0, 10), work)

    await one.once(records(0, 10), work)

    assert await effects(engine) == list(range(10))
    assert [r.value for r in broker.log("out.v1")] == [str(n).encode() for n in range(10)]
    assert await pending(engine) == 0


async def test_more_outputs_than_are_published_at_a_time_all_go_out_in_order(
    engine: AsyncEngine,
) -> None:
    broker = MemoryBroker()

    await ledger(engine, broker).once(records(0, 1200), work)

    assert [r.value for r in broker.log("out.v1")] == [str(n).encode() for n in range(1200)]
    assert await pending(engine) == 0


def of_three(first: int, last: int) -> list[Received]:
    """Records of three partitions, as one poll gives them."""
    return [one for partition in range(3) for one in records(first, last, partition)]


async def test_one_step_moves_every_partition_and_publishes_each_in_order(
    engine: AsyncEngine,
) -> None:
    broker = MemoryBroker()
    one = ledger(engine, broker)

    await one.once(of_three(0, 5), work)
    await one.once([*records(3, 8), *records(5, 8, 1), *records(0, 8, 2)], work)

    assert await effects(engine) == sorted(3 * list(range(8)))
    for partition in range(3):
        values = [r.value for r in broker.log("out.v1", partition)]
        assert values == [str(n).encode() for n in range(8)]
    stands = await one.positions([("in.v1", partition) for partition in range(3)])
    assert stands == {("in.v1", partition): 8 for partition in range(3)}


async def test_what_one_step_left_unpublished_in_three_partitions_goes_out_once(
    engine: AsyncEngine,
) -> None:
    broker = MemoryBroker()
    with pytest.raises(KafkaTimeoutError):
        await ledger(engine, Dying(broker, times=1)).once(of_three(0, 5), work)

    heir = ledger(engine, broker)
    await heir.drain(range(3))
    await heir.once(of_three(0, 6), work)

    assert await effects(engine) == sorted(3 * list(range(6)))
    for partition in range(3):
        values = [r.value for r in broker.log("out.v1", partition)]
        assert values == [str(n).encode() for n in range(6)]
    assert await pending(engine) == 0


async def test_a_fence_on_one_partition_changes_nothing_in_the_others_of_its_step(
    engine: AsyncEngine,
) -> None:
    broker = MemoryBroker()
    zombie, heir = ledger(engine, broker), ledger(engine, broker)
    await zombie.once(of_three(0, 5), work)
    await heir.once(records(5, 7, 1), work)

    with pytest.raises(Fenced):
        await zombie.once(of_three(5, 7), work)
    await zombie.once([*records(5, 7), *records(5, 7, 2)], work)

    assert await effects(engine) == sorted(3 * list(range(7)))
    assert len(broker.log("out.v1")) == 21


async def test_what_a_command_stored_goes_out_with_the_next_step(engine: AsyncEngine) -> None:
    broker = MemoryBroker()
    one = ledger(engine, broker)
    async with engine.begin() as connection:
        (command,) = await work(connection, records(99, 100))
        await one.store(connection, [command])

    await one.once(records(0, 3), work)

    assert [r.value for r in broker.log("out.v1")] == [b"99", b"0", b"1", b"2"]
    assert await pending(engine) == 0


async def test_a_step_that_fails_leaves_no_trace(engine: AsyncEngine) -> None:
    async def fails(connection: AsyncConnection, batch: Sequence[Received]) -> Sequence[Outgoing]:
        await work(connection, batch)
        raise RuntimeError("after its writes")

    one = ledger(engine, MemoryBroker())
    with pytest.raises(RuntimeError):
        await one.once(records(0, 5), fails)

    assert (await effects(engine), await pending(engine)) == ([], 0)
    assert await one.positions([("in.v1", 0)]) == {}


async def test_a_thawed_replica_changes_nothing(engine: AsyncEngine) -> None:
    broker = MemoryBroker()
    zombie, heir = ledger(engine, broker), ledger(engine, broker)
    await zombie.once(records(0, 10), work)
    await heir.once(records(10, 20), work)

    with pytest.raises(Fenced):
        await zombie.once(records(10, 20), work)

    assert await effects(engine) == list(range(20))
    assert len(broker.log("out.v1")) == 20


async def test_the_store_says_where_to_read_on(engine: AsyncEngine) -> None:
    await ledger(engine, MemoryBroker()).once(records(0, 7), work)

    stands = await ledger(engine, MemoryBroker()).positions([("in.v1", 0), ("in.v1", 1)])

    assert stands == {("in.v1", 0): 7}


async def test_a_lease_is_held_by_one_until_it_ends(engine: AsyncEngine) -> None:
    now = parse_clock("").now()
    async with engine.begin() as connection:
        await connection.execute(insert(WORK), [{"id": str(n), "due_at": 0} for n in range(3)])
    long, ended = Leases(engine, WORK), Leases(engine, WORK, seconds=-1.0)

    first = await ended.take(now, limit=2)
    again = await long.take(now)
    none = await long.take(now)

    assert [row.id for row in first] == ["0", "1"]
    assert sorted(row.id for row in again) == ["0", "1", "2"]
    assert list(none) == []
    assert not await long.done(first[0], now), "its lease had ended and another took it"
    assert await long.done(again[0], now)


async def test_work_that_is_not_due_is_not_taken(engine: AsyncEngine) -> None:
    now = parse_clock("").now()
    async with engine.begin() as connection:
        row = {"id": "later", "due_at": micros(now) + 1_000_000}
        await connection.execute(insert(WORK), [row])

    assert list(await Leases(engine, WORK).take(now)) == []


async def test_a_connection_that_the_server_has_closed_is_not_used_again(
    engine: AsyncEngine, database_url: str
) -> None:
    if engine.dialect.name == "postgresql":
        ended = text(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        other = open_engine(database_url)
        async with engine.connect() as ours, other.connect() as connection:
            raw = (await ours.get_raw_connection()).driver_connection
            await connection.execute(ended)
            while raw and not raw.is_closed():
                await connection.execute(text("SELECT 1"))
        await other.dispose()

    await ledger(engine, MemoryBroker()).once(records(0, 3), work)

    assert await effects(engine) == [0, 1, 2]


async def test_a_commit_is_durable_whatever_the_server_is_set_to(database_url: str) -> None:
    """Our PostgreSQL of the tests is set to lose the last commits in a crash."""
    engine, question = open_engine(database_url), "SHOW synchronous_commit"
    durable = {"postgresql": (question, "on"), "sqlite": ("PRAGMA journal_mode", "wal")}
    asked, expected = durable[engine.dialect.name]
    async with engine.connect() as connection:
        assert await connection.scalar(text(asked)) == expected
    await engine.dispose()
