"""What becomes of a delivery that the broker does not ack, where its sender will not come again?

It waits in the account's spool, and all that comes later waits behind it, until it is acked.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from services.ingest.domain.brands import Account, Accounts
from services.ingest.domain.fate import (
    Receipt,
    Unavailable,
    first_of_each,
    receipt_of,
    retry_after,
)
from services.ingest.domain.receipt import Arrived, Native, Seen
from services.ingest.handlers import Arrival, Receiving
from services.ingest.metrics import Metrics
from services.ingest.platforms.table import Platform
from services.ingest.spool import Spool

Where = tuple[str, str]


class Spooled(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery as it waits; each event with the account that it was sent for."""

    message_id: str
    traceparent: str | None
    real_at: datetime
    events: tuple[tuple[str, Native], ...]


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """An account that asked for a spool, with what reads its deliveries."""

    account: Account
    platform: Platform
    spool: Spool


class Spooling:
    """Receiving with a spool for those accounts that asked for one."""

    def __init__(
        self,
        receiving: Receiving,
        lanes: Mapping[Where, Lane],
        accounts: Accounts,
        metrics: Metrics,
        now: Callable[[], datetime],
    ) -> None:
        self._receiving, self._lanes = receiving, lanes
        self._accounts, self._metrics, self._now = accounts, metrics, now
        self._one_at_a_time = asyncio.Lock()

    def greeted(self, account: Account, real_at: datetime) -> None:
        """A platform asked whether the address is ours."""
        self._receiving.greeted(account, real_at)

    async def receive(self, platform: Platform, arrival: Arrival) -> Receipt | Unavailable:
        """Returns once all is acked by the broker, or lies on the disk of an account with a spool.

        While something of the account waits, what is new waits behind it.
        """
        where = _where(arrival)
        lane = self._lanes.get(where) if where else None
        if lane is None:
            return await self._receiving.receive(platform, arrival)
        spool = lane.spool
        away: Unavailable | None = None
        if not spool.size:
            done = await self._receiving.receive(platform, arrival)
            if isinstance(done, Receipt):
                return done
            away = done
        payload, at = _payload(arrival), arrival.real_at.timestamp()
        async with self._one_at_a_time:
            kept = await asyncio.to_thread(spool.append, payload, at)
        self._measure()
        if kept:
            findings = self._receiving.findings(platform, arrival)
            return receipt_of(findings, first_of_each(findings, ()))
        return away or Unavailable(retry_after=retry_after(arrival.message_id))

    async def drain(self) -> int:
        """Publish what has waited the longest in each spool; how many deliveries were acked."""
        acked = 0
        for lane in self._lanes.values():
            payload = lane.spool.first()
            if payload and await self._published(lane, payload):
                async with self._one_at_a_time:
                    await asyncio.to_thread(lane.spool.drop)
                acked += 1
        self._measure()
        return acked

    async def _published(self, lane: Lane, payload: bytes) -> bool:
        """Received is when it is drained: a tick has told that all from before has passed."""
        account = lane.account
        told, now = msgspec.msgpack.decode(payload, type=Spooled), self._now()
        arrival = Arrival(
            source=account.source,
            events=tuple(
                Arrived(
                    native=native,
                    seen=Seen(
                        account=self._accounts.get((account.source, name), account),
                        received_at=now,
                    ),
                )
                for name, native in told.events
            ),
            real_at=told.real_at,
            message_id=told.message_id,
            traceparent=told.traceparent,
        )
        done = await self._receiving.receive(lane.platform, arrival)
        return isinstance(done, Receipt)

    def _measure(self) -> None:
        waiting = Counter[str]()
        for lane in self._lanes.values():
            waiting[lane.account.source] += lane.spool.size
        self._metrics.waiting(waiting)


def _where(arrival: Arrival) -> Where | None:
    """Whose spool it would wait in: one delivery waits in one."""
    return (arrival.source, arrival.events[0].seen.account.id) if arrival.events else None


def _payload(arrival: Arrival) -> bytes:
    events = tuple((one.seen.account.id, one.native) for one in arrival.events)
    waiting = Spooled(
        message_id=arrival.message_id,
        traceparent=arrival.traceparent,
        real_at=arrival.real_at,
        events=events,
    )
    return msgspec.msgpack.encode(waiting)
