"""What must be true after any fault? Topic, database and group agree with what was acked.

The members are processes; the account of them is kept here, outside (``tests.faults.account``).
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.local.node import free_ports
from stream.flow import Received
from stream.reading import read_all, received
from stream.topic_admin import Cluster, create
from tests.builders import a_record
from tests.faults.account import (
    by_key,
    expected_of,
    first_copies,
    kept_of,
    noted,
    outcome_of,
    partition_of,
)
from tests.faults.member import Probe
from tests.faults.probe import READ, TOPICS, WRITTEN, Noted, counted_id
from tests.faults.stored import stored
from tests.processes import PATIENCE, by_id, committed, group_size, lag, start_module, write_records


class Story:
    """One test's records, members and account."""

    def __init__(
        self, cluster: Cluster, folder: Path, outputs: AIOKafkaConsumer, settings: Mapping[str, str]
    ) -> None:
        self.cluster, self._folder, self._outputs = cluster, folder, outputs
        self._settings = dict(settings)
        self.database = self._settings.get("DATABASE_URL", "")
        self.acked: list[Noted] = []
        self.came: list[Received] = []
        self.members: list[Probe] = []
        self._started = 0

    def start(self, **settings: str) -> Probe:
        """One more member."""
        self._started += 1
        log = self._folder / f"probe-{self._started}.log"
        port = str(free_ports().client)
        settings = {**self._settings, "PORT": port, **settings}
        child = start_module("tests.faults.probe", "serve", self.cluster, log, **settings)
        member = Probe(child, log, f"http://127.0.0.1:{port}")
        self.members.append(member)
        return member

    def kill(self, member: Probe) -> None:
        """SIGKILL."""
        member.child.kill()
        self.members.remove(member)

    def terminate(self, member: Probe) -> int:
        """SIGTERM; returns the exit code."""
        member.child.terminate()
        self.members.remove(member)
        return member.ended()

    async def load(self, count: int) -> None:
        """Write records, in the order of their key, and note what is acked."""
        start = len(self.acked)
        notes = [noted(n) for n in range(start, start + count)]
        records = [
            a_record(note, topic=READ.name, partition=partition_of(note, self.cluster.partitions))
            for note in notes
        ]
        await write_records(self.cluster, records)
        self.acked += notes

    async def flows(self, count: int = 1) -> None:
        """Wait until so many more outputs have come: the members are at work."""
        want = len(self.came) + count
        await self.until(lambda: len(self.came) >= want)

    async def at_work(self) -> None:
        """Wait until outputs come, then hold the members: work is in hand, and stays so."""
        await self.flows()
        for member in self.members:
            await member.ready()
        self.hold()
        assert await lag(self.cluster, "probe", READ) > 0, "the fault must land with work in hand"

    async def goes_on(self) -> None:
        """After a fault: the group had work in hand, and commits more of it."""
        waiting = await lag(self.cluster, "probe", READ)
        assert waiting > 0, "the fault must land with work in hand"
        async with asyncio.timeout(PATIENCE):
            while await lag(self.cluster, "probe", READ) >= waiting:
                await self.read_on()

    def hold(self) -> None:
        """Let no member go on for a moment, so that what is seen from outside is so."""
        for member in self.members:
            member.child.signal(signal.SIGSTOP)

    def release(self) -> None:
        """Let them go on."""
        for member in self.members:
            member.child.signal(signal.SIGCONT)

    async def grouped(self, count: int) -> None:
        """Wait until so many members share the partitions; 0 once the last was let go."""
        async with asyncio.timeout(PATIENCE):
            while await group_size(self.cluster, "probe") != count:
                await self.read_on()

    async def until(self, enough: Callable[[], bool]) -> None:
        """Read what comes out until it is enough."""
        async with asyncio.timeout(PATIENCE):
            while not enough():
                await self.read_on()

    async def read_on(self) -> None:
        """Read what has come out meanwhile."""
        for records in (await self._outputs.getmany(timeout_ms=200)).values():
            self.came += [received(WRITTEN, record) for record in records]

    async def done(self) -> None:
        """Wait until every output is there and the group has committed all."""
        ids = {counted_id(note) for note in self.acked}
        await self.until(lambda: ids <= by_id(self.came).keys())
        async with asyncio.timeout(PATIENCE):
            while await lag(self.cluster, "probe", READ):
                await self.read_on()

    async def holds(self) -> None:
        """Nothing lost, invented, recomputed, reordered or left over."""
        await self.done()
        self.came = await read_all(self.cluster, WRITTEN)
        found = by_id(self.came)
        expected = expected_of(self.acked, keeps=bool(self.database))
        assert found.keys() == expected.keys()
        assert [event_id for event_id, values in found.items() if len(values) > 1] == []
        counted = {id_: outcome_of(value) for id_, (value,) in found.items()}
        assert counted == expected
        assert first_copies(self.came) == by_key(self.acked)
        if self.database:
            found_there = await stored(self.database)
            assert found_there.keys == kept_of(self.acked)
            assert found_there.waiting == 0

    async def committed(self) -> Mapping[int, int]:
        """What the group has committed of each partition, as the broker knows it."""
        return await committed(self.cluster, "probe", READ)

    def repeated(self) -> int:
        """How many outputs came more than once."""
        return len(self.came) - len(by_id(self.came))


@asynccontextmanager
async def story_of(
    cluster: Cluster, folder: Path, settings: Mapping[str, str]
) -> AsyncIterator[Story]:
    """A story that ends all its members."""
    await create(cluster, TOPICS)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=cluster.bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    name = WRITTEN.under(cluster.prefix)
    consumer.assign([TopicPartition(name, number) for number in range(cluster.partitions)])
    story = Story(cluster, folder, consumer, settings)
    try:
        yield story
    finally:
        await consumer.stop()
        for member in story.members:
            member.child.kill()
