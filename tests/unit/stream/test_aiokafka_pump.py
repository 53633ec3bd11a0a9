"""The promises on the pump of the services, with a broker in memory; and when it commits.

The inputs that break the easy version: a member that is stopped while its batch waits for a
dependency; a batch that another replica had already, alone or as one of three in a poll; a store
that knows more than the group.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path

import msgspec
import pytest
from aiokafka import TopicPartition
from prometheus_client import CollectorRegistry

from schemas.event import PipelineTick, Topic
from stream.aiokafka_pump import AiokafkaPump, RecreatedTopic
from stream.clock import Clock
from stream.flow import Outgoing, Publish, Received, Where
from stream.member import KafkaSource
from stream.memory_pump import MemoryBroker
from stream.metrics import StreamMetrics
from stream.probes import STUCK_SECONDS, Probes
from stream.process import Direct, Process, Work
from stream.quarantine import Quarantine
from tests.builders import MONDAY, a_record
from tests.echo import AGAIN, LETTERS, READ, WRITTEN, Echo, flow, noted, number_of
from tests.promises import Acks, Overtaken, Promises
from tests.unit.stream.memory_consumer import PREFIX, MemoryConsumer


class Stepping(Clock, frozen=True, kw_only=True):
    """A clock on which every look is a second later: nobody waits."""

    steps: Iterator[int] = msgspec.field(default_factory=count)

    def monotonic(self) -> float:
        return float(next(self.steps))


class Watching(Probes):
    """Probes that say when the loop has turned."""

    def __init__(self, monotonic: Callable[[], float], turned: Callable[[], None]) -> None:
        super().__init__(monotonic)
        self._hook = turned

    def turned(self) -> None:
        super().turned()
        self._hook()


class OneOvertaken(Overtaken):
    """Effects that are fenced on partition 1 alone, until the member asks anew."""

    async def once(self, records: Sequence[Received], work: Work[None]) -> None:
        if any(received.partition == 1 for received in records):
            await super().once(records, work)
        else:
            await Direct.once(self, records, work)


class Standing(Direct):
    """Effects with a position of their own, which note what was asked of them in which order."""

    def __init__(self, publish: Publish, at: Mapping[Where, int]) -> None:
        super().__init__(publish)
        self._at, self.asked = at, list[str]()

    async def once(self, records: Sequence[Received], work: Work[None]) -> None:
        self.asked.append("once")
        await super().once(records, work)

    async def drain(self, partitions: Collection[int]) -> None:
        self.asked.append("drain")

    async def positions(self, wheres: Collection[Where]) -> Mapping[Where, int]:
        return self._at


class PumpPumping:
    """A member over a broker in memory; each run is a new process of the same group."""

    def __init__(self, folder: Path) -> None:
        self.quarantine = folder / "quarantine.yaml"
        self.broker, self._echo = MemoryBroker(), Echo()
        self.acks, self.registry, self.turns = Acks(self.broker), CollectorRegistry(), 0
        self.effects = Direct(self.acks)
        self.offsets: dict[TopicPartition, int] = {}
        self.stop = asyncio.Event()
        self.clock = Stepping(start=MONDAY, real_start=MONDAY)
        self.probes = Watching(self.clock.monotonic, self._turned)
        self._settled: Callable[[], bool] = lambda: False

    def meet(self, number: int, what: Callable[[], None]) -> None:
        self._echo.on[number] = what

    async def put(self, records: Sequence[Outgoing]) -> None:
        await self.broker(records)

    async def read(self, topic: Topic) -> list[Received]:
        return self.broker.log(topic.name)

    def end(self) -> None:
        self.stop.set()

    async def committed(self) -> int:
        return self.committed_to or 0

    async def run(self) -> None:
        self.stop.clear()
        self.registry = CollectorRegistry()
        process = Process(
            flow(self._echo),
            effects=self.effects,
            letters=LETTERS,
            quarantine=Quarantine(str(self.quarantine)),
            metrics=StreamMetrics(self.registry, "probe", "test"),
        )
        pump = AiokafkaPump(
            process,
            self.effects,
            source=KafkaSource(bootstrap="nowhere", prefix=PREFIX, group="probe"),
            probes=self.probes,
            clock=self.clock,
        )
        self._settled = lambda: self._has_settled(pump)
        async with asyncio.timeout(20):
            await pump.run(self.stop)

    def _turned(self) -> None:
        self.turns += 1
        if self._settled():
            self.stop.set()

    def _has_settled(self, pump: AiokafkaPump[object]) -> bool:
        put = [*self.broker.log(READ.name), *self.broker.log(AGAIN.name)]
        ends = {(r.topic, r.partition): r.offset + 1 for r in put}
        return all(w in pump.stopped or pump.handled.get(w, 0) >= end for w, end in ends.items())

    @property
    def committed_to(self) -> int | None:
        """What the group has committed of the first partition."""
        return self.offsets.get(TopicPartition(f"{PREFIX}.{READ.name}", 0))

    def numbers(self) -> list[int]:
        """What came out of the first partition."""
        return [number_of(received) for received in self.broker.log(WRITTEN.name, 0)]


@pytest.fixture
def pumping(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> PumpPumping:
    made = PumpPumping(tmp_path)
    consumer = partial(MemoryConsumer, made.broker, made.offsets)
    monkeypatch.setattr("stream.member.AIOKafkaConsumer", consumer)
    return made


class TestAiokafkaPump(Promises):
    pass


async def test_what_had_no_effect_is_not_committed_and_comes_again(pumping: PumpPumping) -> None:
    def away() -> None:
        pumping.stop.set()
        raise OSError

    pumping.meet(3, away)
    await pumping.put([noted(n) for n in range(5)])
    await pumping.run()
    assert (pumping.numbers(), pumping.committed_to) == ([], None)

    pumping.meet(3, lambda: None)
    await pumping.run()

    assert (pumping.numbers(), pumping.committed_to) == ([0, 1, 2, 3, 4], 5)


async def test_a_batch_that_waits_longer_than_the_stuck_time_is_alive(
    pumping: PumpPumping,
) -> None:
    alive: list[bool] = []
    began = pumping.clock.monotonic()

    def away() -> None:
        alive.append(pumping.probes.alive)
        if pumping.clock.monotonic() - began < 2 * STUCK_SECONDS:
            raise OSError

    pumping.meet(0, away)
    await pumping.put([noted(n) for n in range(3)])

    await pumping.run()

    assert all(alive)
    assert pumping.numbers() == [0, 1, 2]
    assert await pumping.read(LETTERS) == []


async def test_a_batch_whose_acks_never_come_is_cut_off_by_a_stop(
    pumping: PumpPumping, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(outputs: Sequence[Outgoing]) -> Sequence[int]:
        pumping.end()
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr("stream.aiokafka_pump.DRAIN_SECONDS", 0)
    pumping.effects = Direct(never)
    await pumping.put([noted(n) for n in range(3)])

    await pumping.run()

    assert pumping.committed_to is None


async def test_a_bug_commits_up_to_its_record(pumping: PumpPumping) -> None:
    def fail() -> None:
        raise RuntimeError

    pumping.meet(3, fail)
    await pumping.put([noted(n) for n in range(5)])

    await pumping.run()

    assert pumping.committed_to == 3


async def test_a_fenced_batch_is_dropped_and_read_again(pumping: PumpPumping) -> None:
    pumping.effects = Overtaken(pumping.broker)
    await pumping.put([noted(n) for n in range(5)])

    await pumping.run()

    assert pumping.numbers() == [0, 1, 2, 3, 4]


async def test_a_fence_on_one_partition_holds_up_no_other(pumping: PumpPumping) -> None:
    pumping.effects = OneOvertaken(pumping.broker)
    await pumping.put([noted(n, partition=n % 3) for n in range(9)])

    await pumping.run()

    in_time = sorted(pumping.broker.log(WRITTEN.name), key=lambda r: r.timestamp_ms)
    numbers = [number_of(received) for received in in_time]
    assert sorted(numbers[:6]) == [0, 2, 3, 5, 6, 8]
    assert numbers[6:] == [1, 4, 7]


async def test_a_poll_of_several_partitions_is_one_step(pumping: PumpPumping) -> None:
    pumping.effects = standing = Standing(pumping.broker, {})
    await pumping.put([noted(n, partition=n % 3) for n in range(30)])

    await pumping.run()

    assert standing.asked.count("once") == 1
    assert pumping.offsets == {
        TopicPartition(f"{PREFIX}.{READ.name}", number): 10 for number in range(3)
    }


async def test_the_store_wins_over_what_the_group_committed(pumping: PumpPumping) -> None:
    pumping.effects = Standing(pumping.broker, {(READ.name, 0): 3})
    await pumping.put([noted(n) for n in range(5)])

    await pumping.run()

    assert pumping.numbers() == [3, 4]


async def test_what_the_store_has_is_committed_without_a_further_record(
    pumping: PumpPumping,
) -> None:
    pumping.effects = Standing(pumping.broker, {(READ.name, 0): 5})
    await pumping.put([noted(n) for n in range(5)])

    await pumping.run()

    assert (pumping.numbers(), pumping.committed_to) == ([], 5)


async def test_leftovers_are_published_before_the_first_batch(pumping: PumpPumping) -> None:
    pumping.effects = standing = Standing(pumping.broker, {})
    await pumping.put([noted(n) for n in range(5)])

    await pumping.run()

    assert standing.asked[:2] == ["drain", "once"]


async def test_a_store_beyond_the_end_of_its_topic_refuses_to_run(pumping: PumpPumping) -> None:
    pumping.effects = Standing(pumping.broker, {(READ.name, 0): 9})
    await pumping.put([noted(n) for n in range(5)])

    with pytest.raises(RecreatedTopic):
        await pumping.run()


async def test_a_quiet_topic_passes_its_ticks_on(pumping: PumpPumping) -> None:
    tick = PipelineTick(event_id="tick", occurred_at=MONDAY, received_before=MONDAY)
    await pumping.put([a_record(tick, topic=READ.name)])

    await pumping.run()

    (passed_on,) = await pumping.read(WRITTEN)
    assert msgspec.json.decode(passed_on.value or b"", type=PipelineTick).received_before == MONDAY


async def test_what_a_waiting_member_is_handed_is_read_again(
    pumping: PumpPumping, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rebalance during back-off brings partitions that nobody has paused."""
    monkeypatch.setattr(MemoryConsumer, "pause", lambda *_: None)
    failures = iter(range(3))

    def away_while_others_come() -> None:
        if next(failures, None) is not None:
            new = noted(20, partition=1)
            pumping.broker.put(new.topic, 1, key=None, value=new.value, headers=new.headers)
            raise OSError

    pumping.meet(0, away_while_others_come)
    await pumping.put([noted(0)])

    await pumping.run()

    assert pumping.numbers() == [0]
    assert [number_of(r) for r in pumping.broker.log(WRITTEN.name, 1)] == [20, 20, 20]
