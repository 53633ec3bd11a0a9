"""How is a Faust app read like a consumer? A record counts when it is the next of its partition.

So it does not matter what Faust skips, repeats or acks: what is missing is sought again, and what
is old is dropped.
"""

import asyncio
import contextlib
import logging
import os
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError
from faust.types import TP

from stream.faust_app import Embedded
from stream.member import KafkaSource

LOG = logging.getLogger(__name__)

STOP_SECONDS = 3.0


class Line:
    """The records of one partition that stand ready, each the next of the one before."""

    def __init__(self, start: int | None) -> None:
        self.next = start
        self.ready = deque[Any]()
        self.paused = False
        self.astray = False
        self._ahead: int | None = None

    @property
    def position(self) -> int:
        """The offset that is read next."""
        return int(self.ready[0].offset) if self.ready else self.next or 0

    def offer(self, message: Any) -> None:
        """Take the next record; what is older was had, what lies ahead is sought from ``next``.

        Records that the broker no longer has leave the same gap when they are sought again.
        """
        offset: int = message.offset
        if self.next is not None and offset < self.next:
            return
        if self.paused or self.next is None:
            self.astray = True
        elif offset in {self.next, self._ahead}:
            self.ready.append(message)
            self.next, self._ahead = offset + 1, None
        elif self._ahead is None or offset < self._ahead:
            self._ahead, self.astray = offset, True

    def read(self, count: int) -> Sequence[Any]:
        """Up to so many records, in order."""
        return [self.ready.popleft() for _ in range(min(count, len(self.ready)))]

    def seek(self, offset: int) -> None:
        """Stand there."""
        self.ready.clear()
        self.next, self._ahead, self.astray = offset, None, True


class FaustConsumer:
    """What ``Member`` asks of a consumer, answered by a Faust app in this process and loop."""

    def __init__(self, source: KafkaSource) -> None:
        self._source = source
        self._came, self._emptied = asyncio.Event(), asyncio.Event()
        self._partitions: dict[TopicPartition, Line] = {}

    async def start(self) -> None:
        """Nothing yet: Faust starts with its topics."""

    def subscribe(self, topics: Sequence[str], *, listener: ConsumerRebalanceListener) -> None:
        """Start the app; what goes wrong comes out of the next poll."""
        self._listener = listener
        self._app = Embedded(self._source, topics, self)
        self._starting = asyncio.create_task(self._app.start())

    async def stop(self) -> None:
        """Leave the group; a Faust that cannot be stopped takes the process with it."""
        self._partitions = {}
        self._emptied.set()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._app.stop()
                await asyncio.gather(self._starting, return_exceptions=True)
        except TimeoutError:
            LOG.critical("Faust did not stop; what is committed has taken hold, so nothing is lost")
            os._exit(1)

    def resumed(self, committed: Mapping[TopicPartition, int | None]) -> None:
        """An assignment stands; without any partition it is none (no right to read)."""
        self._partitions = {TopicPartition(*tp): Line(offset) for tp, offset in committed.items()}
        if self._partitions:
            self._resumed = asyncio.ensure_future(
                self._listener.on_partitions_assigned(set(self._partitions))
            )

    async def revoked(self) -> None:
        """Commit what is done while we may."""
        await self._listener.on_partitions_revoked(set(self._partitions))
        self._partitions = {}
        self._emptied.set()

    async def take(self, messages: Sequence[Any]) -> None:
        """Hold a batch until the loop has read it and asks for more."""
        await self._locate()
        for message in messages:
            partition = self._partitions.get(TopicPartition(*message.tp))
            if partition:
                partition.offer(message)
        while self._takable():
            self._emptied.clear()
            self._came.set()
            await self._emptied.wait()

    def assignment(self) -> set[TopicPartition]:
        """The partitions that are ours."""
        return set(self._partitions)

    async def getmany(
        self, *, timeout_ms: int, max_records: int
    ) -> Mapping[TopicPartition, Sequence[Any]]:
        """Records in order per partition; raises what Faust broke on."""
        await self._settle()
        if not self._takable():
            self._came.clear()
            self._emptied.set()  # all that was read is handled
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._came.wait(), timeout_ms / 1000)
        return {tp: self._partitions[tp].read(max_records) for tp in self._takable()}

    def seek(self, tp: TopicPartition, offset: int) -> None:
        """Read on from there; what Faust had fetched from elsewhere will not be the next."""
        self._partitions[tp].seek(offset)

    def pause(self, *partitions: TopicPartition) -> None:
        """Fetch no more of these; what still comes is dropped and sought again."""
        for tp in partitions:
            self._partitions[tp].paused = True
        self._app.fetching.pause_partitions({TP(*tp) for tp in partitions})

    def resume(self, *partitions: TopicPartition) -> None:
        """Fetch these again."""
        for tp in partitions:
            self._partitions[tp].paused = False
        self._app.fetching.resume_partitions({TP(*tp) for tp in partitions})

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit exactly this."""
        await self._app.fetching.commit_now(offsets)

    async def end_offsets(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        """Where the partitions end on the broker."""
        ends = await self._app.fetching.highwaters(*partitions) if partitions else {}
        return {TopicPartition(*tp): offset for tp, offset in ends.items()}

    def highwater(self, tp: TopicPartition) -> int | None:
        """Where the partition ended at the last fetch."""
        end: int | None = self._app.fetching.highwater(tp)
        return end

    async def position(self, tp: TopicPartition) -> int:
        """The offset that is read next."""
        await self._locate()
        line = self._partitions.get(tp)
        return line.position if line else 0

    def _takable(self) -> list[TopicPartition]:
        return [tp for tp, one in self._partitions.items() if one.ready and not one.paused]

    async def _locate(self) -> None:
        """Where nothing was ever committed, the first record is the next."""
        unknown = [tp for tp, one in self._partitions.items() if one.next is None]
        if unknown:
            for tp, offset in (await self._app.fetching.earliest_offsets(*unknown)).items():
                partition = self._partitions.get(tp)
                if partition and partition.next is None:
                    partition.next = offset

    async def _settle(self) -> None:
        if self._app.crashed:
            raise self._app.crash_reason or RuntimeError("Faust crashed without a reason")
        if self._starting.done():
            self._starting.result()
        await self._locate()
        for tp, partition in list(self._partitions.items()):
            if partition.astray and not partition.paused and partition.next is not None:
                partition.astray = False
                with contextlib.suppress(IllegalStateError):  # it was taken away meanwhile
                    await self._app.fetching.seek_wait({TP(*tp): partition.next})
