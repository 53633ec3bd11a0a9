"""What does ingest remember? Places and sources in one, kept in memory and written behind."""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.domain.heard import Heard
from services.ingest.domain.place import Place
from services.ingest.store.places import StoredPlaces
from services.ingest.store.sources import StoredSources
from stream.failures import is_dependency

LOG = logging.getLogger(__name__)


class StoredMemory:
    """Memory over a database that may be away: then it knows what this replica has seen."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.places, self.sources = StoredPlaces(engine), StoredSources(engine)

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
        """Remember a post's place."""
        self.places.note(key, place)

    def heard(self, heard: Heard, at: datetime) -> None:
        """Remember when a source was heard."""
        self.sources.note(heard, at)

    async def flush(self, now: datetime) -> int:
        """Write what was noted since; how many rows that were."""
        return await self.places.flush(now) + await self.sources.flush()
