"""The promises on the memory pump, for the fast tests and the command lines."""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError
from prometheus_client import CollectorRegistry

from schemas.event import Topic
from stream.failures import Flooded, StoppedOnBug
from stream.flow import Outgoing, Received
from stream.memory_pump import MemoryBroker, MemoryPump
from stream.metrics import StreamMetrics
from stream.process import Direct, Process
from stream.quarantine import Quarantine
from tests.echo import LETTERS, READ, Echo, flow
from tests.promises import Acks, Promises


class MemoryPumping:
    def __init__(self, folder: Path) -> None:
        self.quarantine = folder / "quarantine.yaml"
        self._broker, self._echo = MemoryBroker(), Echo()
        self.acks, self.registry = Acks(self._broker), CollectorRegistry()
        self.turns, self._ended = 0, False
        effects = Direct(self.acks)
        process = Process(
            flow(self._echo),
            effects=effects,
            letters=LETTERS,
            quarantine=Quarantine(str(self.quarantine)),
            metrics=StreamMetrics(self.registry, "probe", "test"),
        )
        self._pump = MemoryPump(process, effects, self._broker)

    def meet(self, number: int, what: Callable[[], None]) -> None:
        self._echo.on[number] = what

    async def put(self, records: Sequence[Outgoing]) -> None:
        await self._broker(records)

    async def run(self) -> None:
        """The pump's caller takes the turns: a dependency's failure comes out to it."""
        self._pump.stopped.clear()
        self._ended, idle = False, False
        while not idle and not self._ended:
            self.turns += 1
            with contextlib.suppress(OSError, KafkaError):
                await self._pump.run_until_idle()
                idle = True
        assert all(
            isinstance(error, StoppedOnBug | Flooded) for error in self._pump.stopped.values()
        )

    def end(self) -> None:
        self._ended = True

    async def committed(self) -> int:
        return self._pump.committed.get((READ.name, 0), 0)

    async def read(self, topic: Topic) -> list[Received]:
        return self._broker.log(topic.name)


@pytest.fixture
def pumping(tmp_path: Path) -> MemoryPumping:
    return MemoryPumping(tmp_path)


class TestMemoryPump(Promises):
    pass
