"""Who does a due piece of work? Whoever leases its row; any replica, and nobody for ever.

Due times are business time; the lease itself is real time by the database's clock (design 3.5).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Double,
    Index,
    Integer,
    Row,
    Table,
    and_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.schema import SchemaItem

from stream.database import database_seconds, micros, reading
from stream.statements import among


def lease_columns() -> tuple[SchemaItem, ...]:
    """What makes a row of work leasable: due, lease, attempts, done; indexed while it is work."""
    waits = text("done_at IS NULL")
    return (
        Column("due_at", BigInteger, nullable=False),
        Column("leased_until", Double, nullable=False, default=0.0),
        Column("attempt", Integer, nullable=False, default=0),
        Column("done_at", BigInteger, nullable=True),
        Index(None, "due_at", "id", postgresql_where=waits, sqlite_where=waits),
    )


class Leases:
    """Leases on one table that has ``lease_columns`` and a primary key ``id``."""

    def __init__(self, engine: AsyncEngine, table: Table, *, seconds: float = 30.0) -> None:
        self._engine, self._table, self._seconds = engine, table, seconds

    async def take(
        self, now: datetime, *, limit: int = 20, only: ColumnElement[bool] | None = None
    ) -> Sequence[Row[Any]]:
        """Lease rows that are due and that nobody holds; their attempt is counted at once."""
        table = self._table
        free = and_(
            table.c.done_at.is_(None),
            table.c.due_at <= micros(now),
            table.c.leased_until < database_seconds(),
            true() if only is None else only,
        )
        chosen = (
            select(table.c.id)
            .where(free)
            .order_by(table.c.due_at, table.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        async with reading(self._engine).connect() as connection:
            if not (await connection.execute(select(table.c.id).where(free).limit(1))).first():
                return ()
        async with self._engine.begin() as connection:
            ids = (await connection.execute(chosen)).scalars().all()
            if not ids:
                return ()
            await connection.execute(
                update(table)
                .where(among(table.c.id, "ids"))
                .values(
                    leased_until=database_seconds() + self._seconds, attempt=table.c.attempt + 1
                ),
                {"ids": ids},
            )
            taken = select(table).where(among(table.c.id, "ids"))
            query = taken.order_by(table.c.due_at, table.c.id)
            return (await connection.execute(query, {"ids": ids})).all()

    async def done(self, row: Row[Any], now: datetime) -> bool:
        """Finish a row, unless its lease ran out and another holder took it meanwhile."""
        return await self._release(row, {"done_at": micros(now)})

    async def again(self, row: Row[Any], at: datetime) -> bool:
        """Give a row back, due again at that instant, unless another holder took it meanwhile."""
        return await self._release(row, {"due_at": micros(at), "leased_until": 0.0})

    async def _release(self, row: Row[Any], values: dict[str, Any]) -> bool:
        table = self._table
        held = and_(table.c.id == row.id, table.c.attempt == row.attempt)
        async with self._engine.begin() as connection:
            changed = await connection.execute(update(table).where(held).values(values))
        return changed.rowcount == 1
