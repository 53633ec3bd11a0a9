"""The promises on the pump of the services, with a broker in memory; and when it commits.

The inputs that break the easy version: a member that is stopped while its batch waits for a
dependency; a batch that another replica had already; a store that knows more than the group.
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
from stream.failures import Fenced
from stream.flow import Outgoing, Publish, Received, Where
from stream.member import KafkaSource
from stream.memory_pump import MemoryBroker
from stream.metrics import StreamMetrics
from stream.probes import Probes
from stream.process import Direct, Process, Work
from stream.quarantine import Quarantine
from tests.builders import MONDAY, a_record
from tests.promises import LETTERS, READ, WRITTEN, Echo, Promises, flow, noted, number_of
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


class PumpPumping:
    """A member over a broker in memory; each run is a new process of the same group."""

    def __init__(self, folder: Path) -> None:
        self.quarantine = folder / "quarantine.yaml"
        self.broker, self._echo = MemoryBroker(), Echo()
        self.effects = Direct(self.broker)
        self.committed: dict[TopicPartition, int] = {}
        self.stop = asyncio.Event()

    def meet(self, number: int, what: Callable[[], None]) -> None:
        self._echo.on[number] = what

    async def put(self, records: Sequence[Outgoing]) -> None:
        await self.broker(records)

    async def read(self, topic: Topic) -> list[Received]:
        return self.broker.log(topic.name)

    async def run(self) -> None:
        self.stop.clear()
        clock = Stepping(start=MONDAY, real_start=MONDAY)
        process = Process(
            flow(self._echo),
            effects=self.effects,
            letters=LETTERS,
            quarantine=Quarantine(str(self.quarantine)),
            metrics=StreamMetrics(CollectorRegistry(), "probe", "test"),
        )
        pump = AiokafkaPump(
            process,
            self.effects,
            source=KafkaSource(bootstrap="nowhere", prefix=PREFIX, group="probe"),
            probes=Watching(clock.monotonic, lambda: self._stop_if_settled(pump)),
            clock=clock,
        )
        async with asyncio.timeout(20):
            await pump.run(self.stop)

    def _stop_if_settled(self, pump: AiokafkaPump[object]) -> None:
        ends = {(r.topic, r.partition): r.offset + 1 for r in self.broker.log(READ.name)}
        if all(w in pump.stopped or pump.handled.get(w, 0) >= end for w, end in ends.items()):
            self.stop.set()

    @property
    def committed_to(self) -> int | None:
        """What the group has committed of the first partition."""
        return self.committed.get(TopicPartition(f"{PREFIX}.{READ.name}", 0))

    def numbers(self) -> list[int]:
        """What came out of the first partition."""
        return [number_of(received) for received in self.broker.log(WRITTEN.name, 0)]


@pytest.fixture
def pumping(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> PumpPumping:
    made = PumpPumping(tmp_path)
    consumer = partial(MemoryConsumer, made.broker, made.committed)
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


async def test_a_batch_waits_in_place_until_its_dependency_is_back(pumping: PumpPumping) -> None:
    failures = iter(range(9))

    def away() -> None:
        if next(failures, None) is not None:
            raise OSError

    pumping.meet(0, away)
    await pumping.put([noted(n) for n in range(3)])

    await pumping.run()

    assert pumping.numbers() == [0, 1, 2]
    assert await pumping.read(LETTERS) == []


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


async def test_the_store_wins_over_what_the_group_committed(pumping: PumpPumping) -> None:
    pumping.effects = Standing(pumping.broker, {(READ.name, 0): 3})
    await pumping.put([noted(n) for n in range(5)])

    await pumping.run()

    assert pumping.numbers() == [3, 4]


async def test_a_group_behind_its_store_is_brought_up_to_it(pumping: PumpPumping) -> None:
    pumping.effects = Standing(pumping.broker, {(READ.name, 0): 5})
    await pumping.put([noted(n) for n in range(5)])

    await pumping.run()

    assert pumping.committed_to == 5


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


async def test_a_stopped_partition_goes_on_when_its_record_is_set_aside(
    pumping: PumpPumping,
) -> None:
    def fails_until_somebody_looks() -> None:
        place = f"- {{topic: {READ.name}, partition: 0, offset: 4}}\n"
        pumping.quarantine.write_text(place)
        raise RuntimeError("a bug")

    pumping.meet(4, fails_until_somebody_looks)
    await pumping.put([noted(n) for n in range(8)])

    await pumping.run()

    assert sorted(set(pumping.numbers())) == [0, 1, 2, 3, 5, 6, 7]
    assert pumping.committed_to == 8


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
