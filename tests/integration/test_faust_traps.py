"""What Faust does by itself and we must not feel: each test fails on a plain Faust agent.

The inputs that break the easy version: an exception out of the agent, bytes that are no text, a
publish that fails before a graceful stop, a second member, a store that knows better.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaTimeoutError
from prometheus_client import CollectorRegistry

from schemas.dead_letters import Reason
from stream.clock import parse_clock
from stream.failures import Fenced
from stream.faust_consumer import FaustConsumer
from stream.faust_pump import FaustPump
from stream.flow import Outgoing, Publish, Received, Where
from stream.member import KafkaSource
from stream.metrics import StreamMetrics
from stream.process import Direct, Process, Work
from stream.publisher import KafkaPublisher
from stream.topic_admin import Cluster
from tests.integration import test_promises_kafka as kafka
from tests.integration.test_promises_kafka import KafkaPumping, Watching, publish
from tests.promises import (
    LETTERS,
    READ,
    WRITTEN,
    Echo,
    fail,
    flow,
    letter_of,
    noted,
    number_of,
    raw,
)

__all__ = ["publish"]


@pytest.fixture(autouse=True)
def on_faust(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "AiokafkaPump", FaustPump)


class Failing:
    """A publish that fails as often as it is told."""

    def __init__(self, publish: Publish, errors: list[Exception]) -> None:
        self._publish, self.errors = publish, errors

    async def __call__(self, outputs: Sequence[Outgoing]) -> Sequence[int]:
        if self.errors:
            raise self.errors.pop()
        return await self._publish(outputs)


class Standing(Direct):
    """Effects with a position of their own."""

    def __init__(self, publish: Publish) -> None:
        super().__init__(publish)
        self.at: Mapping[Where, int] = {}

    async def positions(self, wheres: Collection[Where]) -> Mapping[Where, int]:
        return self.at


class Overtaken(Direct):
    """Effects that are fenced until the member asks anew where the store stands."""

    def __init__(self, publish: Publish) -> None:
        super().__init__(publish)
        self._asked = 0

    async def once(self, records: Sequence[Received], work: Work[None]) -> None:
        if self._asked < 2:
            raise Fenced("another replica was here")
        await super().once(records, work)

    async def positions(self, wheres: Collection[Where]) -> Mapping[Where, int]:
        self._asked += 1
        return {}


async def numbers(pumping: KafkaPumping, partition: int = 0) -> list[int]:
    return [number_of(r) for r in await pumping.read(WRITTEN) if r.partition == partition]


async def committed(cluster: Cluster) -> int | None:
    """What the group has committed of the first partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(f"{cluster.prefix}.probe")
    finally:
        await admin.close()
    found = offsets.get(TopicPartition(READ.under(cluster.prefix), 0))
    return found.offset if found else None


