"""What holds for members of a group on Faust? They share, hand over, and stop at any moment.

The inputs that break the easy version: a stop while Faust starts, in mid rebalance, with a batch
that waits; a broker that is frozen and never says no; a member without any partition.
"""

import threading
from collections.abc import AsyncIterator, Iterator, Mapping

import pytest
from aiokafka import TopicPartition
from mode.threads import WorkerThread
from prometheus_client import CollectorRegistry

from deploy.local import kafka
from stream.faust_consumer import FaustConsumer
from stream.faust_thread import FaustThread
from stream.flow import Where
from stream.metrics import StreamMetrics
from stream.publisher import KafkaPublisher
from stream.reading import read_all
from stream.topic_admin import Cluster, create
from tests.echo import AGAIN, LETTERS, READ, WRITTEN, Echo, noted, number_of
from tests.integration.faust_member import Running, on_faust
from tests.integration.test_promises_kafka import publish
from tests.processes import committed

__all__ = ["on_faust", "publish"]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    left = [one for one in threading.enumerate() if isinstance(one, WorkerThread)]
    for thread in left:
        thread.join(1)
    assert not any(thread.is_alive() for thread in left)


async def numbers(cluster: Cluster, partition: int = 0) -> list[int]:
    return [number_of(r) for r in await read_all(cluster, WRITTEN) if r.partition == partition]


def all_handled(running: Running, count: int) -> bool:
    return sum(running.pump.handled.values()) == count


def together(*members: Running) -> set[int]:
    """How far the members have come, in whichever partition."""
    furthest: dict[Where, int] = {}
    for member in members:
        for where, offset in member.pump.handled.items():
            furthest[where] = max(offset, furthest.get(where, 0))
    return set(furthest.values())


async def drained(cluster: Cluster, publish: KafkaPublisher, count: int) -> None:
    """Let one more member finish what is there."""
    last = Running(cluster, publish, Echo())
    await last.until(lambda: all_handled(last, count))
    await last.end()


@pytest.mark.parametrize("turns", [0, 1, 2, 4, 8])
async def test_a_member_that_is_stopped_while_it_starts_ends(
    cluster: Cluster, publish: KafkaPublisher, turns: int
) -> None:
    await publish([noted(n) for n in range(3)])
    running = Running(cluster, publish, Echo())
    if turns:
        await running.until(lambda: running.probes.turns >= turns)

    await running.end()


async def test_a_member_that_is_stopped_while_its_batch_waits_gives_it_back(
    cluster: Cluster, publish: KafkaPublisher
) -> None:
    def away() -> None:
        raise OSError

    echo = Echo()
    echo.on[3] = away
    await publish([noted(n) for n in range(5)])
    running = Running(cluster, publish, echo)
    await running.until(lambda: running.probes.ready and running.retries() >= 3)

    await running.end()

    done = (await committed(cluster, "probe", READ))[0]
    assert done <= 3, "a poll may bring a few before it brings the one that fails"
    assert await numbers(cluster) == list(range(done))


