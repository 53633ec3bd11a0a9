"""How does what is told get to a channel? One row a channel, leased; what is moot is let go."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, bindparam, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.alerts import AlertChanged
from schemas.event import derive_id
from schemas.states import AlertState
from services.route.domain.alerting import Notice
from services.route.domain.board import Told
from services.route.domain.message import About
from services.route.store.tables import DELIVERIES
from stream.clock import Clock
from stream.database import alone, database_seconds, from_micros, micros
from stream.leases import Leases
from stream.statements import among

DELIVERED, SUPERSEDED = "delivered", "superseded"
_AFTERWARDS = frozenset({AlertState.acknowledged, AlertState.resolved})
"""What is told only to those who know of the matter."""

_THIS = (DELIVERIES.c.group_key == bindparam("of_group"), DELIVERIES.c.channel == bindparam("to"))
_WAITS = (DELIVERIES.c.done_at.is_(None), DELIVERIES.c.leased_until < database_seconds())
_KNOWS = (
    select(DELIVERIES.c.id)
    .where(*_THIS, or_(DELIVERIES.c.outcome == DELIVERED, DELIVERIES.c.attempt > 0))
    .limit(1)
)
_LET_GO = update(DELIVERIES).where(*_THIS, *_WAITS)
_MOOT = update(DELIVERIES).where(among(DELIVERIES.c.group_key, "groups"), *_WAITS)
_OLDER = DELIVERIES.alias("older")
_IS_NEXT = ~exists().where(
    _OLDER.c.group_key == DELIVERIES.c.group_key,
    _OLDER.c.channel == DELIVERIES.c.channel,
    _OLDER.c.done_at.is_(None),
    _OLDER.c.number < DELIVERIES.c.number,
)
"""What is told of a group on a channel goes out in order: an end never before its beginning."""
_NEWER = select(DELIVERIES.c.id).where(*_THIS, DELIVERIES.c.number > bindparam("after")).limit(1)
_FIRST = (
    select(DELIVERIES.c.group_key, DELIVERIES.c.receipt)
    .where(
        among(DELIVERIES.c.group_key, "groups"),
        DELIVERIES.c.channel == bindparam("to"),
        DELIVERIES.c.receipt.is_not(None),
    )
    .order_by(DELIVERIES.c.stored_at.desc(), DELIVERIES.c.id)
)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One alert on its way to one channel; ``id`` is the same at every attempt.

    ``earlier`` is what the channel called its first message about the group.
    """

    id: str
    channel: str
    alert: AlertChanged
    about: About
    attempt: int
    stored_at: datetime
    row: Any
    earlier: str | None = None
    traces: tuple[str, ...] = ()


class Deliveries:
    """What is on its way, by channel."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._alone, self._clock = alone(engine), clock
        self._leases = Leases(engine, DELIVERIES, by=DELIVERIES.c.channel, only=_IS_NEXT)

    async def take(self, channel: str, *, limit: int) -> Sequence[Delivery]:
        """Lease deliveries that are due on a channel."""
        rows = await self._leases.take(self._clock.now(), limit=limit, of=channel)
        if not rows:
            return ()
        asked = {"groups": {row.group_key for row in rows}, "to": channel}
        async with self._alone.connect() as connection:
            known = (await connection.execute(_FIRST, asked)).all()
        first = {row.group_key: row.receipt for row in known}
        return [_delivery(row, first.get(row.group_key)) for row in rows]

    async def delivered(self, delivery: Delivery, receipt: str | None) -> None:
        """The channel has accepted it, and named it so."""
        kept = {"outcome": DELIVERED, "receipt": receipt}
        await self._leases.done(delivery.row, self._clock.now(), kept)

    async def again(self, delivery: Delivery, *, in_seconds: float) -> None:
        """Try again after so many real seconds, unless something newer is to be told there."""
        row, now = delivery.row, self._clock.now()
        here = {"of_group": row.group_key, "to": row.channel, "after": row.number}
        async with self._alone.connect() as connection:
            newer = (await connection.execute(_NEWER, here)).first()
        if newer:
            await self._leases.done(row, now, {"outcome": SUPERSEDED})
        else:
            await self._leases.again(row, now + self._clock.business(in_seconds))

    async def oldest_pending(self, channel: str) -> datetime | None:
        """Since when the oldest undelivered alert of a channel waits, real time."""
        query = select(func.min(DELIVERIES.c.stored_at)).where(
            DELIVERIES.c.channel == channel, DELIVERIES.c.done_at.is_(None)
        )
        async with self._alone.connect() as connection:
            oldest = (await connection.execute(query)).scalar_one_or_none()
        return from_micros(oldest) if oldest else None


async def send_out(
    connection: AsyncConnection,
    told: Iterable[Told],
    on_duty: Mapping[str, tuple[str, ...]],
    now: datetime,
    stored_at: datetime,
) -> None:
    """One row for each channel that hears of it; what waits there about the same is let go.

    Of an end, or of whose it is, only those hear who may have heard of the beginning.
    """
    for one in told:
        for channel in one.channels:
            here = {"of_group": one.group.key, "to": channel}
            late = one.notice.alert.state in _AFTERWARDS
            knows = late and (await connection.execute(_KNOWS, here)).first()
            gone = {**here, "done_at": micros(now), "outcome": SUPERSEDED}
            await connection.execute(_LET_GO, gone)
            if late and not knows:
                continue
            row = _row(one, channel, on_duty, stored_at)
            await connection.execute(insert(DELIVERIES).values(**row))


async def let_go(connection: AsyncConnection, groups: Iterable[str], now: datetime) -> None:
    """What waits about groups that nobody is needed for any more is moot."""
    keys = set(groups)
    if keys:
        gone = {"groups": keys, "done_at": micros(now), "outcome": "moot"}
        await connection.execute(_MOOT, gone)


def _row(
    one: Told, channel: str, on_duty: Mapping[str, tuple[str, ...]], stored_at: datetime
) -> dict[str, Any]:
    alert, number = one.notice.alert, one.group.tellings
    notice = msgspec.structs.replace(one.notice, people=on_duty.get(one.called, ()))
    return {
        "id": derive_id(alert.event_id, "Delivery", channel),
        "group_key": alert.group_key,
        "channel": channel,
        "number": number,
        "body": msgspec.json.encode(notice),
        "stored_at": micros(stored_at),
        "due_at": micros(alert.occurred_at),
        "leased_until": 0.0,
        "attempt": 0,
    }


def _delivery(row: Row[Any], earlier: str | None) -> Delivery:
    notice = msgspec.json.decode(row.body, type=Notice)
    return Delivery(
        id=row.id,
        channel=row.channel,
        alert=notice.alert,
        about=notice.about,
        attempt=row.attempt,
        stored_at=from_micros(row.stored_at),
        row=row,
        earlier=earlier,
        traces=notice.traces,
    )
