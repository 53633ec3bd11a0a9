"""One member of a group that runs on Faust, for the suites that need more than one."""

import asyncio
from collections.abc import Callable

import pytest
from prometheus_client import CollectorRegistry

from stream.faust_pump import FaustPump
from stream.flow import Publish
from stream.member import KafkaSource
from stream.metrics import StreamMetrics
from stream.process import Direct, Process
from stream.topic_admin import Cluster
from tests.echo import LETTERS, Echo, flow
from tests.integration import test_promises_kafka as kafka
from tests.integration.test_promises_kafka import CLOCK, PATIENCE, Watching

STOP_PATIENCE = 10


@pytest.fixture(autouse=True)
def on_faust(monkeypatch: pytest.MonkeyPatch) -> None:
    """The promises' pumping on Faust; one that does not stop fails its test, not the whole run."""

    def exited(_: int) -> None:
        raise AssertionError("Faust did not stop")

    monkeypatch.setattr("os._exit", exited)
    monkeypatch.setattr(kafka, "AiokafkaPump", FaustPump)


class Running:
    """One more member of the group, until it is told to stop."""

    def __init__(self, cluster: Cluster, publish: Publish, echo: Echo) -> None:
        self.probes, self.stop = Watching(CLOCK.monotonic), asyncio.Event()
        self._registry = CollectorRegistry()
        metrics = StreamMetrics(self._registry, "probe", "test")
        effects = Direct(publish)
        process = Process(flow(echo), effects=effects, letters=LETTERS, metrics=metrics)
        source = KafkaSource(
            bootstrap=cluster.bootstrap, prefix=cluster.prefix, group=f"{cluster.prefix}.probe"
        )
        self.pump = FaustPump(process, effects, source=source, probes=self.probes, clock=CLOCK)
        self._task = asyncio.create_task(self.pump.run(self.stop))

    async def until(self, settled: Callable[[], bool]) -> None:
        self.probes.settled.clear()
        self.probes.is_settled = settled
        async with asyncio.timeout(PATIENCE):
            await self.probes.settled.wait()

    def retries(self) -> float:
        """How often a dependency was tried again."""
        name, labels = "otklik_dependency_retries_total", {"service": "probe"}
        return self._registry.get_sample_value(name, labels) or 0

    async def end(self) -> None:
        """Stop, and wait no longer than a process may take."""
        self.stop.set()
        await self.ended()

    async def ended(self) -> None:
        """Return when somebody has told it to stop and it has; raises what it broke on."""
        told = asyncio.create_task(self.stop.wait())
        await asyncio.wait({told, self._task}, timeout=PATIENCE, return_when="FIRST_COMPLETED")
        told.cancel()
        done, _ = await asyncio.wait({self._task}, timeout=STOP_PATIENCE)
        assert done, "it must end within ten seconds"
        await self._task
