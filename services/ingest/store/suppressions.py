"""Who is never to be kept again? Hashes in the database, all of them in every replica's memory."""

from sqlalchemy import Row, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.domain.erasure import People, Suppression
from services.ingest.store.tables import SUPPRESSIONS
from stream.database import alone, from_micros, micros


class StoredSuppressions:
    """The wishes to be forgotten; ``people`` is what was known at the last ``refresh``."""

    def __init__(self, engine: AsyncEngine, key: bytes) -> None:
        self._engine = engine
        self.people = People(key=key)

    async def add(self, wish: Suppression) -> Suppression:
        """Keep a wish; where the author had one already, that one stands."""
        row = {
            "author_hash": wish.author_hash,
            "requested_at": micros(wish.requested_at),
            "receipt_id": wish.receipt_id,
        }
        known = select(SUPPRESSIONS).where(SUPPRESSIONS.c.author_hash == wish.author_hash)
        async with self._engine.begin() as connection:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            await connection.execute(dialect.insert(SUPPRESSIONS).on_conflict_do_nothing(), [row])
            return _wish((await connection.execute(known)).one())

    async def of_author(self, author_hash: str) -> Suppression | None:
        """The wish of an author, if there is one."""
        query = select(SUPPRESSIONS).where(SUPPRESSIONS.c.author_hash == author_hash)
        async with alone(self._engine).connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        return _wish(row) if row else None

    async def of_receipt(self, receipt_id: str) -> Suppression | None:
        """The wish that a receipt was given for, if there is one."""
        query = select(SUPPRESSIONS).where(SUPPRESSIONS.c.receipt_id == receipt_id)
        async with alone(self._engine).connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        return _wish(row) if row else None

    async def refresh(self) -> None:
        """Learn what all replicas have written."""
        async with alone(self._engine).connect() as connection:
            hashes = (await connection.execute(select(SUPPRESSIONS.c.author_hash))).scalars()
            self.people = People(key=self.people.key, forgotten=frozenset(hashes))


def _wish(row: Row[str, int, str]) -> Suppression:
    author_hash, requested_at, receipt_id = row
    return Suppression(
        receipt_id=receipt_id, author_hash=author_hash, requested_at=from_micros(requested_at)
    )
