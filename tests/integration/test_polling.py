"""A source is polled by one replica at a time, and its cursor moves on only behind the acks.

The inputs that break the easy version: a broker that is away after the page was read, a replica
that comes back after its lease has ended, a long history beside a source that has something new.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.domain.brands import Account
from services.ingest.domain.heard import Heard, What
from services.ingest.domain.polls import FeedPoll, PlayPoll
from services.ingest.domain.receipt import Delivery
from services.ingest.domain.short_memory import ShortMemory
from services.ingest.handlers import Keeping, Receiving
from services.ingest.metrics import Metrics
from services.ingest.pollers.engine import Page, Polling, Source
from services.ingest.pollers.fetch import Unreachable
from services.ingest.pollers.sources import sources_of
from services.ingest.store.cursors import StoredCursors
from services.ingest.store.tables import CURSORS, METADATA
from stream.database import from_micros
from stream.flow import Publish
from stream.memory_pump import MemoryBroker
from stream.metrics import StreamMetrics
from tests.stored import opened
from tests.unit.ingest.deliveries import BANK, Failing, posts_on
from tests.unit.ingest.pollers.site import Hands, Leading, Site, reply, served, web

NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
KEEPING = Keeping(partitions=3, ack_seconds=5, version="1")
EVERY = timedelta(minutes=15)


def an_account(name: str, package: str = "ru.lavka.app") -> Account:
    poll = PlayPoll(package=package)
    return msgspec.structs.replace(BANK, source="gplay", id=name, poll=poll, secrets=())


SHOP, CAFE = an_account("shop"), an_account("cafe")


def week(*reviews: str) -> Delivery:
    """A page of reviews."""
    said = {"text": "Не работает вход", "lastModified": {"seconds": "1796000000"}, "starRating": 1}
    listed = [{"reviewId": one, "comments": [{"userComment": said}]} for one in reviews]
    return Delivery(headers={}, query={}, body=json.dumps({"reviews": listed}).encode())


class Told:
    """A source that has so much to tell, page by page; the last is told for ever."""

    def __init__(self, *pages: Page | Unreachable) -> None:
        self._pages = list(pages)
        self.asked: list[bytes | None] = []

    async def fetch(self, cursor: bytes | None) -> Page:
        self.asked.append(cursor)
        page = self._pages.pop(0) if len(self._pages) > 1 else self._pages[0]
        if isinstance(page, Unreachable):
            raise page
        return page


class Replica:
    """One process that polls."""

    def __init__(
        self,
        engine: AsyncEngine,
        sources: Mapping[str, Source],
        publish: Publish,
        *,
        accounts: Sequence[Account] = (SHOP,),
        seconds: float = 60,
    ) -> None:
        self.registry, self.clock, self.memory = CollectorRegistry(), Hands(NOW), ShortMemory()
        shared = StreamMetrics(self.registry, "ingest", "1")
        receiving = Receiving(publish, KEEPING, Metrics(self.registry), shared, self.memory)
        self.cursors = StoredCursors(engine, accounts, seconds=seconds)
        mine = {(one.source, one.id): sources[one.id] for one in accounts}
        self.polling = Polling(self.cursors, mine, receiving, self.clock)

    async def turn(self) -> int:
        await self.cursors.begin(NOW)
        return await self.polling.turn()


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    async with opened(database_url, METADATA) as store:
        yield store


async def kept(engine: AsyncEngine) -> dict[str, tuple[bytes | None, timedelta, int]]:
    """By account its cursor, when it is due, and its failures in a row."""
    async with engine.connect() as connection:
        rows = (await connection.execute(select(CURSORS))).all()
    return {row.account: (row.cursor, from_micros(row.due_at) - NOW, row.failures) for row in rows}


async def test_a_cursor_moves_on_only_once_its_page_is_acked(engine: AsyncEngine) -> None:
    broker = MemoryBroker()
    told = Told(Page(cursor=b"1", delivery=week("r1")))
    away = Replica(engine, {"shop": told}, Failing(broker))

    assert await away.turn() == 1
    cursor, due, failures = (await kept(engine))["shop"]
    assert (cursor, failures) == (None, 1)
    assert timedelta(seconds=5) <= due <= timedelta(seconds=30)
    assert posts_on(broker) == []
    assert await away.memory.latest() == {}

    back = Replica(engine, {"shop": told}, broker)
    back.clock.at = NOW + due
    assert await back.turn() == 1

    assert (await kept(engine))["shop"] == (b"1", due + EVERY, 0)
    assert [post.id for post in posts_on(broker)] == ["gplay:r1"]
    assert told.asked == [None, None]


async def test_a_page_is_kept_in_parts_and_wholly_or_not(engine: AsyncEngine) -> None:
    broker = MemoryBroker()
    page = Page(cursor=b"1", delivery=week(*(f"r{number}" for number in range(450))))
    told = Told(page)

    await Replica(engine, {"shop": told}, Failing(broker, calls_before=3)).turn()
    assert (await kept(engine))["shop"][0] is None
    assert len(posts_on(broker)) == 200

    back = Replica(engine, {"shop": told}, broker)
    back.clock.at = NOW + EVERY
    await back.turn()

    assert (await kept(engine))["shop"][0] == b"1"
    assert len({post.event_id for post in posts_on(broker)}) == 450


async def test_a_source_is_polled_by_one_replica_until_its_lease_ends(engine: AsyncEngine) -> None:
    told = Told(Page(cursor=b"late"))
    one = Replica(engine, {"shop": told}, MemoryBroker(), seconds=-1)
    other = Replica(engine, {"shop": Told(Page(cursor=b"1"))}, MemoryBroker())
    third = Replica(engine, {"shop": Told(Page(cursor=b"2"))}, MemoryBroker())
    await one.cursors.begin(NOW)

    frozen = await one.cursors.take(NOW)
    held = await other.cursors.take(NOW)

    assert frozen is not None
    assert held is not None
    assert await third.turn() == 0
    assert await other.cursors.keep(held, b"1", NOW, NOW + EVERY)
    assert not await one.cursors.keep(frozen, b"late", NOW, NOW)
    assert (await kept(engine))["shop"] == (b"1", EVERY, 0)


async def test_a_long_history_starves_nobody(engine: AsyncEngine) -> None:
    broker = MemoryBroker()
    history = Told(Page(cursor=b"h", delivery=week("old"), more=True))
    fresh = Told(Page(cursor=b"f", delivery=week("new")))
    sources = {"shop": history, "cafe": fresh}
    replica = Replica(engine, sources, broker, accounts=(SHOP, CAFE))

    for second in range(4):
        replica.clock.at = NOW + timedelta(seconds=second)
        assert await replica.turn() == 1

    assert len(fresh.asked) == 1
    assert len(history.asked) == 3


async def test_who_refuses_is_left_alone_for_longer_each_time(engine: AsyncEngine) -> None:
    refusals = [Unreachable("status 500"), Unreachable("x"), Unreachable("x", retry_after=3600)]
    replica = Replica(engine, {"shop": Told(*refusals, Page(cursor=b"1"))}, MemoryBroker())

    dues = []
    for _ in range(4):
        await replica.turn()
        _, due, failures = (await kept(engine))["shop"]
        dues.append((NOW + due - replica.clock.at, failures))
        replica.clock.at = NOW + due

    assert dues == [
        (timedelta(seconds=15), 1),
        (timedelta(seconds=30), 2),
        (timedelta(hours=1), 3),
        (EVERY, 0),
    ]


async def test_a_new_target_begins_anew_and_what_is_not_configured_is_left(
    engine: AsyncEngine,
) -> None:
    before = Replica(engine, {"shop": Told(Page(cursor=b"1"))}, MemoryBroker())
    await before.turn()
    told = Told(Page(cursor=b"2"))
    moved = an_account("shop", package="bg.lavka.app")
    after = Replica(engine, {"shop": told}, MemoryBroker(), accounts=(moved,))
    after.clock.at = NOW + EVERY

    assert await after.turn() == 1
    assert await after.turn() == 0

    assert told.asked == [None]


async def test_reading_nothing_new_is_heard_as_well(engine: AsyncEngine) -> None:
    replica = Replica(engine, {"shop": Told(Page(cursor=b"1"))}, MemoryBroker())

    await replica.turn()

    heard = Heard(source="gplay", account="shop", what=What.cursor)
    assert await replica.memory.latest() == {heard: NOW}
    labels = {"brand": "severbank", "source": "gplay"}
    name = "otklik_source_cursor_timestamp_seconds"
    assert replica.registry.get_sample_value(name, labels) == NOW.timestamp()


async def test_what_was_read_before_is_published_once(engine: AsyncEngine) -> None:
    broker = MemoryBroker()
    told = Told(
        Page(cursor=b"1", delivery=week("r1")), Page(cursor=b"2", delivery=week("r1", "r2"))
    )
    replica = Replica(engine, {"shop": told}, broker)

    await replica.turn()
    replica.clock.at = NOW + EVERY
    await replica.turn()

    assert sorted(post.id for post in posts_on(broker)) == ["gplay:r1", "gplay:r2"]


async def test_a_feed_becomes_posts_once_and_its_silence_is_heard(engine: AsyncEngine) -> None:
    entry = (
        "<item><guid>a-1</guid><title>Опоздал рейс</title><link>https://f.example/1</link></item>"
    )
    feed = f"<rss version='2.0'><channel><title>f</title>{entry}</channel></rss>".encode()
    forum = msgspec.structs.replace(SHOP, source="rss", poll=FeedPoll(url="http://f.example/feed"))
    broker, site = MemoryBroker(), Site({"/feed": [reply(body=feed, etag='"1"'), reply(304)]})
    async with served(site), web(Leading(site)) as client:
        sources = sources_of({("rss", "shop"): forum}, {}, client, lambda: NOW)
        told = {"shop": sources["rss", "shop"]}
        replica = Replica(engine, told, broker, accounts=(forum,))

        await replica.turn()
        replica.clock.at = NOW + EVERY
        await replica.turn()

    assert [(post.id, post.text) for post in posts_on(broker)] == [("rss:a-1", "Опоздал рейс")]
    assert site.asked[1].headers["if-none-match"] == '"1"'
    heard = Heard(source="rss", account="shop", what=What.cursor)
    assert (await replica.memory.latest())[heard] == NOW + EVERY
