"""How is an author forgotten? Never kept again from now on, and every store is told of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from schemas.event import partition_of
from schemas.topics import ERASURES
from services.ingest.domain.brands import Account
from services.ingest.domain.erasure import (
    Erased,
    KnownAuthor,
    People,
    Refusal,
    Suppression,
    erased,
    suppression_of,
)
from services.ingest.domain.fate import Unavailable, retry_after
from services.ingest.handlers import Keeping
from stream.failures import is_dependency
from stream.flow import Origin, Publish, outgoing

LOG = logging.getLogger(__name__)

T = TypeVar("T")


class Memory(Protocol):
    """What ingest remembers of authors."""

    def people(self) -> People:
        """How authors are hashed, and who of them is forgotten."""
        ...

    async def forget(self, wish: Suppression) -> Suppression:
        """Keep a wish and drop what is remembered; an earlier wish of the author stands."""
        ...

    async def known(self, author_hash: str) -> KnownAuthor:
        """All that is remembered of an author."""
        ...

    async def receipt(self, receipt_id: str) -> Suppression | None:
        """The wish that a receipt was given for."""
        ...


class Erasing:
    """Forgets authors and says what is held of them (P14); ``now`` is business time."""

    def __init__(
        self,
        publish: Publish,
        keeping: Keeping,
        memory: Memory,
        accounts: Mapping[tuple[str, str], Account],
        now: Callable[[], datetime],
    ) -> None:
        self._publish, self._keeping, self._memory = publish, keeping, memory
        self._accounts, self._now = accounts.values(), now

    async def erase(self, source: str, author_id: str) -> Erased | Unavailable | Refusal:
        """Forget an author; the receipt comes once every store is sure to learn of it.

        Asked again it tells the stores again: what was lost with one of them is made good.
        """
        author_hash = self._hash_of(source, author_id)
        if isinstance(author_hash, Refusal):
            return author_hash
        return await self._unless_away(author_hash, self._erased(author_hash, source))

    async def known(self, source: str, author_id: str) -> KnownAuthor | Unavailable | Refusal:
        """All that ingest holds of an author."""
        author_hash = self._hash_of(source, author_id)
        if isinstance(author_hash, Refusal):
            return author_hash
        return await self._unless_away(author_hash, self._memory.known(author_hash))

    async def receipt(self, receipt_id: str) -> Suppression | None:
        """What a receipt was given for."""
        return await self._memory.receipt(receipt_id)

    async def _erased(self, author_hash: str, source: str) -> Erased:
        before = await self._memory.known(author_hash)
        wish = await self._memory.forget(suppression_of(author_hash, self._now()))
        await self._tell(wish, source)
        return Erased(**msgspec.structs.asdict(wish), places=len(before.places))

    async def _unless_away(self, author_hash: str, work: Awaitable[T]) -> T | Unavailable:
        """What it gives, within the budget; where broker or store is away, when to come again."""
        try:
            async with asyncio.timeout(self._keeping.ack_seconds):
                return await work
        except Exception as error:  # of any client library: what is no dependency goes on
            if not (isinstance(error, self._keeping.broker_errors) or is_dependency(error)):
                raise
            LOG.warning("authors not asked", extra={"error": type(error).__name__})
            return Unavailable(retry_after=retry_after(author_hash))

    def _hash_of(self, source: str, author_id: str) -> str | Refusal:
        accounts = [one for one in self._accounts if one.source == source]
        if not accounts:
            return Refusal.unknown_source
        if any(author_id in one.own_ids | one.bot_ids for one in accounts):
            return Refusal.own
        return self._memory.people().hash_of(source, author_id) or Refusal.no_key

    async def _tell(self, wish: Suppression, source: str) -> None:
        key = wish.author_hash
        out = outgoing(
            erased(wish, source),
            topic=ERASURES,
            key=key,
            partition=partition_of(key, self._keeping.partitions),
            origin=Origin(service="ingest", brand=""),
        )
        await self._publish([out])
