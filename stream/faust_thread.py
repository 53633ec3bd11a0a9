"""How does Faust's own thread start, answer and end? Never for ever, whatever the broker does.

Faust joins it on the loop and without a limit, waits for answers of a thread that has ended, and
keeps the interpreter from ending with it.
"""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from faust.transport.drivers import aiokafka as driver
from mode.threads import WorkerThread

from stream.member import leave

FAUST = logging.getLogger("faust")
"""What Faust says of our classes is Faust's, and as quiet as the rest of it."""

CALL_SECONDS = 30.0
"""How long the thread may take to answer; one that has ended never does."""

ANSWER_SECONDS = 0.5
"""How long a thread that ends goes on answering what it was asked before."""


class _Worker(WorkerThread):
    """A thread that lets the interpreter end, and whose end the loop need not stand still for."""

    def __init__(self, service: Any, **named: Any) -> None:
        super().__init__(service, **named)
        self.daemon = True
        self._ended = asyncio.Event()

    def stop(self) -> None:
        """Faust would join here, on the loop, for ever; see ``FaustThread.stop``."""

    def _set_stopped(self) -> None:
        super()._set_stopped()
        with contextlib.suppress(RuntimeError):  # the loop has closed, nobody waits
            self.service.parent_loop.call_soon_threadsafe(self._ended.set)

    async def ended(self) -> None:
        """Return once the thread has nothing left to do."""
        await self._ended.wait()


class FaustThread(driver.AIOKafkaConsumerThread):
    """Faust's thread with aiokafka's consumer in it."""

    Worker = _Worker
    logger = FAUST

    async def on_start(self) -> None:
        """Find the broker, or stop looking when it is time to stop."""
        await self.wait(super().on_start())

    async def stop(self) -> None:
        """End the thread and wait for it, without standing still."""
        await super().stop()
        if isinstance(self._thread, _Worker):
            await self._thread.ended()

    async def on_thread_stop(self) -> None:
        """Leave the group, within the time that there is; Faust would wait for the broker.

        The queue is told to stop first: its workers swallow the cancellation that ends the thread.
        """
        queue = asyncio.ensure_future(self.method_queue.stop())
        await asyncio.wait({queue}, timeout=ANSWER_SECONDS)
        if self._consumer:
            await leave(self._consumer)

    async def call_thread(self, fun: Any, *arguments: Any, **named: Any) -> Any:
        """Ask the thread for something; raises ``OSError`` where Faust would wait for ever."""
        asked = super().call_thread(fun, *arguments, **named)
        try:
            return await asyncio.wait_for(asked, CALL_SECONDS)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task and task.cancelling():
                raise
            raise ConnectionError("Faust's thread has ended") from None
        except RuntimeError as error:
            if not self.method_queue.loop.is_closed():
                raise
            raise ConnectionError("Faust's thread has ended") from error

    def on_crash(self, msg: str, *fmt: Any, **kwargs: Any) -> None:
        """Faust would print; what broke comes out of the next poll."""

    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer:
        """Range, like the other pump: a partition number is with one member in every topic."""
        made = super()._create_worker_consumer(transport)
        made._partition_assignment_strategy = (RangePartitionAssignor,)  # noqa: SLF001 - no setting
        return made

    async def commit_now(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit and raise what the broker says; Faust's own would crash the app."""
        await self.call_thread(self._ensure_consumer().commit, offsets)
