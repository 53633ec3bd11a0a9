"""What does the doctor look at, and how does it say what it found?"""

from collections.abc import Mapping, Sequence

import msgspec

from schemas.event import Topic
from stream.dead_letters import Shelf
from stream.topic_admin import Cluster


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one check found; ``then`` says what to do about it, where there is something to do."""

    well: bool
    what: str
    then: str = ""

    def __str__(self) -> str:
        after = f" -> {self.then}" if self.then else ""
        return f"{'ok ' if self.well else 'bad'}  {self.what}{after}"


class Ward(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at: the topics, the services' dead letters, what each reads and writes."""

    cluster: Cluster
    topics: Sequence[Topic]
    shelves: Sequence[Shelf] = ()
    reads: Mapping[str, Sequence[Topic]] = {}
    writes: Mapping[str, Sequence[Topic]] = {}
    quarantine: str = ""
    watch_seconds: float = 3.0
    """How long a position with records behind it may stand before it stands still."""


def ok(what: str, then: str = "") -> Finding:
    """Nothing is wrong here."""
    return Finding(well=True, what=what, then=then)


def bad(what: str, then: str) -> Finding:
    """Something is wrong here, and this is the next step."""
    return Finding(well=False, what=what, then=then)
