"""What does the ledger cost per event? Steps of one size, a publish that costs nothing."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncConnection

from bench.posted import READ, posted
from bench.window import Window
from stream.database import create_tables, open_engine
from stream.flow import Outgoing, Received
from stream.ledger import Ledger
from stream.metrics import StreamMetrics
from stream.outbox import LedgerTables

BATCHES = (50, 200, 500)


async def ledger(database_url: str, table: str, batch: int, window: Window, total: int) -> None:
    """Take steps of ``batch`` records each until the window closes."""
    outputs = {number: posted(number, 0) for number in range(total)}
    records = [_received(number, outputs[number]) for number in range(total)]

    async def work(_: AsyncConnection, fresh: Sequence[Received]) -> Sequence[Outgoing]:
        return [outputs[one.offset] for one in fresh]

    engine, metadata = open_engine(database_url), MetaData()
    tables = LedgerTables(metadata, table)
    await create_tables(engine, metadata)
    metrics = StreamMetrics(CollectorRegistry(), "bench", "bench")
    one = Ledger(engine, tables, _nowhere, metrics)
    for start in range(0, total, batch):
        part = records[start : start + batch]
        await one.once(part, work)
        window.acked(len(part))
    await engine.dispose()


async def _nowhere(outputs: Sequence[Outgoing]) -> Sequence[int]:
    return range(len(outputs))


def _received(number: int, record: Outgoing) -> Received:
    return Received(
        topic=READ.name,
        partition=0,
        offset=number,
        timestamp_ms=0,
        key=record.key,
        value=record.value,
        headers=record.headers,
    )
