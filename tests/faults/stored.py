"""What does a probe's database hold? Read from outside, to be compared before and after a fault."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import func, select

from stream.database import open_engine
from tests.faults.probe import KEYS, LEDGER


class Stored(msgspec.Struct, frozen=True):
    """State, positions and outbox at one moment."""

    keys: Mapping[str, tuple[int, int]]
    positions: Mapping[int, int]
    waiting: int


async def stored(url: str) -> Stored:
    """Version and number of each key, next offset of each partition, events not acked yet."""
    engine = open_engine(url)
    async with engine.connect() as connection:
        keys = (await connection.execute(select(KEYS))).all()
        positions = (await connection.execute(select(LEDGER.consumed))).all()
        waiting = await connection.scalar(select(func.count()).select_from(LEDGER.outbox))
    await engine.dispose()
    return Stored(
        keys={row.key: (row.version, row.number) for row in keys},
        positions={row.partition: row.next_offset for row in positions},
        waiting=waiting or 0,
    )
