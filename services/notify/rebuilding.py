"""How is a lost store made again? From route's snapshot and from the topics, telling nobody."""

from collections.abc import Iterator

import httpx
import msgspec
from aiokafka.errors import KafkaError

from schemas.event import Event, PipelineTick, Topic, header, partition_of
from schemas.sla import SlaChanged
from schemas.tickets import Ticket, TicketEvent
from schemas.topics import DECISIONS, SLA, TICKETS
from services.notify.domain.rebuilt import Rebuilt
from services.notify.handlers import SERVICE
from services.notify.settings import Settings
from services.notify.store.rebuilding import replace_all
from services.notify.store.tables import HISTORY
from stream.database import let_go, only_replica, open_engine
from stream.decode import Decode
from stream.flow import Where
from stream.migrations import migrated
from stream.reading import records
from stream.topic_admin import Cluster, cluster_of

EVER = "1970-01-01T00:00:00Z"
TIMEOUT_SECONDS = 30.0


class Unreachable(Exception):  # noqa: N818 - says what is wrong
    """What the store is to be made from cannot be read; the message says where and why."""


async def rebuild(settings: Settings, route: str, token: str) -> int:
    """Replace the store's rows; returns how many tickets it then knows (design 6).

    ``route`` is the address of route's API; without one only what tickets.v1 still holds comes
    back. Notify must not run meanwhile.
    """
    cluster = cluster_of(settings)
    rebuilt = Rebuilt()
    engine = open_engine(settings.database_url)
    try:
        with only_replica(settings.database_url):
            await migrated(engine, HISTORY)
            positions = await _read(cluster, rebuilt)
            if route:
                headers = {"Authorization": f"Bearer {token}"}
                async with httpx.AsyncClient(base_url=route, headers=headers) as client:
                    await add_snapshot(rebuilt, client, settings.partitions)
            # serve reads decisions once more, from their beginning
            anew = dict.fromkeys(every(DECISIONS, settings.partitions), 0)
            return await replace_all(engine, rebuilt.placed(), rebuilt.ticks, positions | anew)
    finally:
        await let_go(engine)


async def _read(cluster: Cluster, rebuilt: Rebuilt) -> dict[Where, int]:
    """Take what the topics hold; returns where the reading of tickets.v1 ended."""
    decode, positions = Decode((TicketEvent, SlaChanged), service=SERVICE), dict[Where, int]()
    try:
        for topic in (SLA, TICKETS):
            async for received in records(cluster, topic):
                message = decode(received).message
                if message:
                    trace = header(received.headers, "traceparent")
                    _take(rebuilt, message.event, received.partition, trace)
                if topic is TICKETS:
                    positions[received.where] = received.offset + 1
    except KafkaError as error:
        where = f"{cluster.prefix}'s topics at {cluster.bootstrap}"
        raise Unreachable(f"expected {where}: {type(error).__name__}") from error
    return positions


def every(topic: Topic, partitions: int) -> Iterator[Where]:
    """Each partition of a topic."""
    return ((topic.name, number) for number in range(partitions))


def _take(rebuilt: Rebuilt, event: Event, partition: int, traceparent: str | None) -> None:
    if isinstance(event, TicketEvent):
        rebuilt.happened(event, partition, traceparent)
    elif isinstance(event, SlaChanged):
        rebuilt.told(event)
    elif isinstance(event, PipelineTick):
        rebuilt.passed(event, partition)


async def add_snapshot(rebuilt: Rebuilt, route: httpx.AsyncClient, partitions: int) -> None:
    """Add every ticket that route knows, a page at a time; a conversation gives the partition."""
    page, after = 1, ""
    while page:
        try:
            asked = {"since": EVER, "after": after}
            answer = await route.get("/v1/tickets", params=asked, timeout=TIMEOUT_SECONDS)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise Unreachable(f"expected tickets from {route.base_url}: {error}") from error
        tickets = msgspec.json.decode(answer.content, type=tuple[Ticket, ...])
        for ticket in tickets:
            key = f"{ticket.brand}:{ticket.conversation_id}"
            rebuilt.stands(ticket, partition_of(key, partitions))
            after = ticket.id
        page = len(tickets)
