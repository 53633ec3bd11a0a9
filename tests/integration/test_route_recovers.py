"""A store of route that was put back catches up by what its topics tell, and pages nobody anew.

The inputs that break the easy version: a case that a person closed since the backup; a stolen card
that somebody was called for; a decision whose ticket nobody was told of; a recovery run twice.
"""

from collections.abc import AsyncIterator, Collection
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.event import Topic
from schemas.tickets import TicketEvent
from schemas.topics import ALERTS, CLASSIFIED, DECISIONS, TICKETS, TOPICS
from schemas.vocabulary import CaseTopic
from services.route.domain.intents import AlertIntent, decode_intent
from services.route.recovering import Recovered, recover
from services.route.settings import Settings
from services.route.store.policies import activate
from services.route.store.tables import HISTORY, INTENTS, LEDGER
from services.route.store.tables import TICKETS as STORED
from stream.database import open_engine
from stream.flow import Outgoing, Received
from stream.migrations import migrated
from stream.topic_admin import Cluster, create
from tests.builders import a_classified, a_post
from tests.integration.test_route_on_its_store import HEADERS, TEXT, Running, running
from tests.processes import write_records
from tests.stored import rows_in

PUBLISHED = (CLASSIFIED, DECISIONS, TICKETS, ALERTS)


@pytest.fixture
async def route(tmp_path: Path) -> AsyncIterator[Running]:
    """The store that will be lost."""
    async with running(f"sqlite:///{tmp_path}/lost.db", tmp_path) as found:
        yield found


@pytest.fixture
async def saved(route: Running, database_url: str) -> AsyncIterator[AsyncEngine]:
    """The backup: of a day on which nobody had written yet."""
    engine = open_engine(database_url)
    await migrated(engine, HISTORY)
    await activate(engine, TEXT, author="file", clock=route.clock)
    yield engine
    await engine.dispose()


@pytest.fixture
def settings(cluster: Cluster, database_url: str) -> Settings:
    return Settings(
        kafka_bootstrap_servers=cluster.bootstrap,
        topic_prefix=cluster.prefix,
        partitions=cluster.partitions,
        database_url=database_url,
    )


async def lived(route: Running) -> None:
    """Two cases: a stolen card, for which somebody is called, and a bill that a person closes."""
    stolen = a_classified(a_post("p1", author="c1"), topic=CaseTopic.fraud_security, urgency=90)
    await route.take(stolen, a_classified(a_post("p2", author="c2")))
    bill = next(one.ticket for one in route.changes() if one.post_id == "p2")
    tag = {"if-match": f'"{bill.version}"'}
    done = await route.http.post(f"/v1/tickets/{bill.id}/close", headers={**HEADERS, **tag})
    assert done.status_code == 200, done.text
    await route.calls()
    await route.ledger.drain([0])


async def published(route: Running, cluster: Cluster, *, without: Collection[str] = ()) -> None:
    """What its topics hold, on the real broker; but for tickets of these posts."""
    await create(cluster, TOPICS)
    logs = [(topic, one) for topic in PUBLISHED for one in route.broker.log(topic.name)]
    outputs = [_again(topic, one) for topic, one in logs if not _is_of(one, without)]
    await write_records(cluster, outputs)


def _is_of(received: Received, posts: Collection[str]) -> bool:
    event = msgspec.json.decode(received.value or b"{}")
    return event["type"] == "TicketEvent" and event["post_id"] in posts


def _again(topic: Topic, received: Received) -> Outgoing:
    return Outgoing(
        topic=topic.name,
        partition=received.partition,
        key=received.key or b"",
        value=received.value or b"",
        headers=received.headers,
        event_id="",
    )


async def tickets(engine: AsyncEngine) -> dict[str, bytes]:
    async with engine.connect() as connection:
        rows = (await connection.execute(select(STORED.c.id, STORED.c.body))).all()
    return {row.id: row.body for row in rows}


async def called(engine: AsyncEngine) -> list[AlertIntent]:
    """Whom the decisions in this store would call."""
    async with engine.connect() as connection:
        bodies = (await connection.execute(select(INTENTS.c.body))).scalars().all()
    return [one for one in map(decode_intent, bodies) if isinstance(one, AlertIntent)]


async def waiting(engine: AsyncEngine) -> list[TicketEvent]:
    """What the store would still tell of tickets."""
    box = LEDGER.outbox
    async with engine.connect() as connection:
        found = (await connection.execute(select(box.c.topic, box.c.value))).all()
    return [
        msgspec.json.decode(row.value, type=TicketEvent)
        for row in found
        if row.topic == TICKETS.name
    ]


async def test_tickets_are_as_they_were_told_and_who_was_called_is_not_called_anew(
    route: Running, saved: AsyncEngine, settings: Settings, cluster: Cluster
) -> None:
    await lived(route)
    await published(route, cluster)

    found = await recover(settings)

    assert found == Recovered(posts=2, tickets=2, alerts=1)
    assert await tickets(saved) == await tickets(route.engine)
    assert [one.late for one in await called(saved)] == [True]
    assert [one.late for one in await called(route.engine)] == [False]
    assert await waiting(saved) == []


async def test_run_again_it_changes_nothing(
    route: Running, saved: AsyncEngine, settings: Settings, cluster: Cluster
) -> None:
    await lived(route)
    await published(route, cluster)
    await recover(settings)
    before, rows = await tickets(saved), len(await rows_in(saved))

    await recover(settings)

    assert await tickets(saved) == before
    assert len(await rows_in(saved)) == rows
    assert await waiting(saved) == []


async def test_a_ticket_that_nobody_was_told_of_is_told_after_all(
    route: Running, saved: AsyncEngine, settings: Settings, cluster: Cluster
) -> None:
    await lived(route)
    await published(route, cluster, without=["p1"])

    await recover(settings)

    (event,) = await waiting(saved)
    assert event.post_id == "p1"
    assert event.event_id == next(one.event_id for one in route.changes() if one.post_id == "p1")
    assert [one.late for one in await called(saved)] == [True]
