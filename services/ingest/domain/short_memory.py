"""What does a process remember that has no store? An import, a rehearsal: its own lifetime."""

from collections.abc import Collection, Mapping
from datetime import datetime

from services.ingest.domain.erasure import People
from services.ingest.domain.heard import Heard
from services.ingest.domain.place import Place


class ShortMemory:
    """Places and times in two dictionaries; who is forgotten it is told once."""

    def __init__(self, people: People | None = None) -> None:
        self._people = people or People()
        self.places: dict[str, Place] = {}
        self.times: dict[Heard, datetime] = {}

    async def find(self, keys: Collection[str]) -> Mapping[str, Place]:
        """The places of posts, as far as they are known."""
        return {key: self.places[key] for key in keys if key in self.places}

    def note(self, key: str, place: Place) -> None:
        """Remember a post's place."""
        self.places[key] = place

    def heard(self, heard: Heard, at: datetime) -> None:
        """Remember when a source was heard; later times win."""
        self.times[heard] = max(at, self.times.get(heard, at))

    def people(self) -> People:
        """How authors are hashed, and who of them is forgotten."""
        return self._people

    async def latest(self) -> Mapping[Heard, datetime]:
        """When each source was last heard."""
        return self.times
