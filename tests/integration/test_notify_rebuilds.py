"""A lost store is made again: from route's snapshot and the topics, telling nobody.

Three inputs break the easy version: a ticket whose events have left the topic, a breach that was
announced and corrected (the final facts alone no longer show it), and an announcement that waited
in the lost outbox (nobody was told, so it must be made after all).
"""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.event import Event, PipelineTick, partition_of
from schemas.tickets import TicketEvent
from schemas.topics import CLASSIFIED, DECISIONS, TICKETS
from services.notify.domain.rebuilt import Rebuilt
from services.notify.rebuilding import Unreachable, add_snapshot, every
from services.notify.store import tables as notify
from services.notify.store.rebuilding import replace_all
from stream.decode import Decode
from stream.flow import Received
from stream.memory_pump import PARTITIONS, MemoryBroker
from tests.builders import MONDAY, a_classified, a_post, a_record, a_reply, minutes
from tests.integration.test_route_on_its_store import HEADERS, Running, running
from tests.notify_service import Service
from tests.stored import opened, rows_in

WALL = partition_of("severbank:wall-1", PARTITIONS)


@pytest.fixture
async def route(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(f"sqlite:///{tmp_path}/route.db", tmp_path) as found:
        yield found


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    async with opened(database_url, notify.METADATA) as found:
        yield found


@pytest.fixture
async def lost(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with opened(f"sqlite:///{tmp_path}/lost.db", notify.METADATA) as found:
        yield found


async def lived(route: Running, service: Service) -> None:
    """A day: one answered, one breached, one corrected, one closed; all on one wall."""
    asked = [a_classified(a_post(f"p{n}", author=f"c{n}")) for n in range(4)]
    await passed(route, service, asked, tick=0)
    answers = [a_classified(a_reply("r0", "p0", at=MONDAY + minutes(5)))]
    await passed(route, service, answers, tick=160)
    await passed(route, service, (), tick=24 * 60)
    late = a_reply("r2", "p2", at=MONDAY + minutes(10), received_at=MONDAY + minutes(24 * 60))
    await passed(route, service, [a_classified(late)], tick=25 * 60)


async def passed(route: Running, service: Service, events: Iterable[Event], *, tick: float) -> None:
    """Events through route and notify, and the tick behind them."""
    at = MONDAY + minutes(tick)
    behind = PipelineTick(event_id=f"k{tick}", occurred_at=at, received_before=at)
    records = [a_record(one, topic=CLASSIFIED.name, partition=WALL) for one in (*events, behind)]
    await route.broker(records)
    await route.pump.run_until_idle()
    await service.pump(CollectorRegistry()).run_until_idle(batch=1)


def remembered(service: Service, log: Iterable[Received]) -> Rebuilt:
    """What these records of tickets.v1 and all of sla.v1 tell."""
    rebuilt = Rebuilt()
    for announced in service.events():
        rebuilt.told(announced)
    for received in log:
        event = decode(received)
        if isinstance(event, PipelineTick):
            rebuilt.passed(event, received.partition)
        elif isinstance(event, TicketEvent):
            rebuilt.happened(event, received.partition, None)
    return rebuilt


def decode(received: Received) -> Event | None:
    message = Decode((TicketEvent,), service="test")(received).message
    return message.event if message else None


async def kept(engine: AsyncEngine, *, posts: bool = False) -> list[str]:
    """All rows but the positions, which are of a log that is another, and posts, if not told."""
    others = ("notify_consumed", *(() if posts else ("notify_posts", "notify_sources")))
    return sorted(line for line in await rows_in(engine) if not line.startswith(others))


async def test_the_topic_gives_the_same_rows(
    route: Running, lost: AsyncEngine, engine: AsyncEngine
) -> None:
    service = Service(lost, route.broker, CollectorRegistry())
    await lived(route, service)
    rebuilt = remembered(service, route.broker.log(TICKETS.name))
    count = await replace_all(engine, rebuilt.placed(), rebuilt.ticks, {})

    assert count == 4
    states = {event.state.value for event in service.events()}
    assert {"at_risk", "breached", "corrected", "met"} <= states
    assert await kept(engine) == await kept(lost)


async def test_posts_are_counted_again_once_serve_has_read_their_decisions(
    route: Running, lost: AsyncEngine, engine: AsyncEngine
) -> None:
    service = Service(lost, route.broker, CollectorRegistry())
    await lived(route, service)
    rebuilt = remembered(service, route.broker.log(TICKETS.name))
    positions = dict.fromkeys(every(DECISIONS, PARTITIONS), 0)
    await replace_all(engine, rebuilt.placed(), rebuilt.ticks, positions)
    before = await kept(engine, posts=True)
    pump = Service(engine, route.broker, CollectorRegistry()).pump()
    await pump.run_until_idle()

    assert pump.stopped == {}
    assert not [line for line in before if line.startswith("notify_posts")]
    assert await kept(engine, posts=True) == await kept(lost, posts=True)
    assert len([one for one in await kept(engine, posts=True) if "notify_posts" in one]) > 4


async def test_what_has_left_the_topic_comes_from_the_snapshot(
    route: Running, lost: AsyncEngine, engine: AsyncEngine
) -> None:
    service = Service(lost, route.broker, CollectorRegistry())
    await lived(route, service)
    log = route.broker.log(TICKETS.name)
    rebuilt = remembered(service, [log[-1]])
    route.http.headers.update(HEADERS)
    await add_snapshot(rebuilt, route.http, PARTITIONS)
    await replace_all(engine, rebuilt.placed(), rebuilt.ticks, {})

    assert isinstance(decode(log[-1]), PipelineTick)
    assert await kept(engine) == await kept(lost)


async def test_who_was_never_told_is_told_after_all_under_the_same_id(
    route: Running, lost: AsyncEngine, engine: AsyncEngine
) -> None:
    service = Service(lost, route.broker, CollectorRegistry())
    await lived(route, service)
    rebuilt = Rebuilt()
    for event in service.events():
        if event.state.value == "at_risk":
            rebuilt.told(event)
    route.http.headers.update(HEADERS)
    await add_snapshot(rebuilt, route.http, PARTITIONS)
    await replace_all(engine, rebuilt.placed(), rebuilt.ticks, {})

    again = Service(engine, MemoryBroker(), CollectorRegistry())
    again.tick(26 * 60, partition=WALL)
    await again.pump().run_until_idle()
    told = {event.event_id for event in again.events()}
    breaches = {event.event_id for event in service.events() if event.state.value == "breached"}
    corrected = {event.corrects for event in service.events()}

    assert told >= breaches - corrected
    assert told <= {event.event_id for event in service.events()}


async def test_a_refused_token_is_said_and_nothing_is_made(route: Running) -> None:
    with pytest.raises(Unreachable, match="401"):
        await add_snapshot(Rebuilt(), route.http, PARTITIONS)


async def test_what_serve_will_still_hear_of_is_not_known_before(
    route: Running, lost: AsyncEngine
) -> None:
    """Or the record that brings it would be no news, and nobody would ever be told of its end."""
    service = Service(lost, route.broker, CollectorRegistry())
    await lived(route, service)
    route.http.headers.update(HEADERS)
    whole, later, fresh = Rebuilt(), Rebuilt(), Rebuilt()
    await add_snapshot(whole, route.http, PARTITIONS)
    everybody = {settled.case.ticket.id for settled, _ in whole.placed()}
    first = min(everybody)

    await add_snapshot(later, route.http, PARTITIONS, later={first})
    soon = PipelineTick(event_id="k", occurred_at=MONDAY, received_before=MONDAY + minutes(30))
    fresh.passed(soon, WALL)
    await add_snapshot(fresh, route.http, PARTITIONS)

    assert len(everybody) == 4
    assert {settled.case.ticket.id for settled, _ in later.placed()} == everybody - {first}
    assert [settled.case.ticket.id for settled, _ in fresh.placed()] == []