async def test_a_member_that_is_stopped_in_mid_rebalance_loses_nothing(
    cluster: Cluster, publish: KafkaPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish([noted(n, n % 3) for n in range(300)])
    first = Running(cluster, publish, Echo())
    await first.until(lambda: all_handled(first, 300))
    revoked = FaustConsumer.revoked

    async def stopping(self: FaustConsumer) -> None:
        first.stop.set()
        await revoked(self)

    monkeypatch.setattr(FaustConsumer, "revoked", stopping)
    await publish([noted(n, n % 3) for n in range(300, 600)])
    second = Running(cluster, publish, Echo())
    await first.ended()
    await second.until(lambda: together(first, second) == {200})
    await second.end()

    for partition in range(3):
        expected = [n for n in range(600) if n % 3 == partition]
        assert list(dict.fromkeys(await numbers(cluster, partition))) == expected


async def test_a_second_member_takes_over_without_loss(
    cluster: Cluster, publish: KafkaPublisher
) -> None:
    await publish([noted(n, n % 3) for n in range(300)])
    first = Running(cluster, publish, Echo())
    await first.until(lambda: sum(first.pump.handled.values()) == 300)
    second = Running(cluster, publish, Echo())
    await second.until(lambda: second.probes.ready)
    await publish([noted(n, n % 3) for n in range(300, 600)])

    await first.until(lambda: together(first, second) == {200})
    await first.end()
    await second.end()

    for partition in range(3):
        expected = [n for n in range(600) if n % 3 == partition]
        assert list(dict.fromkeys(await numbers(cluster, partition))) == expected
    assert second.pump.handled


async def test_a_member_without_partitions_is_not_ready(
    cluster: Cluster, publish: KafkaPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    resumed = FaustConsumer.resumed

    def noting(self: FaustConsumer, committed: Mapping[TopicPartition, int | None]) -> None:
        resumed(self, committed)
        seen.append(committed)

    monkeypatch.setattr(FaustConsumer, "resumed", noting)
    nowhere = Cluster(bootstrap=cluster.bootstrap, prefix=f"{cluster.prefix}x", partitions=3)
    running = Running(nowhere, publish, Echo())
    await running.until(lambda: bool(seen))

    assert not running.probes.ready
    await running.end()


async def test_a_thread_that_breaks_ends_the_run(
    cluster: Cluster, publish: KafkaPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broke")

    monkeypatch.setattr(FaustThread, "getmany", broken)
    running = Running(cluster, publish, Echo())

    with pytest.raises(RuntimeError, match="broke"):
        await running.ended()


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[kafka.Broker]:
    """A broker that these tests may freeze."""
    started = kafka.start(kafka.CACHE, tmp_path_factory.mktemp("frozen"))
    yield started
    started.resume()
    started.stop()


@pytest.fixture
async def frozen_cluster(broker: kafka.Broker, cluster: Cluster) -> AsyncIterator[Cluster]:
    found = Cluster(bootstrap=broker.bootstrap, prefix=cluster.prefix, partitions=3)
    await create(found, (READ, AGAIN, WRITTEN, LETTERS))
    yield found
    broker.resume()


@pytest.fixture
async def frozen_publish(frozen_cluster: Cluster) -> AsyncIterator[KafkaPublisher]:
    metrics = StreamMetrics(CollectorRegistry(), "probe", "test")
    async with KafkaPublisher(frozen_cluster, frozen_cluster.prefix, metrics) as made:
        yield made


async def test_a_member_of_a_frozen_broker_ends(
    broker: kafka.Broker, frozen_cluster: Cluster, frozen_publish: KafkaPublisher
) -> None:
    await frozen_publish([noted(n) for n in range(3)])
    running = Running(frozen_cluster, frozen_publish, Echo())
    await running.until(lambda: all_handled(running, 3))
    broker.pause()

    await running.end()


async def test_a_member_that_starts_on_a_frozen_broker_ends(
    broker: kafka.Broker, frozen_cluster: Cluster, frozen_publish: KafkaPublisher
) -> None:
    broker.pause()
    running = Running(frozen_cluster, frozen_publish, Echo())
    await running.until(lambda: running.probes.turns >= 4)

    await running.end()


async def test_a_batch_whose_acks_never_come_is_cut_off_and_comes_again(
    broker: kafka.Broker, frozen_cluster: Cluster, frozen_publish: KafkaPublisher
) -> None:
    echo = Echo()
    running = Running(frozen_cluster, frozen_publish, echo)

    def freeze() -> None:
        broker.pause()
        running.stop.set()

    echo.on[150] = freeze
    await frozen_publish([noted(n) for n in range(200)])
    await running.ended()
    broker.resume()

    await drained(frozen_cluster, frozen_publish, 200)

    assert sorted(set(await numbers(frozen_cluster))) == list(range(200))
