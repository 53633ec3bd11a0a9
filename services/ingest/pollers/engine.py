"""How is a source polled that sends nothing by itself? A page a turn, the cursor after its acks.

Any replica takes any turn; one that is killed delays a source no longer than its lease (design
3.5). Whoever has waited longest is next, so that a long history starves nobody's new posts.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec
from sqlalchemy import Row

from services.ingest.domain.brands import Account
from services.ingest.domain.fate import Unavailable
from services.ingest.domain.polls import Poll, wait_after
from services.ingest.domain.receipt import Delivery, Native, Seen, arrived
from services.ingest.domain.trail import Trail
from services.ingest.handlers import Arrival, Receiving
from services.ingest.platforms.table import PLATFORMS
from services.ingest.pollers.fetch import Fetched, Unreachable
from services.ingest.store.cursors import StoredCursors

LOG = logging.getLogger(__name__)

PART = 200
"""How many events of a page are kept at once: an ack budget is for so many."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What one turn read; without a delivery there was nothing new."""

    cursor: bytes
    delivery: Delivery | None = None
    more: bool = False


def page_of(found: Fetched, after: Trail) -> Page:
    """A page of a trail, and where it goes on."""
    return Page(
        cursor=msgspec.json.encode(after),
        delivery=Delivery(headers=found.headers, query={}, body=found.body),
        more=after.next is not None,
    )


def anew(trail: Trail) -> Page:
    """Nothing read: the address of the page has grown too old, the trail begins at its top."""
    return Page(cursor=msgspec.json.encode(Trail(until=trail.until)), more=True)


class Source(Protocol):
    """Something that is polled."""

    async def fetch(self, cursor: bytes | None) -> Page:
        """The page behind a cursor, None for the first ever; raises ``Unreachable``."""
        ...


class Clock(Protocol):
    """Business time of events, real time of turns."""

    def now(self) -> datetime:
        """Business time."""
        ...

    def real(self) -> datetime:
        """Real time."""
        ...


class Polling:
    """Polls the accounts of the cursors, each by its source."""

    def __init__(
        self,
        cursors: StoredCursors,
        sources: Mapping[tuple[str, str], Source],
        receiving: Receiving,
        clock: Clock,
    ) -> None:
        self._cursors, self._sources = cursors, sources
        self._receiving, self._clock = receiving, clock

    async def turn(self) -> int:
        """Poll the source that has been due the longest; how many that were."""
        row = await self._cursors.take(self._clock.real())
        if row is None:
            return 0
        account = self._cursors.accounts[row.id]
        try:
            page = await self._sources[account.source, account.id].fetch(row.cursor)
        except Unreachable as error:
            await self._later(row, account, str(error), error.retry_after)
            return 1
        away = await self._kept(account, page)
        if away:
            await self._later(row, account, "not acked", away.retry_after)
        else:
            await self._done(row, account, page)
        return 1

    async def _kept(self, account: Account, page: Page) -> Unavailable | None:
        """Keep the page part by part; the first part that is not acked ends it."""
        platform, found = PLATFORMS[account.source], page.delivery
        natives = platform.split(found) if found else ()
        for start in range(0, len(natives), PART):
            arrival = self._arrival(account, natives[start : start + PART])
            done = await self._receiving.receive(platform, arrival)
            if isinstance(done, Unavailable):
                return done
        return None

    def _arrival(self, account: Account, natives: tuple[Native, ...]) -> Arrival:
        seen = Seen(account=account, received_at=self._clock.now())
        return Arrival(
            source=account.source,
            events=arrived(natives, seen),
            real_at=self._clock.real(),
            message_id=f"{account.source}/{account.id}",
        )

    async def _done(self, row: Row[Any], account: Account, page: Page) -> None:
        now = self._clock.real()
        due = now if page.more else now + _every(account)
        if await self._cursors.keep(row, page.cursor, now, due):
            self._receiving.polled(account, now)

    async def _later(self, row: Row[Any], account: Account, why: str, asked: float) -> None:
        wait = wait_after(row.failures + 1, _every(account), asked)
        about = {"source": account.source, "account": account.id, "error": why}
        LOG.warning("polled in vain", extra={**about, "seconds": int(wait.total_seconds())})
        await self._cursors.failed(row, self._clock.real() + wait)


def _every(account: Account) -> timedelta:
    return timedelta(minutes=account.poll.every_minutes if isinstance(account.poll, Poll) else 1)
