"""How do alerts get from a decision to a person? Intents fold, deliveries are leased."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.alerts import AlertChanged
from schemas.event import derive_id
from schemas.states import AlertState
from schemas.topics import ALERTS
from services.route.domain.alerting import (
    AlertGroup,
    Notice,
    acknowledge,
    alert_event,
    fold_all,
)
from services.route.domain.book import AlertIntent
from services.route.domain.message import About
from services.route.store.tables import DELIVERIES, GROUPS, INTENTS
from stream.clock import Clock
from stream.database import alone, from_micros, micros
from stream.flow import Origin, Outgoing, outgoing
from stream.leases import Leases
from stream.ledger import Ledger
from stream.statements import among, upsert

FOLD = 200
_WAITING = (
    select(INTENTS)
    .where(INTENTS.c.done_at.is_(None))
    .order_by(INTENTS.c.due_at, INTENTS.c.id)
    .limit(FOLD)
    .with_for_update(skip_locked=True)
)
_ANY_WAITING = select(INTENTS.c.id).where(INTENTS.c.done_at.is_(None)).limit(1)
_DONE = update(INTENTS).where(among(INTENTS.c.id, "ids"))
_LATER = GROUPS.alias()
_LATEST = (
    select(GROUPS)
    .where(
        among(GROUPS.c.base, "bases"),
        ~exists().where(_LATER.c.base == GROUPS.c.base, _LATER.c.last_at > GROUPS.c.last_at),
    )
    .order_by(GROUPS.c.key)
    .with_for_update(of=GROUPS)
)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One alert on its way to one channel; ``id`` is the same at every attempt."""

    id: str
    channel: str
    alert: AlertChanged
    about: About
    attempt: int
    stored_at: datetime
    earlier: str | None = None
    row: Any


class AlertStore:
    """Intents, groups and deliveries."""

    def __init__(
        self, engine: AsyncEngine, ledger: Ledger, clock: Clock, window: Callable[[], timedelta]
    ) -> None:
        self._engine, self._ledger, self._clock, self._window = engine, ledger, clock, window
        self._alone = alone(engine)
        self._leases = Leases(engine, DELIVERIES, by=DELIVERIES.c.channel)

    async def fold(self) -> int:
        """Fold waiting intents into their groups, in order; how many there were."""
        async with self._alone.connect() as connection:
            if not (await connection.execute(_ANY_WAITING)).first():
                return 0
        async with self._engine.begin() as connection:
            rows = (await connection.execute(_WAITING)).all()
            await self._fold(connection, rows)
        return len(rows)

    async def acknowledge(self, key: str, *, by: str) -> AlertGroup | None:
        """Note whose alert it is; the group, or None where there is no such group."""
        async with self._engine.begin() as connection:
            query = select(GROUPS.c.body).where(GROUPS.c.key == key).with_for_update()
            body = (await connection.execute(query)).scalar_one_or_none()
            group = msgspec.json.decode(body, type=AlertGroup) if body else None
            mine = acknowledge(group, by) if group else None
            if mine:
                await upsert(connection, GROUPS, [_group_row(mine)])
                event = alert_event(mine, AlertState.acknowledged, self._clock.now())
                await self._ledger.store(connection, [_out(mine, event)])
        return mine or group

    async def take(self, channel: str, *, limit: int) -> Sequence[Delivery]:
        """Lease deliveries that are due on a channel."""
        rows = await self._leases.take(self._clock.now(), limit=limit, of=channel)
        return list(map(_delivery, rows))

    async def delivered(self, delivery: Delivery, receipt: str | None) -> None:
        """The channel has accepted it, and named it so."""
        kept = {"outcome": "delivered", "receipt": receipt}
        await self._leases.done(delivery.row, self._clock.now(), kept)

    async def again(self, delivery: Delivery, *, in_seconds: float) -> None:
        """Try again after so many real seconds."""
        at = self._clock.now() + self._clock.business(in_seconds)
        await self._leases.again(delivery.row, at)

    async def oldest_pending(self, channel: str) -> datetime | None:
        """Since when the oldest undelivered alert of a channel waits, real time."""
        query = select(func.min(DELIVERIES.c.stored_at)).where(
            DELIVERIES.c.channel == channel, DELIVERIES.c.done_at.is_(None)
        )
        async with self._alone.connect() as connection:
            oldest = (await connection.execute(query)).scalar_one_or_none()
        return from_micros(oldest) if oldest else None

    async def _fold(self, connection: AsyncConnection, rows: Sequence[Row[Any]]) -> None:
        intents = [msgspec.json.decode(row.body, type=AlertIntent) for row in rows]
        latest = await self._latest(connection, {intent.base for intent in intents})
        folded, stored_at = fold_all(latest, intents, self._window()), micros(self._clock.real())
        await upsert(connection, GROUPS, [_group_row(group) for group in folded.groups])
        await self._ledger.store(connection, [_out(group, event) for group, event in folded.told])
        if folded.told:
            told = [_delivery_row(group, event, stored_at) for group, event in folded.told]
            await connection.execute(insert(DELIVERIES), told)
        done = {"ids": [row.id for row in rows], "done_at": micros(self._clock.now())}
        await connection.execute(_DONE, done)

    async def _latest(
        self, connection: AsyncConnection, bases: Collection[str]
    ) -> Mapping[str, AlertGroup]:
        """The latest group of each base that has one, their rows locked in key order."""
        rows = (await connection.execute(_LATEST, {"bases": bases})).all()
        return {row.base: msgspec.json.decode(row.body, type=AlertGroup) for row in rows}


def _delivery(row: Row[Any]) -> Delivery:
    notice = msgspec.json.decode(row.body, type=Notice)
    return Delivery(
        id=row.id,
        channel=row.channel,
        alert=notice.alert,
        about=notice.about,
        attempt=row.attempt,
        stored_at=from_micros(row.stored_at),
        row=row,
    )


def _out(group: AlertGroup, event: AlertChanged) -> Outgoing:
    return outgoing(
        event,
        topic=ALERTS,
        key=group.key,
        partition=group.partition,
        origin=Origin(service="route", brand=group.brand),
    )


def _group_row(group: AlertGroup) -> dict[str, Any]:
    return {
        "key": group.key,
        "base": group.base,
        "ticket": next(iter(group.ticket_ids), ""),
        "last_at": micros(group.last_at),
        "body": msgspec.json.encode(group),
    }


def _delivery_row(group: AlertGroup, event: AlertChanged, stored_at: int) -> dict[str, Any]:
    return {
        "id": derive_id(event.event_id, "Delivery", group.channel),
        "group_key": group.key,
        "ticket": next(iter(group.ticket_ids), ""),
        "channel": group.channel,
        "body": msgspec.json.encode(Notice(alert=event, about=group.about)),
        "stored_at": stored_at,
        "due_at": micros(event.occurred_at),
        "leased_until": 0.0,
        "attempt": 0,
    }