async def test_an_exception_out_of_the_agent_loses_nothing(
    cluster: Cluster, publish: KafkaPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, errors = FaustConsumer.take, [RuntimeError("escaped")]

    async def breaking(self: FaustConsumer, messages: Sequence[Any]) -> None:
        if errors:
            raise errors.pop()
        await take(self, messages)

    monkeypatch.setattr(FaustConsumer, "take", breaking)
    pumping = KafkaPumping(cluster, publish, Direct(publish))
    await pumping.put([noted(n) for n in range(300)])

    with pytest.raises(RuntimeError, match="escaped"):
        await pumping.run()
    assert await committed(cluster) is None
    await pumping.run()

    assert await numbers(pumping) == list(range(300))


async def test_bytes_that_are_no_text_do_not_end_the_agent(
    cluster: Cluster, publish: KafkaPublisher
) -> None:
    bad = Outgoing(
        topic=READ.name,
        partition=0,
        key=b"\xff",
        value=b"\xff\x00",
        headers=(("ce_type", b"\xff"), ("twice", b"1"), ("twice", b"2")),
        event_id="none",
    )
    pumping = KafkaPumping(cluster, publish, Direct(publish))

    for number in range(2):
        await pumping.put([raw(b"\xff"), bad, noted(number)])
        await pumping.run()

    assert await numbers(pumping) == [0, 1]
    letters = [letter_of(r) for r in await pumping.read(LETTERS)]
    assert {letter.reason for letter in letters} == {Reason.not_json}


async def test_a_publish_that_failed_is_made_again(
    cluster: Cluster, publish: KafkaPublisher
) -> None:
    failing = Failing(publish, [KafkaTimeoutError(), KafkaTimeoutError()])
    pumping = KafkaPumping(cluster, publish, Direct(failing))
    await pumping.put([noted(n) for n in range(300)])

    await pumping.run()

    assert await numbers(pumping) == list(range(300))
    assert await committed(cluster) == 300


async def test_a_graceful_stop_commits_nothing_that_was_not_published(
    cluster: Cluster, publish: KafkaPublisher
) -> None:
    failing = Failing(publish, [RuntimeError("no") for _ in range(99)])
    pumping = KafkaPumping(cluster, publish, Direct(failing))
    await pumping.put([noted(n) for n in range(8)])

    await pumping.run()
    assert (await committed(cluster) or 0) == 0
    failing.errors.clear()
    await pumping.run()

    assert await numbers(pumping) == list(range(8))


async def test_nothing_behind_a_bug_is_committed(cluster: Cluster, publish: KafkaPublisher) -> None:
    pumping = KafkaPumping(cluster, publish, Direct(publish))
    pumping.meet(3, fail)
    await pumping.put([*(noted(n) for n in range(300)), *(noted(n, 1) for n in range(500, 800))])

    await pumping.run()

    assert await committed(cluster) == 3
    assert await numbers(pumping, 1) == list(range(500, 800))


async def test_a_fenced_batch_is_read_again(cluster: Cluster, publish: KafkaPublisher) -> None:
    pumping = KafkaPumping(cluster, publish, Overtaken(publish))
    await pumping.put([noted(n) for n in range(300)])

    await pumping.run()

    assert await numbers(pumping) == list(range(300))


async def test_the_store_wins_over_the_committed_offset(
    cluster: Cluster, publish: KafkaPublisher
) -> None:
    effects = Standing(publish)
    pumping = KafkaPumping(cluster, publish, effects)
    effects.at = {(READ.name, 0): 3}
    await pumping.put([noted(n) for n in range(6)])
    await pumping.run()
    assert await numbers(pumping) == [3, 4, 5]
    assert await committed(cluster) == 6

    effects.at = {(READ.name, 0): 1}
    await pumping.run()

    assert await numbers(pumping) == [3, 4, 5, 1, 2, 3, 4, 5]


async def test_no_topic_is_created(cluster: Cluster, publish: KafkaPublisher) -> None:
    pumping = KafkaPumping(cluster, publish, Direct(publish))
    await pumping.put([noted(1)])

    await pumping.run()

    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    await admin.start()
    found = await admin.list_topics()
    await admin.close()
    ours = {name for name in found if name.startswith(cluster.prefix)}
    assert ours == {topic.under(cluster.prefix) for topic in (READ, WRITTEN, LETTERS)}


async def test_no_port_is_opened_and_no_directory_made(
    cluster: Cluster,
    publish: KafkaPublisher,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    before, during = listening(), list[set[str]]()
    pumping = KafkaPumping(cluster, publish, Direct(publish))
    pumping.meet(1, lambda: during.append(listening()))
    await pumping.put([noted(1)])

    await pumping.run()

    assert during == [before]
    assert holds_nothing(tmp_path)


def holds_nothing(folder: Path) -> bool:
    return not list(folder.iterdir())


def listening() -> set[str]:
    """The inodes of this process's sockets that listen on TCP."""
    own = {
        target.removeprefix("socket:[").removesuffix("]")
        for link in Path("/proc/self/fd").iterdir()
        if (target := _target(link)).startswith("socket:[")
    }
    lines = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/self/net/{table}").read_text().splitlines()[1:]
    ]
    return {fields[9] for fields in lines if fields[3] == "0A"} & own


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # the descriptor of the listing itself
        return ""


class Running:
    """One more member of the group, until it is told to stop."""

    def __init__(self, cluster: Cluster, publish: Publish, echo: Echo) -> None:
        clock = parse_clock("")
        self.probes, self.stop = Watching(clock.monotonic), asyncio.Event()
        metrics = StreamMetrics(CollectorRegistry(), "probe", "test")
        effects = Direct(publish)
        process = Process(flow(echo), effects=effects, letters=LETTERS, metrics=metrics)
        source = KafkaSource(
            bootstrap=cluster.bootstrap, prefix=cluster.prefix, group=f"{cluster.prefix}.probe"
        )
        self.pump = FaustPump(process, effects, source=source, probes=self.probes, clock=clock)
        self._task = asyncio.create_task(self.pump.run(self.stop))

    async def until(self, settled: Any) -> None:
        self.probes.settled.clear()
        self.probes.is_settled = settled
        async with asyncio.timeout(kafka.PATIENCE):
            await self.probes.settled.wait()

    async def end(self) -> None:
        self.stop.set()
        async with asyncio.timeout(kafka.PATIENCE):
            await self._task


async def test_a_second_member_takes_over_without_loss(
    cluster: Cluster, publish: KafkaPublisher
) -> None:
    pumping = KafkaPumping(cluster, publish, Direct(publish))
    await pumping.put([noted(n, n % 3) for n in range(300)])
    first = Running(cluster, publish, Echo())
    await first.until(lambda: sum(first.pump.handled.values()) == 300)
    second = Running(cluster, publish, Echo())
    await second.until(lambda: second.probes.ready)
    await pumping.put([noted(n, n % 3) for n in range(300, 600)])
    ends = dict.fromkeys(range(3), 200)

    def handled() -> bool:
        both = {**first.pump.handled}
        for where, offset in second.pump.handled.items():
            both[where] = max(offset, both.get(where, 0))
        return {partition: offset for (_, partition), offset in both.items()} == ends

    await first.until(handled)
    await first.end()
    await second.end()

    for partition in range(3):
        expected = [n for n in range(600) if n % 3 == partition]
        assert list(dict.fromkeys(await numbers(pumping, partition))) == expected
    assert second.pump.handled


async def test_a_member_without_partitions_is_not_ready(
    cluster: Cluster, publish: KafkaPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = asyncio.Event()
    resumed = FaustConsumer.resumed

    def noting(self: FaustConsumer, committed: Mapping[TopicPartition, int | None]) -> None:
        resumed(self, committed)
        seen.set()

    monkeypatch.setattr(FaustConsumer, "resumed", noting)
    nowhere = Cluster(bootstrap=cluster.bootstrap, prefix=f"{cluster.prefix}x", partitions=3)
    running = Running(nowhere, publish, Echo())
    await running.until(seen.is_set)

    assert not running.probes.ready
    await running.end()
