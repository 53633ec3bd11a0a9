"""Where do posts lie that others may speak of later? Written behind, since it only saves work.

A place that is lost in a crash costs a tombstone its partition, not its effect: route finds the
post by its id.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.domain.place import Place
from services.ingest.store.tables import PLACES
from stream.database import alone, micros
from stream.statements import among, upsert

RECENT = 100_000
"""How many places a replica keeps in memory, written or not."""

KEPT = timedelta(days=30)
"""How long a post may be spoken of: a deletion later than that keeps no conversation."""

ROWS = 1000


class StoredPlaces:
    """Places by key, the recent ones in memory; ``now`` is business time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._recent: dict[str, Place] = {}
        self._unwritten: dict[str, Place] = {}

    def note(self, key: str, place: Place) -> None:
        """Remember a place; it is written with the next ``flush``."""
        if self._recent.get(key) == place:
            return
        self._unwritten[key] = self._recent[key] = place
        while len(self._recent) > RECENT:
            oldest = next(iter(self._recent))
            del self._recent[oldest]
            self._unwritten.pop(oldest, None)

    def recent(self, keys: Collection[str]) -> Mapping[str, Place]:
        """The places that this replica has seen lately."""
        return {key: self._recent[key] for key in keys if key in self._recent}

    async def stored(self, keys: Collection[str]) -> Mapping[str, Place]:
        """The places that all replicas have written."""
        query = select(PLACES).where(among(PLACES.c.key, "keys"))
        async with alone(self._engine).connect() as connection:
            rows = (await connection.execute(query, {"keys": keys})).all()
        return {row.key: _place(row) for row in rows}

    async def of_author(self, author_hash: str) -> Mapping[str, Place]:
        """The places of an author's posts, written or not."""
        query = select(PLACES).where(PLACES.c.author_hash == author_hash)
        async with alone(self._engine).connect() as connection:
            rows = (await connection.execute(query)).all()
        noted = {k: one for k, one in self._unwritten.items() if one.author_hash == author_hash}
        return {row.key: _place(row) for row in rows} | noted

    async def forget_authors(self, hashes: Collection[str]) -> None:
        """Drop the places of these authors' posts."""
        for noted in (self._unwritten, self._recent):
            for key in [key for key, place in noted.items() if place.author_hash in hashes]:
                del noted[key]
        async with self._engine.begin() as connection:
            gone = delete(PLACES).where(among(PLACES.c.author_hash, "hashes"))
            await connection.execute(gone, {"hashes": hashes})

    async def flush(self, now: datetime) -> int:
        """Write what was noted since; how many there were."""
        batch = dict(list(self._unwritten.items())[:ROWS])
        if not batch:
            return 0
        rows = [
            {
                "key": key,
                "conversation": place.conversation,
                "thread": place.thread,
                "author_hash": place.author_hash,
                "seen_at": micros(now),
            }
            for key, place in sorted(batch.items())
        ]
        async with self._engine.begin() as connection:
            await upsert(connection, PLACES, rows)
        for key, place in batch.items():
            if self._unwritten.get(key) == place:
                del self._unwritten[key]
        return len(rows)

    async def forget(self, now: datetime) -> int:
        """Delete what nobody will speak of any more; how many there were."""
        old = delete(PLACES).where(PLACES.c.seen_at < micros(now - KEPT))
        async with self._engine.begin() as connection:
            return (await connection.execute(old)).rowcount


def _place(row: Row[Any]) -> Place:
    return Place(conversation=row.conversation, thread=row.thread, author_hash=row.author_hash)
