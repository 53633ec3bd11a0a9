"""What really came of it? Read from the topics and the databases, when all is settled."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.event import Topic, header
from schemas.tickets import Ticket
from schemas.topics import CLASSIFIED, DECISIONS, POSTS, SLA, TICKETS, dead_letters
from services.notify.store import tables as notify
from services.route.store import tables as route
from services.route.store.cases import decode_ticket
from stream.database import open_engine
from stream.flow import Received
from stream.reading import read_all
from stream.topic_admin import Cluster
from tests.clock_books import run_of
from tests.clock_oracle import Run
from tests.processes import by_id

TOPICS = (POSTS, CLASSIFIED, DECISIONS, TICKETS, SLA)
LETTERS = tuple(map(dead_letters, ("ingest", "classify", "route", "notify")))


@dataclass(frozen=True)
class Found:
    """Everything that an outsider can see after a run."""

    records: dict[str, list[Received]]
    clocks: dict[str, list[Run]]
    route_tickets: dict[str, Ticket]
    notify_versions: dict[str, int]
    notify_rows: list[str]
    outbox: int

    def events(self, topic: Topic, kind: str) -> dict[str, dict[str, Any]]:
        """The events of a type by id; the copies of one event are one."""
        found: dict[str, dict[str, Any]] = {}
        for record in self.records[topic.name]:
            headers = dict(record.headers)
            if headers["ce_type"] == kind.encode():
                event = msgspec.json.decode(record.value or b"")
                found[event["event_id"]] = event
        return found

    def letters(self) -> list[dict[str, Any]]:
        """All dead letters, one for each id."""
        return [event for topic in LETTERS for event in self.events(topic, "DeadLetter").values()]

    def repeated(self) -> int:
        """How many records were a second copy of an event."""
        return sum(
            len(records) - len(by_id(records)) for records in self.records.values() if records
        )


async def look(cluster: Cluster, databases: Mapping[str, str]) -> Found:
    """Read all topics and both stores."""
    records = {
        topic.name: [one for one in await read_all(cluster, topic) if header(one.headers, "ce_id")]
        for topic in (*TOPICS, *LETTERS)  # without an id: the poison that we put there
    }
    of_route, of_notify = (open_engine(databases[service]) for service in ("route", "notify"))
    try:
        return Found(
            records=records,
            clocks=await _clocks(of_notify),
            route_tickets=await _route_tickets(of_route),
            notify_versions=await _notify_versions(of_notify),
            notify_rows=await rows_of(of_notify),
            outbox=await _count(of_route, route.LEDGER.outbox)
            + await _count(of_notify, notify.LEDGER.outbox),
        )
    finally:
        await of_route.dispose()
        await of_notify.dispose()


async def _clocks(engine: AsyncEngine) -> dict[str, list[Run]]:
    table, found = notify.CLOCKS, defaultdict[str, list[Run]](list)
    async with engine.connect() as connection:
        for row in await connection.execute(select(table)):
            found[row.ticket].append(run_of(row))
    return found


async def _route_tickets(engine: AsyncEngine) -> dict[str, Ticket]:
    async with engine.connect() as connection:
        rows = await connection.execute(select(route.TICKETS.c.id, route.TICKETS.c.body))
        return {row.id: decode_ticket(row.body) for row in rows}


async def _notify_versions(engine: AsyncEngine) -> dict[str, int]:
    async with engine.connect() as connection:
        rows = await connection.execute(select(notify.TICKETS.c.id, notify.TICKETS.c.version))
        return {row.id: row.version for row in rows}


async def rows_of(engine: AsyncEngine) -> list[str]:
    """What notify keeps of cases and clocks, a line each.

    When a case was first seen is left out: it goes by the tick before the batch it came in.
    """
    lines = []
    async with engine.connect() as connection:
        for body in (await connection.execute(select(notify.TICKETS.c.body))).scalars():
            case = msgspec.json.decode(body)
            lines.append(str({**case, "seen_at": None}))
        lines += map(str, (await connection.execute(select(notify.CLOCKS))).all())
    return sorted(lines)


async def _count(engine: AsyncEngine, table: Table) -> int:
    async with engine.connect() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())
