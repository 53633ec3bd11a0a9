"""How does a canary's call get to its channel, and leave nothing? By rows that go as it passes."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.event import CANARY, derive_id
from services.route.domain.canary import notice_of
from services.route.domain.intents import CanaryCall
from services.route.store.deliveries import Deliveries, Delivery
from services.route.store.tables import DELIVERIES, INTENTS
from stream.clock import Clock
from stream.database import alone, micros
from stream.statements import among, upsert

_TAKEN = delete(INTENTS).where(among(INTENTS.c.id, "ids"))


class CanaryDeliveries(Deliveries):
    """Deliveries of canaries: one that was accepted has passed, and its row is gone."""

    def __init__(self, engine: AsyncEngine, clock: Clock, passed: Callable[[], None]) -> None:
        super().__init__(engine, clock)
        self._passed, self._store = passed, alone(engine)

    async def delivered(self, delivery: Delivery, receipt: str | None) -> None:
        """The channel has accepted it, unless another holds its lease by now."""
        row = delivery.row
        mine = (DELIVERIES.c.id == row.id, DELIVERIES.c.attempt == row.attempt)
        async with self._store.begin() as connection:
            gone = await connection.execute(delete(DELIVERIES).where(*mine))
        if gone.rowcount:
            self._passed()


async def send_canaries(
    connection: AsyncConnection, calls: Sequence[CanaryCall], now: datetime, stored_at: datetime
) -> None:
    """To their channel, held or not, by no group: no policy, silence or rota has a say in it."""
    if calls:
        await upsert(connection, DELIVERIES, [_row(call, now, stored_at) for call in calls])
        await connection.execute(_TAKEN, {"ids": {call.id for call in calls}})


def _row(call: CanaryCall, now: datetime, stored_at: datetime) -> dict[str, Any]:
    notice = notice_of(call, now)
    return {
        "id": derive_id(notice.alert.event_id, "Delivery", CANARY),
        "group_key": notice.alert.group_key,
        "channel": CANARY,
        "number": 1,
        "body": msgspec.json.encode(notice),
        "stored_at": micros(stored_at),
        "due_at": micros(now),
        "leased_until": 0.0,
        "attempt": 0,
    }
