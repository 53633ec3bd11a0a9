"""Are alerts held back? One open row at most, and what every replica shows of it."""

import asyncio
import logging
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.route.domain.holding import Hold
from services.route.domain.views import Audited
from services.route.metrics import Metrics
from services.route.store.tables import HOLDS
from services.route.store.trail import note
from stream.clock import Clock
from stream.database import alone, from_micros, micros

LOG = logging.getLogger(__name__)
REMIND_SECONDS = 3600.0
"""Real seconds between two lines of the log while alerts are held."""
_OPEN = select(HOLDS).where(HOLDS.c.until.is_(None))
_LAST = select(HOLDS).order_by(HOLDS.c.seq.desc()).limit(1)


async def held(connection: AsyncConnection) -> Hold | None:
    """The hold that is on, or None where alerts go out."""
    row = (await connection.execute(_OPEN)).one_or_none()
    return _hold(row) if row else None


async def begin_hold(
    connection: AsyncConnection, *, now: datetime, by: str, reason: str
) -> Hold | None:
    """Hold alerts from now on; None where they are held already, and that stays as it is.

    Of two replicas that begin at once the second would follow what the first does, and may not.
    """
    last = (await connection.execute(_LAST)).one_or_none()
    if last and last.until is None:
        return None
    row = {"since": micros(now), "by": by, "reason": reason, "follows": last.seq if last else 0}
    query = insert(HOLDS).values(**row).returning(HOLDS)
    try:
        async with connection.begin_nested():
            return _hold((await connection.execute(query)).one())
    except IntegrityError:
        return None


async def end_hold(connection: AsyncConnection, *, now: datetime) -> Hold | None:
    """Let alerts go; the hold that was on, or None where there was none."""
    query = update(HOLDS).where(HOLDS.c.until.is_(None)).values(until=micros(now))
    row = (await connection.execute(query.returning(HOLDS))).one_or_none()
    return _hold(row) if row else None


class HoldWatch:
    """What this replica knows of the hold as of its last look; shown with every answer."""

    def __init__(self, engine: AsyncEngine, metrics: Metrics, clock: Clock) -> None:
        self._alone, self._metrics, self._clock = alone(engine), metrics, clock
        self._said_at, self._looking = 0.0, asyncio.Lock()
        self.held: Hold | None = None

    async def turn(self) -> int:
        """Look again and tell what changed; there is never more at once.

        One look at a time: an older one that ends later would take a newer one back.
        """
        async with self._looking, self._alone.connect() as connection:
            before, self.held = self.held, await held(connection)
            self._metrics.alerts_held.set(1 if self.held else 0)
            self._tell(before, self.held)
        return 0

    def _tell(self, before: Hold | None, now_held: Hold | None) -> None:
        if before and before != now_held:
            LOG.warning("alerts go out again", extra={"cause": _named(before)})
        if now_held and before != now_held:
            self._remind("alerts are held", now_held)
        elif now_held and self._clock.monotonic() - self._said_at >= REMIND_SECONDS:
            self._remind("alerts are still held", now_held)

    def _remind(self, said: str, hold: Hold) -> None:
        self._said_at = self._clock.monotonic()
        LOG.warning(said, extra={"cause": _named(hold)})


class StoredHold:
    """The API's view of the switch; every change is in the trail."""

    def __init__(self, engine: AsyncEngine, watch: HoldWatch, clock: Clock) -> None:
        self._engine, self._watch, self._clock = engine, watch, clock

    @property
    def shown(self) -> Hold | None:
        """The hold as of this replica's last look; costs nothing."""
        return self._watch.held

    async def held(self) -> Hold | None:
        """The hold that is on."""
        async with alone(self._engine).connect() as connection:
            return await held(connection)

    async def begin(self, *, by: str, reason: str) -> tuple[Hold, bool]:
        """Hold alerts; the hold that is on, and whether it is this one."""
        now = self._clock.now()
        async with self._engine.begin() as connection:
            begun = await begin_hold(connection, now=now, by=by, reason=reason)
            if begun:
                since = {"alerts_held_since": (None, begun.since)}
                await note(connection, _audited(now, by, "hold-alerts", reason, since))
            found = begun or await held(connection)
        await self._watch.turn()
        if found is None:  # it was let go between the two looks
            return await self.begin(by=by, reason=reason)
        return found, begun is not None

    async def end(self, *, by: str) -> bool:
        """Let alerts go; False where they were not held."""
        now = self._clock.now()
        async with self._engine.begin() as connection:
            gone = await end_hold(connection, now=now)
            if gone:
                since = {"alerts_held_since": (gone.since, None)}
                await note(connection, _audited(now, by, "release-alerts", gone.reason, since))
        await self._watch.turn()
        return gone is not None


def _audited(
    at: datetime, by: str, command: str, reason: str, changed: dict[str, tuple[Any, Any]]
) -> Audited:
    return Audited(at=at, by=by, command=command, brand="", reason=reason, changed=changed)


def _hold(row: Row[Any]) -> Hold:
    return Hold(id=row.seq, since=from_micros(row.since), by=row.by, reason=row.reason)


def _named(hold: Hold) -> str:
    return f"hold:{hold.id}"
