"""Route dies between any two steps; meanwhile policy changes and a person closes a case.

The inputs that break the easy version: a batch decided under a policy that is gone when the batch
comes again; a case that was closed by hand while its own opening was still in the outbox; half of
a batch's events already on the topic.
"""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import httpx
import msgspec
import pytest
from sqlalchemy import select

from deploy.local.node import free_ports
from deploy.local.process import Child
from schemas.decisions import Decision
from schemas.posts import SocialPost
from schemas.states import MomentKind, TicketState
from schemas.tickets import Ticket
from schemas.topics import CLASSIFIED, DECISIONS, TICKETS, TOPICS
from services.route.store import tables
from stream.database import open_engine
from stream.flow import Received
from stream.reading import read_all
from stream.topic_admin import Cluster, create
from tests.builders import MONDAY, a_classified, a_post, a_record, minutes
from tests.faults.servers import Broker
from tests.processes import PATIENCE, by_id, lag, start, start_module, write_records
from tests.tokens import bearing, tokens_file

BATCH = 60
BEFORE = Path("services/route/policy/default.yaml").read_text(encoding="utf-8")
AFTER = BEFORE.replace(
    "team: care, priority: normal, sla: same-day", "team: fraud, priority: high, sla: minutes"
)
CALLER = bearing("vera")


class Route:
    """One installation of route: its policy file, its database, its topics."""

    def __init__(self, cluster: Cluster, folder: Path, database: str) -> None:
        folder.mkdir()
        self.cluster, self._folder, self.database = cluster, folder, database
        self.policy = folder / "policy.yaml"
        self.policy.write_text(BEFORE, encoding="utf-8")
        self._port = str(free_ports().client)
        self._settings = {
            "DATABASE_URL": database,
            "POLICY": str(self.policy),
            "API_TOKENS": str(tokens_file(folder, vera="agent")),
            "PORT": self._port,
        }

    def serve(self) -> Child:
        return start("route", self.cluster, self._folder, **self._settings)

    def die(self, at: str) -> int:
        """Serve until the failpoint; returns how it ended."""
        log = self._folder / "dying.log"
        settings = {**self._settings, "DIE_AT": at}
        child = start_module("tests.faults.dying", "serve", self.cluster, log, **settings)
        code = child.process.wait(PATIENCE)
        child.stop()
        return code

    async def write(self, posts: Sequence[SocialPost]) -> None:
        """All into one partition, so that they are one batch."""
        events = [a_classified(post) for post in posts]
        await write_records(self.cluster, [a_record(e, topic=CLASSIFIED.name) for e in events])

    async def close_one(self) -> str:
        """Close the first case by hand; returns its id."""
        transport = httpx.AsyncHTTPTransport(retries=8)  # it may still be starting
        base = f"http://127.0.0.1:{self._port}/v1"
        async with httpx.AsyncClient(transport=transport, headers=CALLER, timeout=30) as client:
            ticket = (await client.get(f"{base}/tickets")).json()[0]
            answer = await client.post(
                f"{base}/tickets/{ticket['id']}/close",
                headers={"if-match": f'"{ticket["version"]}"'},
                json={"outcome": "solved"},
            )
        assert answer.status_code == 200
        return str(ticket["id"])

    async def done(self) -> None:
        """Wait until all is handled."""
        async with asyncio.timeout(PATIENCE):
            while await lag(self.cluster, "route", CLASSIFIED):
                pass

    async def tickets(self) -> dict[str, Ticket]:
        """The tickets as they are stored, without the instant of what was done by hand."""
        engine = open_engine(self.database)
        async with engine.connect() as connection:
            rows = (await connection.execute(select(tables.TICKETS.c.body))).all()
        await engine.dispose()
        found = [msgspec.json.decode(row.body, type=Ticket) for row in rows]
        return {ticket.id: _timeless(ticket) for ticket in found}


def _timeless(ticket: Ticket) -> Ticket:
    if ticket.state is not TicketState.closed:
        return ticket
    moments = tuple(
        msgspec.structs.replace(one, at=MONDAY, received_at=MONDAY)
        if one.kind is MomentKind.closed
        else one
        for one in ticket.moments
    )
    return msgspec.structs.replace(ticket, closed_at=MONDAY, moments=moments)


class Played(msgspec.Struct, frozen=True):
    """What a story came to."""

    closed: str
    events: list[Received]
    tickets: dict[str, Ticket]


async def played(route: Route, die_at: str | None) -> Played:
    """Batch, death or stop, new policy, close by hand, batch."""
    await create(route.cluster, TOPICS)
    await route.write(FIRST)
    if die_at:
        assert route.die(die_at) == -9
        assert await lag(route.cluster, "route", CLASSIFIED) == BATCH
    else:
        child = route.serve()
        await route.done()
        child.stop()
    route.policy.write_text(AFTER, encoding="utf-8")
    child = route.serve()
    closed = await route.close_one()
    await route.write(SECOND)
    await route.done()
    child.stop()
    events = [
        *await read_all(route.cluster, DECISIONS),
        *await read_all(route.cluster, TICKETS),
    ]
    return Played(closed, events, await route.tickets())


@pytest.fixture(scope="module")
def expected(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The same story without a fault."""
    folder = tmp_path_factory.mktemp("calm")
    cluster = Cluster(bootstrap=broker.bootstrap, prefix=f"t{os.getpid()}-calm", partitions=12)
    route = Route(cluster, folder / "route", f"sqlite:///{folder / 'calm.db'}")
    return asyncio.run(played(route, None))


FIRST = [a_post(f"a{n}", author=f"c{n}", at=MONDAY + minutes(n)) for n in range(BATCH)]
SECOND = [a_post(f"b{n}", author=f"d{n}", at=MONDAY + minutes(100 + n)) for n in range(BATCH)]


@pytest.mark.parametrize("die_at", ["stored", "half", "acked", "deleted"])
async def test_what_was_decided_stays_decided(
    die_at: str, cluster: Cluster, tmp_path: Path, database_url: str, expected: Played
) -> None:
    route = Route(cluster, tmp_path / "route", database_url)

    found = await played(route, die_at)

    assert [id_ for id_, values in by_id(found.events).items() if len(values) > 1] == []
    assert by_id(found.events).keys() == by_id(expected.events).keys()
    policies = {d.post_id: d.policy.seq for d in map(decision, found.events) if d}
    assert policies == {**{p.id: 1 for p in FIRST}, **{p.id: 2 for p in SECOND}}
    assert found.tickets[found.closed].state is TicketState.closed
    assert (found.closed, found.tickets) == (expected.closed, expected.tickets)
    assert {t.team for t in found.tickets.values()} == {"care", "fraud"}


def decision(record: Received) -> Decision | None:
    if record.topic != DECISIONS.name:
        return None
    return msgspec.json.decode(record.value or b"", type=Decision)
