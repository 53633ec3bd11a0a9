"""An account with a spool is answered 202 also while the broker is away, and loses no order.

The inputs that break the easy version: a broker that comes back while something waits, a crash
between the ack and the spool's forgetting, an account beside it that asked for no spool.
"""

import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from services.ingest.domain.fate import Receipt, Unavailable
from services.ingest.domain.receipt import Arrived, Seen
from services.ingest.domain.short_memory import ShortMemory
from services.ingest.handlers import Arrival, Keeping, Receiving
from services.ingest.metrics import Metrics
from services.ingest.platforms import generic
from services.ingest.spool import Spool
from services.ingest.spooling import Lane, Spooling
from stream.flow import Outgoing
from stream.memory_pump import MemoryBroker
from stream.metrics import StreamMetrics
from tests.unit.ingest.deliveries import BANK, NOW, body_of, posted, posts_on, said
from tests.unit.ingest.pollers.site import Hands

SHOP = msgspec.structs.replace(BANK, id="shop", brand="lavka")
ACCOUNTS = {(one.source, one.id): one for one in (BANK, SHOP)}


class Switched:
    """A broker that is away, and comes back."""

    def __init__(self) -> None:
        self.broker, self.away = MemoryBroker(), True

    async def __call__(self, outputs: Sequence[Outgoing]) -> Sequence[int]:
        if self.away:
            raise ConnectionError("the broker is away")
        return await self.broker(outputs)


class Process:
    """One process of ingest with a spool for the bank."""

    def __init__(self, file: Path, publish: Switched, *, cap: int = 1_000_000) -> None:
        self.registry, self.clock = CollectorRegistry(), Hands(NOW)
        metrics, shared = Metrics(self.registry), StreamMetrics(self.registry, "ingest", "1")
        keeping = Keeping(partitions=1, ack_seconds=5, version="1")
        receiving = Receiving(publish, keeping, metrics, shared, ShortMemory())
        self.spool = Spool(file, cap=cap)
        lane = Lane(account=BANK, platform=generic, spool=self.spool)
        self.spooling = Spooling(
            receiving, {("generic", "bank"): lane}, ACCOUNTS, metrics, self.clock.now
        )

    async def receive(self, number: int, *, account: str = "bank") -> Receipt | Unavailable:
        seen = Seen(account=ACCOUNTS["generic", account], received_at=self.clock.now())
        body = body_of(said(id=f"p{number}", text=f"Жалоба {number}"))
        arrival = Arrival(
            source="generic",
            events=tuple(Arrived(native=one, seen=seen) for one in generic.split(posted(body))),
            real_at=NOW,
            message_id=f"m{number}",
        )
        return await self.spooling.receive(generic, arrival)

    async def drain(self) -> None:
        while await self.spooling.drain():
            pass

    def waiting(self) -> float | None:
        return self.registry.get_sample_value("otklik_spool_bytes", {"source": "generic"})


def copied(file: Path, folder: str) -> Path:
    """The spool as the crash has left it."""
    (file.parent / folder).mkdir()
    return Path(shutil.copy(file, file.parent / folder))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "generic-bank.spool"


@pytest.fixture
def publish() -> Switched:
    return Switched()


@pytest.fixture
def process(file: Path, publish: Switched) -> Iterator[Process]:
    started = Process(file, publish)
    yield started
    started.spool.close()


async def test_what_waits_comes_in_order_and_the_new_behind_it(
    process: Process, publish: Switched
) -> None:
    first = await process.receive(1)
    publish.away = False
    second = await process.receive(2)
    assert posts_on(publish.broker) == []
    assert process.waiting() == process.spool.size > 0

    await process.drain()
    third = await process.receive(3)

    taken = [one.count("accepted") for one in (first, second, third) if isinstance(one, Receipt)]
    assert taken == [1, 1, 1]
    assert [post.id for post in posts_on(publish.broker)] == ["p1", "p2", "p3"]
    assert process.waiting() == process.spool.size == 0


async def test_a_drain_waits_for_the_broker(process: Process, publish: Switched) -> None:
    await process.receive(1)

    assert await process.spooling.drain() == 0
    publish.away = False
    assert await process.spooling.drain() == 1

    assert [post.id for post in posts_on(publish.broker)] == ["p1"]


async def test_the_next_process_drains_and_again_with_the_same_ids(
    file: Path, publish: Switched
) -> None:
    killed = Process(file, publish)
    receipts = [await killed.receive(1), await killed.receive(2)]
    promised = [one.fates[0].event_id for one in receipts if isinstance(one, Receipt)]
    killed.spool.close()
    publish.away = False

    for folder in ("one", "other"):  # as after a crash between the ack and the forgetting
        process = Process(copied(file, folder), publish)
        process.clock.at = NOW + timedelta(hours=3)
        await process.drain()
        process.spool.close()

    posts = posts_on(publish.broker)
    assert [post.event_id for post in posts] == promised * 2
    assert {post.received_at for post in posts} == {NOW + timedelta(hours=3)}


async def test_a_full_spool_and_an_account_without_one_are_refused(
    file: Path, publish: Switched
) -> None:
    process = Process(file, publish, cap=10)

    assert isinstance(await process.receive(1), Unavailable)
    assert isinstance(await process.receive(1, account="shop"), Unavailable)
    process.spool.close()


async def test_an_account_without_a_spool_waits_for_nobody(
    process: Process, publish: Switched
) -> None:
    await process.receive(1)
    publish.away = False

    assert isinstance(await process.receive(2, account="shop"), Receipt)

    assert [post.id for post in posts_on(publish.broker)] == ["p2"]
