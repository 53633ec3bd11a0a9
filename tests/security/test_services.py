"""Eight workloads, each with its own user and its rights alone, do their work on a guarded broker.

The inputs that break the easy version: a pump that reads through Faust, which has words of its own
for TLS and passwords; a doctor that needs more rights than the service it looks at.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from pathlib import Path

import httpx
import pytest

from deploy.demo.settings import settings
from deploy.local.grants import grant, rules_of
from deploy.local.guarded import ADMIN, Guarded
from deploy.local.postgres import Server
from schemas.rights import granted
from schemas.sla import SlaChanged
from schemas.states import SlaState
from schemas.tickets import TicketEvent
from schemas.topics import SERVICES, SLA, TICKETS, TOPICS
from stream.topic_admin import create
from tests.security.installations import installed
from tests.security.sender import a_complaint, an_answer, deliver
from tests.security.watching import events_of
from tests.stored import database_named
from tests.workloads import WORKLOADS, Fleet, asked

PREFIX = "guardedfleet"
PATIENCE = 60


@pytest.fixture
async def fleet(
    broker: Guarded, database_server: Server | None, tmp_path: Path
) -> AsyncIterator[Fleet]:
    await create(installed(broker, PREFIX), TOPICS)
    await grant(broker.of(ADMIN), rules_of(PREFIX, granted()))
    found = Fleet(
        cluster=installed(broker, PREFIX),
        folder=tmp_path,
        database=database_named(database_server, PREFIX),
        given={service: broker.environment(service) for service in SERVICES},
    )
    try:
        await found.start(WORKLOADS)
        yield found
    finally:
        found.stop()


async def test_a_signed_post_becomes_a_ticket_and_a_kept_promise_and_every_doctor_says_ok(
    fleet: Fleet, broker: Guarded
) -> None:
    hooks = fleet.address("ingest-web", "HOOKS_PORT")
    subscriber = installed(broker, PREFIX, "subscriber")
    async with (
        httpx.AsyncClient() as client,
        asyncio.timeout(PATIENCE),
        aclosing(events_of(subscriber, TICKETS, TicketEvent)) as tickets,
        aclosing(events_of(subscriber, SLA, SlaChanged)) as promises,
    ):
        assert (await deliver(client, hooks, a_complaint("p1"))).status_code == 202
        opened = await anext(tickets)
        assert (await deliver(client, hooks, an_answer("p1"))).status_code == 202
        kept = await anext(promises)

    assert opened.ticket.version == 1
    assert (kept.ticket_id, kept.state) == (opened.ticket.id, SlaState.met)
    for service, (code, said) in (await doctors(fleet, broker)).items():
        assert code == 0, said
        assert "bad " not in said
        assert f"ok   {service}: may " in said
    code, said = await doctor_of_ingest(fleet, broker)
    assert code == 0, said


def here(fleet: Fleet) -> dict[str, str]:
    return {"TOPIC_PREFIX": PREFIX, "PARTITIONS": str(fleet.cluster.partitions)}


async def doctors(fleet: Fleet, broker: Guarded) -> Mapping[str, tuple[int, str]]:
    """What the doctor says of each service, asked as the service's own user."""
    answers = await asyncio.gather(
        *(
            asyncio.to_thread(
                asked,
                "stream",
                f"doctor --service {service}",
                {**broker.environment(service), **here(fleet)},
            )
            for service in SERVICES
        )
    )
    return dict(zip(SERVICES, answers, strict=True))


async def doctor_of_ingest(fleet: Fleet, broker: Guarded) -> tuple[int, str]:
    """Ingest has one more, which looks at its accounts and its store too."""
    mine = {
        **settings(fleet.folder, alerts="log:"),
        "DATABASE_URL": fleet.database,
        **broker.environment("ingest"),
        **here(fleet),
    }
    return await asyncio.to_thread(asked, "services.ingest", "doctor", mine)
