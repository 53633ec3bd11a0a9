"""What does a service read and cost on its database? By PostgreSQL's own counters."""

import time
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.processor import cpu_seconds
from stream.database import alone

_FLUSH = text("select pg_stat_force_next_flush()")
_BACKEND = text("select pg_backend_pid()")
_READ = text("""
    select
        (select idx_tup_read from pg_stat_user_indexes where indexrelname = :index),
        (select sum(coalesce(idx_tup_fetch, 0) + coalesce(seq_tup_read, 0))
            from pg_stat_user_tables where relname like :tables)""")


class Meter:
    """Around work on one connection: entries of the index looked at, dead ones among them; rows
    fetched in all tables of the service, those to be written among them; seconds of CPU.
    """

    def __init__(self, engine: AsyncEngine, *, service: str, index: str) -> None:
        self._engine = engine
        self._asked = {"index": index, "tables": f"{service}%"}
        self.entries = self.rows = 0
        self.cpu_seconds = 0.0

    async def __aenter__(self) -> "Meter":
        self._before, self._began = await self._counters(), await self._cpu()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cpu_seconds = await self._cpu() - self._began
        entries, rows = await self._counters()
        self.entries, self.rows = entries - self._before[0], rows - self._before[1]

    async def _counters(self) -> Sequence[int]:
        async with alone(self._engine).connect() as connection:
            await connection.execute(_FLUSH)
            return list(map(int, (await connection.execute(_READ, self._asked)).one()))

    async def _cpu(self) -> float:
        """Of this process and of the one connection that it uses."""
        async with self._engine.connect() as connection:
            backend = int((await connection.execute(_BACKEND)).scalar_one())
        return time.process_time() + cpu_seconds(backend)
