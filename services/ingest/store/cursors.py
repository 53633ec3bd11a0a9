"""How far was each polled source read, and whose turn is it? Leased rows (design 3.5).

Due times are real time: a platform's patience does not run scaled.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.event import derive_id
from services.ingest.domain.brands import Account
from services.ingest.domain.polls import Poll
from services.ingest.store.tables import CURSORS
from stream.database import micros
from stream.leases import Leases


class StoredCursors:
    """The cursors of these accounts by id; a changed target begins anew, with a row of its own."""

    def __init__(
        self, engine: AsyncEngine, accounts: Iterable[Account], *, seconds: float = 60.0
    ) -> None:
        self._engine = engine
        self.accounts: Mapping[str, Account] = {
            derive_id(f"{one.source}:{one.id}", "cursor", one.poll.target): one
            for one in accounts
            if isinstance(one.poll, Poll)
        }
        mine = CURSORS.c.id.in_(self.accounts)
        self._leases = Leases(engine, CURSORS, seconds=seconds, only=mine)

    async def begin(self, now: datetime) -> None:
        """Make a row for each account that has none, due at once."""
        rows = [
            {"id": key, "source": one.source, "account": one.id, "due_at": micros(now)}
            for key, one in sorted(self.accounts.items())
        ]
        if not rows:
            return
        async with self._engine.begin() as connection:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            await connection.execute(dialect.insert(CURSORS).on_conflict_do_nothing(), rows)

    async def take(self, now: datetime) -> Row[Any] | None:
        """The account that has been due the longest and that nobody holds, or None."""
        return next(iter(await self._leases.take(now, limit=1)), None)

    async def keep(self, row: Row[Any], cursor: bytes, now: datetime, due: datetime) -> bool:
        """Move the cursor on; False where the lease was lost meanwhile and nothing was kept."""
        values = {"cursor": cursor, "cursor_at": micros(now), "failures": 0}
        return await self._leases.again(row, due, values)

    async def failed(self, row: Row[Any], due: datetime) -> bool:
        """Leave the cursor where it is and count the failure."""
        return await self._leases.again(row, due, {"failures": row.failures + 1})
