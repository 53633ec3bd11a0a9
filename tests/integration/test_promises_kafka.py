"""The same promises on a real Kafka: stateless, and on the ledger of both databases."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import MetaData

from schemas.event import Topic
from stream.aiokafka_pump import AiokafkaPump
from stream.clock import parse_clock
from stream.database import open_engine
from stream.flow import Outgoing, Received
from stream.ledger import Ledger
from stream.member import KafkaSource
from stream.metrics import StreamMetrics
from stream.outbox import LedgerTables
from stream.probes import Probes
from stream.process import Direct, Kept, Process
from stream.publisher import KafkaPublisher
from stream.quarantine import Quarantine
from stream.reading import read_all
from stream.topic_admin import Cluster, create
from tests.echo import AGAIN, LETTERS, READ, WRITTEN, Echo, flow
from tests.processes import committed
from tests.promises import Acks, Promises

PATIENCE = 60
CLOCK = parse_clock("")
NOWHERE = Path("no-such-folder")


class Watching(Probes):
    """Probes that note when everything put in was handled, or stands still."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        super().__init__(monotonic)
        self.settled = asyncio.Event()
        self.turns = 0
        self.is_settled: Callable[[], bool] = lambda: False

    def turned(self) -> None:
        super().turned()
        self.turns += 1
        if self.is_settled():
            self.settled.set()


class KafkaPumping:
    def __init__(
        self,
        cluster: Cluster,
        publish: KafkaPublisher,
        effects: Kept[object],
        folder: Path = NOWHERE,
        acks: Acks | None = None,
    ) -> None:
        self.acks = acks or Acks(publish)
        self.quarantine = folder / "quarantine.yaml"
        self._cluster, self._publish, self._effects = cluster, publish, effects
        self._echo, self._stop = Echo(), asyncio.Event()
        self._ends: dict[tuple[str, int], int] = {}
        self._probes = Watching(CLOCK.monotonic)
        self.registry = CollectorRegistry()
        self._metrics = StreamMetrics(self.registry, "probe", "test")

    def meet(self, number: int, what: Callable[[], None]) -> None:
        self._echo.on[number] = what

    async def put(self, records: Sequence[Outgoing]) -> None:
        offsets = await self._publish(records)
        for record, offset in zip(records, offsets, strict=True):
            self._ends[record.topic, record.partition] = offset + 1

    @property
    def turns(self) -> int:
        return self._probes.turns

    @turns.setter
    def turns(self, count: int) -> None:
        self._probes.turns = count

    def end(self) -> None:
        self._stop.set()

    async def committed(self) -> int:
        return (await committed(self._cluster, "probe", READ))[0]

    async def run(self) -> None:
        self._stop.clear()
        probes = self._probes
        probes.settled.clear()
        process = Process(
            flow(self._echo),
            effects=self._effects,
            letters=LETTERS,
            quarantine=Quarantine(str(self.quarantine)),
            metrics=self._metrics,
        )
        source = KafkaSource(
            bootstrap=self._cluster.bootstrap,
            prefix=self._cluster.prefix,
            group=f"{self._cluster.prefix}.probe",
        )
        pump = AiokafkaPump(process, self._effects, source=source, probes=probes, clock=CLOCK)
        probes.is_settled = lambda: all(
            where in pump.stopped or pump.handled.get(where, 0) >= end
            for where, end in self._ends.items()
        )
        running = asyncio.create_task(pump.run(self._stop))
        settled = asyncio.create_task(probes.settled.wait())
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait({running, settled}, return_when=asyncio.FIRST_COMPLETED)
            self._stop.set()
            await running
        settled.cancel()

    async def read(self, topic: Topic) -> list[Received]:
        return await read_all(self._cluster, topic)


@pytest.fixture
async def publish(cluster: Cluster) -> AsyncIterator[KafkaPublisher]:
    await create(cluster, (READ, AGAIN, WRITTEN, LETTERS))
    metrics = StreamMetrics(CollectorRegistry(), "probe", "test")
    async with KafkaPublisher(cluster, cluster.prefix, metrics) as publisher:
        yield publisher


class TestStateless(Promises):
    @pytest.fixture
    def pumping(self, cluster: Cluster, publish: KafkaPublisher, tmp_path: Path) -> KafkaPumping:
        acks = Acks(publish)
        return KafkaPumping(cluster, publish, Direct(acks), tmp_path, acks)


class TestOnTheLedger(Promises):
    @pytest.fixture
    async def pumping(
        self, cluster: Cluster, publish: KafkaPublisher, database_url: str, tmp_path: Path
    ) -> AsyncIterator[KafkaPumping]:
        engine, metadata = open_engine(database_url), MetaData()
        tables = LedgerTables(metadata, "probe")
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        metrics = StreamMetrics(CollectorRegistry(), "probe", "test")
        acks = Acks(publish)
        ledger = Ledger(engine, tables, acks, metrics)
        yield KafkaPumping(cluster, publish, ledger, tmp_path, acks)
        await engine.dispose()
