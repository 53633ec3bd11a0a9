"""Where does notify keep cases and clocks? In one transaction; SQLite or PostgreSQL."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.tickets import Ticket
from services.notify.domain.announce import Case
from services.notify.domain.announced import next_at, reached, standing
from services.notify.domain.clocks import Clock
from services.notify.domain.course import course_of
from services.notify.domain.settle import Placed, Settled
from services.notify.store.posts import listed
from services.notify.store.tables import CLOCKS, TICKETS, TICKS
from stream.database import from_micros, micros
from stream.statements import among, upsert

_TICKS = (
    select(TICKS)
    .where(among(TICKS.c.partition, "partitions"))
    .order_by(TICKS.c.partition)
    .with_for_update()
)
_LOCKED = (
    select(TICKETS.c.body)
    .where(among(TICKETS.c.id, "tickets"))
    .order_by(TICKETS.c.id)
    .with_for_update()
)
_DUE = (
    select(TICKETS.c.body)
    .where(
        TICKETS.c.partition == bindparam("of"),
        TICKETS.c.next_at >= bindparam("since"),
        TICKETS.c.next_at < bindparam("before"),
    )
    .order_by(TICKETS.c.next_at)
    .limit(bindparam("many"))
    .with_for_update()
)
_EVER = -(2**62)
_GONE = delete(CLOCKS).where(
    CLOCKS.c.ticket == bindparam("of"),
    CLOCKS.c.clock == bindparam("name"),
    CLOCKS.c.cycle == bindparam("number"),
)


class NotifyStore:
    """What notify remembers, seen through one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def ticks(self, partitions: Collection[int]) -> Mapping[int, datetime]:
        """How far the ticks of these partitions have come; none where none came yet.

        Their rows are locked, before those of any ticket: whoever changes a case holds its tick.
        """
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
        bodies = (await self._connection.execute(_LOCKED, {"tickets": tickets})).scalars()
        return {case.ticket.id: case for case in map(decode_case, bodies)}

    async def due(
        self, partition: int, since: datetime | None, until: datetime, *, limit: int
    ) -> Sequence[Case]:
        """Cases of a partition with a threshold between these instants, the oldest first, locked.

        It reads the rows that it returns: the index knows when each ticket is next due. Without
        ``since`` it also passes over what earlier steps have left dead in the index.
        """
        asked = {
            "of": partition,
            "since": micros(since) if since else _EVER,
            "before": micros(until),
            "many": limit,
        }
        bodies = (await self._connection.execute(_DUE, asked)).scalars()
        return [decode_case(body) for body in bodies]

    async def keep(self, placed: Sequence[Placed]) -> None:
        """Write cases with what was announced of them, and the clocks that changed."""
        if not placed:
            return
        write = self._connection
        await upsert(write, TICKETS, [_ticket_row(one, partition) for one, partition in placed])
        gone = [
            {"of": one.case.ticket.id, "name": name.value, "number": cycle}
            for one, _ in placed
            for name, cycle in one.gone
        ]
        if gone:
            await write.execute(_GONE, gone)
        await upsert(write, CLOCKS, [row for one, number in placed for row in _rows(one, number)])


def decode_case(body: bytes) -> Case:
    """The case in a ticket's row."""
    return msgspec.json.decode(body, type=Case)


def _ticket_row(settled: Settled, partition: int) -> dict[str, Any]:
    case, ticket = settled.kept, settled.case.ticket
    return {
        "id": ticket.id,
        "version": ticket.version,
        "partition": partition,
        "brand": ticket.brand,
        "team": ticket.team,
        "priority": ticket.priority_band.value,
        "state": ticket.state.value,
        "opened_at": micros(ticket.opened_at),
        "next_at": _maybe(next_at(settled.clocks, standing(case.announced))),
        "body": msgspec.json.encode(case),
        **_course_row(ticket),
    }


def _course_row(ticket: Ticket) -> dict[str, Any]:
    """What reports alone count."""
    course = course_of(ticket)
    return {
        "source": ticket.source,
        "role": ticket.channel_role.value,
        "lang": ticket.lang,
        "topic": ticket.topic.value,
        "outcome": ticket.outcome or "",
        "closed_at": _maybe(ticket.closed_at),
        "spoke_at": _maybe(course.spoke_at),
        "spoke_last_at": _maybe(course.spoke_last_at),
        "handed_at": _maybe(course.handed_at),
        "tone_before": course.before or "",
        "tone_after": course.after or "",
        "corrected": listed(course.corrected),
    }


def _rows(settled: Settled, partition: int) -> Iterable[dict[str, Any]]:
    stands = standing(settled.announced)
    for clock in settled.changed:
        yield _clock_row(settled, clock, partition, reached(clock, stands))


def _clock_row(settled: Settled, clock: Clock, partition: int, share: float) -> dict[str, Any]:
    ticket = settled.case.ticket
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
        "received_at": micros(clock.received_at),
        "due_at": _maybe(clock.due_at),
        "late_after": _maybe(clock.late_after),
        "stopped_at": _maybe(clock.stopped_at),
        "elapsed": None if clock.elapsed is None else clock.elapsed // timedelta.resolution,
        "state": clock.state.value,
        "reached": share,
    }


def _maybe(at: datetime | None) -> int | None:
    return None if at is None else micros(at)
