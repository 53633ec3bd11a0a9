"""When was each source last heard, whichever replica heard it? Written behind, for people."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.domain.heard import Heard, What
from services.ingest.store.tables import HEARD
from stream.database import alone, from_micros, micros


class StoredSources:
    """The latest time of each kind of event by source and account, real time; later times win."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._unwritten: dict[Heard, datetime] = {}

    def note(self, heard: Heard, at: datetime) -> None:
        """Remember when that was; it is written with the next ``flush``."""
        self._unwritten[heard] = max(at, self._unwritten.get(heard, at))

    async def latest(self) -> Mapping[Heard, datetime]:
        """What all replicas have written."""
        async with alone(self._engine).connect() as connection:
            rows = (await connection.execute(select(HEARD))).all()
        return {
            Heard(source=row.source, account=row.account, what=What(row.what)): from_micros(row.at)
            for row in rows
        }

    async def flush(self) -> int:
        """Write what was noted since; how many rows that were."""
        batch = dict(self._unwritten)
        if not batch:
            return 0
        rows = [
            {"source": one.source, "account": one.account, "what": one.what, "at": micros(at)}
            for one, at in sorted(batch.items())
        ]
        async with self._engine.begin() as connection:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            new = dialect.insert(HEARD)
            later = new.on_conflict_do_update(
                index_elements=list(HEARD.primary_key),
                set_={"at": new.excluded.at},
                where=new.excluded.at > HEARD.c.at,
            )
            await connection.execute(later, rows)
        for one, at in batch.items():
            if self._unwritten.get(one) == at:
                del self._unwritten[one]
        return len(rows)
