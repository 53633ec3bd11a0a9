"""What does ingest remember? Places, sources and the forgotten, in one, kept in memory."""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.domain.erasure import KnownAuthor, People, Suppression
from services.ingest.domain.heard import Heard
from services.ingest.domain.place import Place
from services.ingest.store.places import StoredPlaces
from services.ingest.store.sources import StoredSources
from services.ingest.store.suppressions import StoredSuppressions
from stream.failures import is_dependency

LOG = logging.getLogger(__name__)


class StoredMemory:
    """Memory over a database that may be away: then it knows what this replica has seen."""

    def __init__(self, engine: AsyncEngine, key: bytes = b"") -> None:
        self.places, self.sources = StoredPlaces(engine), StoredSources(engine)
        self._suppressions = StoredSuppressions(engine, key)
        self._cleared: frozenset[str] = frozenset()

    async def find(self, keys: Collection[str]) -> Mapping[str, Place]:
        """The places of posts, as far as they are known."""
        recent = self.places.recent(keys)
        missing = set(keys) - recent.keys()
        if not missing:
            return recent
        try:
            return {**await self.places.stored(missing), **recent}
        except Exception as error:
            if not is_dependency(error):
                raise
            LOG.warning("places not asked", extra={"error": type(error).__name__})
            return recent

    def note(self, key: str, place: Place) -> None:
        """Remember a post's place, unless its author was forgotten in the meantime."""
        if place.author_hash not in self.people().forgotten:
            self.places.note(key, place)

    def heard(self, heard: Heard, at: datetime) -> None:
        """Remember when a source was heard."""
        self.sources.note(heard, at)

    def people(self) -> People:
        """How authors are hashed, and who of them is forgotten."""
        return self._suppressions.people

    async def forget(self, wish: Suppression) -> Suppression:
        """Keep a wish and drop what is remembered; an earlier wish of the author stands."""
        standing = await self._suppressions.add(wish)
        self._cleared -= {wish.author_hash}
        await self.refresh()
        return standing

    async def refresh(self) -> int:
        """Learn whom other replicas have forgotten, and drop what is remembered of them."""
        await self._suppressions.refresh()
        fresh = self.people().forgotten - self._cleared
        if fresh:
            await self.places.forget_authors(fresh)
            self._cleared |= fresh
        return 0

    async def known(self, author_hash: str) -> KnownAuthor:
        """All that is remembered of an author."""
        return KnownAuthor(
            author_hash=author_hash,
            forgotten=await self._suppressions.of_author(author_hash),
            places=dict(await self.places.of_author(author_hash)),
        )

    async def receipt(self, receipt_id: str) -> Suppression | None:
        """The wish that a receipt was given for."""
        return await self._suppressions.of_receipt(receipt_id)

    async def flush(self, now: datetime) -> int:
        """Write what was noted since; how many rows that were."""
        return await self.places.flush(now) + await self.sources.flush()
