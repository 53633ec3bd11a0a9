"""Where does notify keep cases and clocks? In one transaction; SQLite or PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.states import ClockName, SlaState
from schemas.tickets import Ticket
from services.notify.domain.announce import Announced, Case, next_at, reached
from services.notify.domain.clocks import Clock
from services.notify.domain.settle import Placed, Settled
from services.notify.store.tables import ANNOUNCED, CLOCKS, TICKETS, TICKS
from stream.database import from_micros, micros
from stream.statements import among, upsert

_TICKS = select(TICKS).where(among(TICKS.c.partition, "partitions"))
_LOCKED = (
    select(TICKETS).where(among(TICKETS.c.id, "tickets")).order_by(TICKETS.c.id).with_for_update()
)
_FORGET = delete(CLOCKS).where(among(CLOCKS.c.ticket, "tickets"))
_ANNOUNCED = select(ANNOUNCED).where(among(ANNOUNCED.c.ticket, "tickets"))
_STOPPED = select(CLOCKS.c.ticket, CLOCKS.c.clock, CLOCKS.c.cycle).where(
    among(CLOCKS.c.ticket, "tickets"), CLOCKS.c.stopped_at.is_not(None)
)


class NotifyStore:
    """What notify remembers, seen through one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection, self._known = connection, set[str]()

    async def ticks(self, partitions: Collection[int]) -> Mapping[int, datetime]:
        """How far the ticks of these partitions have come; none where none came yet."""
        rows = await self._connection.execute(_TICKS, {"partitions": partitions})
        return {row.partition: from_micros(row.received_before) for row in rows}

    async def advance(self, ticks: Mapping[int, datetime]) -> None:
        """Note how far the partitions' ticks have come."""
        rows = [
            {"partition": partition, "received_before": micros(tick)}
            for partition, tick in sorted(ticks.items())
        ]
        await upsert(self._connection, TICKS, rows)

    async def cases(self, tickets: Collection[str]) -> Mapping[str, Case]:
        """The known ones of these tickets; their rows are locked in key order."""
        if not tickets:
            return {}
        rows = (await self._connection.execute(_LOCKED, {"tickets": tickets})).all()
        if not rows:
            return {}
        known = [row.id for row in rows]
        self._known.update(known)
        announced = await self._announced(known)
        stopped = await self._stopped(known)
        return {
            row.id: Case(
                ticket=msgspec.json.decode(row.body, type=Ticket),
                cause_id=row.cause_id,
                traceparent=row.traceparent,
                seen_at=from_micros(row.seen_at),
                announced=tuple(announced.get(row.id, ())),
                stopped=frozenset(stopped.get(row.id, ())),
            )
            for row in rows
        }

    async def due(self, partition: int, tick: datetime, *, limit: int) -> Sequence[str]:
        """Tickets of a partition with a threshold that its tick has passed, the oldest first."""
        query = (
            select(CLOCKS.c.ticket)
            .where(CLOCKS.c.partition == partition, CLOCKS.c.next_at < micros(tick))
            .order_by(CLOCKS.c.next_at, CLOCKS.c.ticket)
            .limit(limit)
        )
        found = (await self._connection.execute(query)).scalars()
        return list(dict.fromkeys(found))

    async def keep(self, placed: Sequence[Placed]) -> None:
        """Write cases, replace their clocks, and note what was announced."""
        if not placed:
            return
        write, settled = self._connection, [one for one, _ in placed]
        await upsert(write, TICKETS, [_ticket_row(s.case, partition) for s, partition in placed])
        if self._known:  # the others are new and have no clocks yet
            await write.execute(_FORGET, {"tickets": [s.case.ticket.id for s in settled]})
        clocks = [
            _clock_row(one, clock, partition) for one, partition in placed for clock in one.clocks
        ]
        if clocks:
            await write.execute(insert(CLOCKS), clocks)
        events = [_announced_row(one, told) for one in settled for told in one.newly_announced]
        await upsert(write, ANNOUNCED, events)

    async def _announced(self, tickets: Collection[str]) -> Mapping[str, list[Announced]]:
        found: dict[str, list[Announced]] = {}
        for row in (await self._connection.execute(_ANNOUNCED, {"tickets": tickets})).all():
            found.setdefault(row.ticket, []).append(_told(row))
        return found

    async def _stopped(self, tickets: Collection[str]) -> Mapping[str, list[tuple[ClockName, int]]]:
        found: dict[str, list[tuple[ClockName, int]]] = {}
        rows = (await self._connection.execute(_STOPPED, {"tickets": tickets})).all()
        for ticket, clock, cycle in rows:
            found.setdefault(ticket, []).append((ClockName(clock), cycle))
        return found


def _told(row: Row[Any]) -> Announced:
    return Announced(
        event_id=row.event_id,
        clock=ClockName(row.clock),
        cycle=row.cycle,
        state=SlaState(row.state),
        threshold=row.threshold,
        corrects=row.corrects,
    )


def _ticket_row(case: Case, partition: int) -> dict[str, Any]:
    ticket = case.ticket
    return {
        "id": ticket.id,
        "version": ticket.version,
        "partition": partition,
        "brand": ticket.brand,
        "team": ticket.team,
        "priority": ticket.priority_band.value,
        "state": ticket.state.value,
        "opened_at": micros(ticket.opened_at),
        "seen_at": micros(case.seen_at),
        "cause_id": case.cause_id,
        "traceparent": case.traceparent,
        "body": msgspec.json.encode(ticket),
    }


def _clock_row(settled: Settled, clock: Clock, partition: int) -> dict[str, Any]:
    ticket = settled.case.ticket
    share = reached(clock, settled.announced)
    return {
        "ticket": ticket.id,
        "clock": clock.name.value,
        "cycle": clock.cycle,
        "partition": partition,
        "brand": ticket.brand,
        "team": ticket.team,
        "priority": ticket.priority_band.value,
        "target": int(clock.target.total_seconds()),
        "started_at": micros(clock.started_at),
        "posted_at": micros(clock.posted_at),
        "due_at": _maybe(clock.due_at),
        "late_after": _maybe(clock.late_after),
        "stopped_at": _maybe(clock.stopped_at),
        "elapsed": None if clock.elapsed is None else clock.elapsed // timedelta.resolution,
        "state": clock.state.value,
        "reached": share,
        "next_at": _maybe(next_at(clock, share)),
    }


def _announced_row(settled: Settled, told: Announced) -> dict[str, Any]:
    return {
        "event_id": told.event_id,
        "ticket": settled.case.ticket.id,
        "clock": told.clock.value,
        "cycle": told.cycle,
        "state": told.state.value,
        "threshold": told.threshold,
        "corrects": told.corrects,
    }


def _maybe(at: datetime | None) -> int | None:
    return None if at is None else micros(at)
