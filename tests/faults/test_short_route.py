"""Replicas of route on one database: one ticket a case and episode, and the same day at the end.

The inputs that break the easy version: every record twice and in disorder; replicas that are killed
with work in hand while others join; a reply that comes after everything else.
"""

import asyncio
import os
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from schemas.tickets import Ticket, TicketEvent
from schemas.topics import CLASSIFIED, DECISIONS, TICKETS, TOPICS, dead_letters
from services.route.store.tables import TICKETS as ROWS
from stream.database import open_engine
from stream.reading import read_all
from stream.topic_admin import Cluster, create
from tests.faults.replicas import Replicas
from tests.faults.route_day import EACH, QUIET, ending, final, in_disorder, told
from tests.processes import by_id, lag, write_records

LONG = os.environ.get("FAULTS") == "long"  # noqa: TID251 - the run's own setting
CUSTOMERS = 2000 if LONG else 300
REPLICAS = 5 if LONG else 3
KILLS = 6 if LONG else 2
PATIENCE = 900 if LONG else 240


@pytest.fixture
async def done(cluster: Cluster, postgresql: str, tmp_path: Path) -> Cluster:
    """The day is over: everything was taken, and no replica runs any more."""
    await create(cluster, TOPICS)
    records = in_disorder(told(CUSTOMERS), seed=7)
    policy = tmp_path / "quiet.yaml"
    policy.write_text(QUIET, encoding="utf-8")
    settings = {"DATABASE_URL": postgresql, "POLICY": str(policy)}
    replicas = Replicas("route", cluster, tmp_path, **settings)
    try:
        async with asyncio.timeout(PATIENCE):
            for _ in range(REPLICAS):
                replicas.start()
            await replicas.ready()
            part = len(records) // (KILLS + 1) + 1
            for n in range(KILLS + 1):
                await write_records(cluster, records[n * part : (n + 1) * part])
                if n < KILLS:
                    assert await lag(cluster, "route", CLASSIFIED) > 0
                    replicas.kill_first()
            await replicas.ready()
            while await lag(cluster, "route", CLASSIFIED):
                pass
    finally:
        replicas.stop()
    return cluster


async def test_replicas_that_die_leave_one_ticket_a_case_and_the_same_day(
    done: Cluster, postgresql: str
) -> None:
    decisions, tickets = await read_all(done, DECISIONS), await read_all(done, TICKETS)
    events = [
        msgspec.json.decode(record.value or b"", type=TicketEvent)
        for record in tickets
        if dict(record.headers)["ce_type"] == b"TicketEvent"
    ]
    wanted = ending(told(CUSTOMERS))

    assert await read_all(done, dead_letters("route")) == []
    assert {len(copies) for copies in by_id(decisions).values()} == {1}
    assert {len(copies) for copies in by_id(tickets).values()} == {1}
    assert len(by_id(decisions)) == CUSTOMERS * EACH
    assert {(e.ticket.case.key, e.ticket.episode) for e in events} == {
        (ticket.case.key, 1) for ticket in wanted.values()
    }
    last = {e.ticket.id: e.ticket for e in sorted(events, key=lambda e: e.ticket.version)}
    assert {name: final(ticket) for name, ticket in last.items()} == wanted
    assert await _stored(postgresql) == last


async def _stored(database: str) -> dict[str, Ticket]:
    engine = open_engine(database)
    async with engine.connect() as connection:
        bodies = (await connection.execute(select(ROWS.c.body))).scalars()
        found = [msgspec.json.decode(body, type=Ticket) for body in bodies]
    await engine.dispose()
    return {ticket.id: ticket for ticket in found}
