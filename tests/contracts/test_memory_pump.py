"""The promises on the memory pump, for the fast tests and the command lines."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from schemas.event import Topic
from stream.failures import Flooded, StoppedOnBug
from stream.flow import Outgoing, Received
from stream.memory_pump import MemoryBroker, MemoryPump
from stream.metrics import StreamMetrics
from stream.process import Direct, Process
from stream.quarantine import Quarantine
from tests.promises import LETTERS, Echo, Promises, flow


class MemoryPumping:
    def __init__(self, folder: Path) -> None:
        self.quarantine = folder / "quarantine.yaml"
        self._broker, self._echo = MemoryBroker(), Echo()
        effects = Direct(self._broker)
        process = Process(
            flow(self._echo),
            effects=effects,
            letters=LETTERS,
            quarantine=Quarantine(str(self.quarantine)),
            metrics=StreamMetrics(CollectorRegistry(), "probe", "test"),
        )
        self._pump = MemoryPump(process, effects, self._broker)

    def meet(self, number: int, what: Callable[[], None]) -> None:
        self._echo.on[number] = what

    async def put(self, records: Sequence[Outgoing]) -> None:
        await self._broker(records)

    async def run(self) -> None:
        await self._pump.run_until_idle()
        assert all(
            isinstance(error, StoppedOnBug | Flooded) for error in self._pump.stopped.values()
        )

    async def read(self, topic: Topic) -> list[Received]:
        return self._broker.log(topic.name)


@pytest.fixture
def pumping(tmp_path: Path) -> MemoryPumping:
    return MemoryPumping(tmp_path)


class TestMemoryPump(Promises):
    pass
