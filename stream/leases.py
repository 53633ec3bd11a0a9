"""Who does a due piece of work? Whoever leases its row; any replica, and nobody for ever.

Due times are business time; the lease itself is real time by the database's clock (design 3.5).
"""

from collections.abc import Mapping, Sequence
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
    bindparam,
    select,
    text,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.schema import SchemaItem

from stream.database import alone, database_seconds, micros
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

    def __init__(
        self,
        engine: AsyncEngine,
        table: Table,
        *,
        seconds: float = 30.0,
        by: Column[str] | None = None,
        only: ColumnElement[bool] | None = None,
    ) -> None:
        """``by`` is the column by which the work is shared out; ``only`` says which is ours."""
        self._engine, self._table, self._alone = engine, table, alone(engine)
        free = select(table.c.id).where(
            table.c.done_at.is_(None),
            table.c.due_at <= bindparam("now"),
            table.c.leased_until < database_seconds(),
            true() if by is None else by == bindparam("of"),
            true() if only is None else only,
        )
        in_order = (table.c.due_at, table.c.id)
        chosen = free.order_by(*in_order).limit(bindparam("many"))
        those = among(table.c.id, "ids")
        self._any, self._chosen = free.limit(1), chosen.with_for_update(skip_locked=True)
        self._lease = (
            update(table)
            .where(those)
            .values(leased_until=database_seconds() + seconds, attempt=table.c.attempt + 1)
        )
        self._leased = select(table).where(those).order_by(*in_order)

    async def take(
        self, now: datetime, *, limit: int = 20, of: str | None = None
    ) -> Sequence[Row[Any]]:
        """Lease rows that are due and that nobody holds; their attempt is counted at once."""
        asked = {"now": micros(now), "of": of}
        async with self._alone.connect() as connection:
            if not (await connection.execute(self._any, asked)).first():
                return ()
        async with self._engine.begin() as connection:
            found = await connection.execute(self._chosen, {**asked, "many": limit})
            ids = {"ids": found.scalars().all()}
            if not ids["ids"]:
                return ()
            await connection.execute(self._lease, ids)
            return (await connection.execute(self._leased, ids)).all()

    async def done(
        self, row: Row[Any], now: datetime, values: Mapping[str, Any] | None = None
    ) -> bool:
        """Finish a row, unless its lease ran out and another holder took it meanwhile.

        ``values`` are kept with it, and lost with the lease.
        """
        return await self._release(row, {**(values or {}), "done_at": micros(now)})

    async def again(
        self, row: Row[Any], at: datetime, values: Mapping[str, Any] | None = None
    ) -> bool:
        """Give a row back, due again at that instant, unless another holder took it meanwhile.

        ``values`` are kept with it, and lost with the lease.
        """
        changed = {**(values or {}), "due_at": micros(at), "leased_until": 0.0}
        return await self._release(row, changed)

    async def _release(self, row: Row[Any], values: Mapping[str, Any]) -> bool:
        table = self._table
        held = and_(table.c.id == row.id, table.c.attempt == row.attempt)
        async with self._alone.begin() as connection:
            changed = await connection.execute(update(table).where(held).values(dict(values)))
        return changed.rowcount == 1
