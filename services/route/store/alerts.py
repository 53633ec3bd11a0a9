"""How do alerts get from a decision to a person? Intents fold, deliveries are leased."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row, Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.alerts import AlertChanged
from schemas.event import derive_id
from schemas.states import AlertState
from schemas.topics import ALERTS
from services.route.domain.alerting import (
    AlertGroup,
    acknowledge,
    alert_event,
    fold,
    joins,
    open_group,
)
from services.route.domain.book import AlertIntent
from services.route.store.tables import DELIVERIES, GROUPS, INTENTS
from stream.clock import Clock
from stream.database import from_micros, micros, reading
from stream.flow import Origin, Outgoing, outgoing
from stream.leases import Leases
from stream.ledger import Ledger
from stream.statements import upsert

FOLD = 200


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One alert on its way to one channel; ``id`` is the same at every attempt."""

    id: str
    channel: str
    alert: AlertChanged
    attempt: int
    stored_at: datetime
    row: Any


class AlertStore:
    """Intents, groups and deliveries."""

    def __init__(
        self, engine: AsyncEngine, ledger: Ledger, clock: Clock, window: timedelta
    ) -> None:
        self._engine, self._ledger, self._clock, self._window = engine, ledger, clock, window
        self._leases = Leases(engine, DELIVERIES)

    async def fold(self) -> int:
        """Fold waiting intents into their groups, in order; how many there were."""
        waiting = (
            select(INTENTS)
            .where(INTENTS.c.done_at.is_(None))
            .order_by(INTENTS.c.due_at, INTENTS.c.id)
            .limit(FOLD)
        )
        async with reading(self._engine).connect() as connection:
            if not (await connection.execute(waiting.limit(1))).first():
                return 0
        async with self._engine.begin() as connection:
            locked = waiting.with_for_update(skip_locked=True)
            rows = (await connection.execute(locked)).all()
            for row in rows:
                intent = msgspec.json.decode(row.body, type=AlertIntent)
                await self._fold_one(connection, intent)
            done = update(INTENTS).where(INTENTS.c.id.in_([row.id for row in rows]))
            await connection.execute(done.values(done_at=micros(self._clock.now())))
        return len(rows)

    async def acknowledge(self, key: str, *, by: str) -> AlertGroup | None:
        """Note whose alert it is; the group, or None where there is no such group."""
        async with self._engine.begin() as connection:
            group = await self._group(connection, select(GROUPS).where(GROUPS.c.key == key))
            mine = acknowledge(group, by) if group else None
            if mine:
                await self._put(connection, mine)
                event = alert_event(mine, AlertState.acknowledged, self._clock.now())
                await self._ledger.store(connection, [_out(mine, event)])
        return mine or group

    async def take(self, channel: str, *, limit: int) -> Sequence[Delivery]:
        """Lease deliveries that are due on a channel."""
        rows = await self._leases.take(
            self._clock.now(), limit=limit, only=DELIVERIES.c.channel == channel
        )
        return [
            Delivery(
                id=row.id,
                channel=row.channel,
                alert=msgspec.json.decode(row.body, type=AlertChanged),
                attempt=row.attempt,
                stored_at=from_micros(row.stored_at),
                row=row,
            )
            for row in rows
        ]

    async def delivered(self, delivery: Delivery) -> None:
        """The channel has accepted it."""
        await self._leases.done(delivery.row, self._clock.now())

    async def again(self, delivery: Delivery, *, in_seconds: float) -> None:
        """Try again after so many real seconds."""
        at = self._clock.now() + self._clock.business(in_seconds)
        await self._leases.again(delivery.row, at)

    async def oldest_pending(self, channel: str) -> datetime | None:
        """Since when the oldest undelivered alert of a channel waits, real time."""
        query = select(func.min(DELIVERIES.c.stored_at)).where(
            DELIVERIES.c.channel == channel, DELIVERIES.c.done_at.is_(None)
        )
        async with reading(self._engine).connect() as connection:
            oldest = (await connection.execute(query)).scalar_one_or_none()
        return from_micros(oldest) if oldest else None

    async def _fold_one(self, connection: AsyncConnection, intent: AlertIntent) -> None:
        query = select(GROUPS).where(GROUPS.c.base == intent.base)
        latest = query.order_by(GROUPS.c.last_at.desc()).limit(1)
        group = await self._group(connection, latest)
        if group is None or not joins(group, intent, self._window):
            group = open_group(intent)
            await self._tell(connection, group, AlertState.raised, intent.at)
        else:
            group, worth = fold(group, intent)
            if worth:
                await self._tell(connection, group, AlertState.updated, intent.at)
        await self._put(connection, group)

    async def _tell(
        self, connection: AsyncConnection, group: AlertGroup, state: AlertState, at: datetime
    ) -> None:
        event = alert_event(group, state, at)
        await self._ledger.store(connection, [_out(group, event)])
        row = {
            "id": derive_id(event.event_id, "Delivery", group.channel),
            "group_key": group.key,
            "ticket": group.ticket_ids[0],
            "channel": group.channel,
            "body": msgspec.json.encode(event),
            "stored_at": micros(self._clock.real()),
            "due_at": micros(at),
            "leased_until": 0.0,
            "attempt": 0,
        }
        await connection.execute(insert(DELIVERIES).values(row))

    async def _group(self, connection: AsyncConnection, query: Select[Any]) -> AlertGroup | None:
        row: Row[Any] | None = (await connection.execute(query.with_for_update())).one_or_none()
        return msgspec.json.decode(row.body, type=AlertGroup) if row else None

    async def _put(self, connection: AsyncConnection, group: AlertGroup) -> None:
        row = {
            "key": group.key,
            "base": group.base,
            "ticket": group.ticket_ids[0],
            "last_at": micros(group.last_at),
            "body": msgspec.json.encode(group),
        }
        await upsert(connection, GROUPS, [row])


def _out(group: AlertGroup, event: AlertChanged) -> Outgoing:
    return outgoing(
        event,
        topic=ALERTS,
        key=group.key,
        partition=group.partition,
        origin=Origin(service="route", brand=group.brand),
    )
