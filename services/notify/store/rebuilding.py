"""How does a store begin anew? All its rows replaced in one transaction, or none."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from services.notify.domain.settle import Placed
from services.notify.store.cases import NotifyStore
from services.notify.store.tables import CLOCKS, LEDGER, TICKETS, TICKS
from stream.flow import Where

AT_ONCE = 500


async def replace_all(
    engine: AsyncEngine,
    placed: Iterable[Placed],
    ticks: Mapping[int, datetime],
    positions: Mapping[Where, int],
) -> int:
    """Write these cases in place of all that was there; how many they were.

    Members that still run are fenced: the positions are no longer theirs. An announcement that was
    never published is made again by the next tick, under the same id. Posts stay: they are counted
    once however often their decisions are read.
    """
    count = 0
    async with engine.begin() as connection:
        for table in (LEDGER.consumed, LEDGER.outbox, TICKETS, CLOCKS, TICKS):
            await connection.execute(delete(table))
        store, cases = NotifyStore(connection), iter(placed)
        while some := tuple(islice(cases, AT_ONCE)):
            await store.keep(some)
            count += len(some)
        await store.advance(ticks)
        stands = [
            {"topic": topic, "partition": partition, "next_offset": offset}
            for (topic, partition), offset in sorted(positions.items())
        ]
        if stands:
            await connection.execute(insert(LEDGER.consumed), stands)
    return count
