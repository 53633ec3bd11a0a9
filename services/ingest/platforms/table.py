"""Which sources are there? The one table from a source's name to the module that speaks it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from schemas.posts import SocialPost
from services.ingest.domain.receipt import Delivery, Native, Refused, Seen
from services.ingest.platforms import bulk, generic


class Platform(Protocol):
    """The four pure functions of a platform."""

    def verify(self, delivery: Delivery, secrets: Sequence[str], now: datetime) -> bool:
        """Is the request authentic, at this real time?"""
        ...

    def handshake(self, delivery: Delivery) -> bytes | None:
        """The answer to a platform's first question, where it asks one."""
        ...

    def split(self, body: bytes) -> tuple[Native, ...]:
        """The events in a body."""
        ...

    def normalize(self, native: Native, seen: Seen) -> SocialPost | Refused:
        """The post that an event tells of."""
        ...


PLATFORMS: Mapping[str, Platform] = {"generic": generic, "bulk": bulk}
