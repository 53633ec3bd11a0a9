"""How does a store that was put back from a backup catch up? By what its own topics tell.

Positions lie in the store, so what came since the backup will be read once more. What of it was
decided and told is first taken in here: posts are remembered, tickets are as they were last told,
and nobody is called again. Then route starts, does what is left, and tells what nobody was told.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from functools import partial

import msgspec
from prometheus_client import CollectorRegistry
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.alerts import AlertChanged
from schemas.classified import ClassifiedPost
from schemas.decisions import Decision
from schemas.event import Topic
from schemas.sla import SlaChanged
from schemas.tickets import Ticket, TicketEvent
from schemas.topics import ALERTS, CLASSIFIED, DECISIONS, SLA, TICKETS
from services.route.domain.recovery import Told, brought_up
from services.route.domain.rulebook import Rulebook, rules_of
from services.route.handlers import SERVICE, Routing
from services.route.metrics import Metrics
from services.route.settings import Settings, read_needs
from services.route.store.alerts import adopt
from services.route.store.cases import RouteStore, keep_intents, ticket_by_id
from services.route.store.policies import running
from services.route.store.tables import HISTORY, LEDGER
from stream.database import let_go, only_replica, open_engine
from stream.decode import Decode
from stream.flow import Batch, Message, Where
from stream.migrations import migrated
from stream.outbox import Outbox
from stream.reading import records
from stream.settings import BadSettings
from stream.topic_admin import Cluster, cluster_of

AT_ONCE = 200
BROKERS_APART_MS = 600_000
"""What was put out is looked for from so long before it could be: each broker has its own clock."""
_EVENTS = (ClassifiedPost, SlaChanged, Decision, TicketEvent, AlertChanged)
_INPUTS, _OUTPUTS = (CLASSIFIED, SLA), (DECISIONS, TICKETS, ALERTS)


class Recovered(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken over from the topics."""

    posts: int
    tickets: int
    alerts: int


async def recover(settings: Settings) -> Recovered:
    """Bring a store that was put back up to what was told; no replica of route may run.

    Run again it changes nothing more. Raises ``BadSettings`` for a store that is none.
    """
    engine = open_engine(settings.database_url)
    try:
        with only_replica(settings.database_url):
            await migrated(engine, HISTORY)
            return await _recover(engine, cluster_of(settings))
    finally:
        await let_go(engine)


async def _recover(engine: AsyncEngine, cluster: Cluster) -> Recovered:
    version = await running(engine)
    if version is None:
        raise BadSettings("DATABASE_URL: expected the store of a route that has run, got a new one")
    rulebook = Rulebook(rules_of(version, read_needs()))
    read_again = [one async for one in _read_again(engine, cluster)]
    if not read_again:
        return Recovered(posts=0, tickets=0, alerts=0)
    first = min(one.received.timestamp_ms for one in read_again)
    told = await _told(cluster, first - BROKERS_APART_MS)
    known = [one for one in read_again if told.is_told(one.event)]
    doubtful = [one for one in read_again if told.is_in_doubt(one.event)]
    async with engine.begin() as connection:
        before = await _tickets(connection, told.tickets)
    routing = Routing(rulebook, Metrics(CollectorRegistry()), recovers=True)
    for batch in _batches(known):
        async with engine.begin() as connection:  # what it puts out was published
            await routing.handle([batch], RouteStore(connection))
    async with engine.begin() as connection:
        newer = [
            (ticket, partition)
            for ticket, partition in told.tickets.values()
            if ticket.id not in before or ticket.version >= before[ticket.id].version
        ]
        await RouteStore(connection).keep_tickets(newer)
        await keep_intents(connection, list(told.news(before)))
        within = rulebook.current.policy.alerting.taken_within
        for key, alerts in told.alerts.items():
            await adopt(connection, key, partial(brought_up, told=alerts, taken_within=within))
    for batch in _batches(doubtful):  # of which only the decision was told, or nothing more came
        async with engine.begin() as connection:
            outputs = await routing.handle([batch], RouteStore(connection))
            new = [out for out in outputs if out.event_id not in told.ids]
            await Outbox(engine, LEDGER).store(connection, new)
    return Recovered(posts=len(known) + len(doubtful), tickets=len(newer), alerts=len(told.alerts))


async def _read_again(engine: AsyncEngine, cluster: Cluster) -> AsyncIterator[Message]:
    """What lies behind the store's positions, topic by topic, in order in each partition."""
    async with engine.connect() as connection:
        rows = (await connection.execute(select(LEDGER.consumed))).all()
    stands: Mapping[Where, int] = {(row.topic, row.partition): row.next_offset for row in rows}
    for topic in _INPUTS:
        begin = {
            number: stands.get((topic.name, number), 0) for number in range(cluster.partitions)
        }
        async for message in _messages(cluster, topic, begin=begin):
            yield message


async def _told(cluster: Cluster, since_ms: int) -> Told:
    told = Told()
    for topic in _OUTPUTS:
        async for message in _messages(cluster, topic, since_ms=since_ms):
            told.note(message.event, message.received.partition)
    return told


async def _messages(
    cluster: Cluster,
    topic: Topic,
    *,
    begin: Mapping[int, int] | None = None,
    since_ms: int | None = None,
) -> AsyncIterator[Message]:
    decode = Decode(_EVENTS, service=SERVICE)
    async for received in records(cluster, topic, begin=begin, since_ms=since_ms):
        message = decode(received).message
        if message and isinstance(message.event, _EVENTS):
            yield message


async def _tickets(
    connection: AsyncConnection, wanted: Mapping[str, object]
) -> Mapping[str, Ticket]:
    """As the store was saved."""
    found = [await ticket_by_id(connection, name) for name in sorted(wanted)]
    return {ticket.id: ticket for ticket, _ in filter(None, found)}


def _batches(messages: Sequence[Message]) -> Iterator[Batch]:
    """Of one partition each, in order."""
    by_where: dict[Where, list[Message]] = {}
    for one in messages:
        by_where.setdefault(one.received.where, []).append(one)
    for (topic, partition), ones in by_where.items():
        for start in range(0, len(ones), AT_ONCE):
            some = tuple(ones[start : start + AT_ONCE])
            yield Batch(topic=topic, partition=partition, messages=some)
