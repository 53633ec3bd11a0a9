"""aiokafka's consumer over lists: legal, since the promises run on it and on the real one."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.structs import ConsumerRecord

from stream.flow import Received
from stream.memory_pump import MemoryBroker

PREFIX, PARTITIONS = "t", 3


class MemoryConsumer:
    """Alone in its group; what it commits outlives it."""

    def __init__(
        self, broker: MemoryBroker, committed: dict[TopicPartition, int], **_: Any
    ) -> None:
        self._broker, self._committed = broker, committed
        self._wanted: list[TopicPartition] = []
        self._listener: ConsumerRebalanceListener | None = None
        self._at: dict[TopicPartition, int] = {}
        self._paused: set[TopicPartition] = set()

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        self._at = {}

    def subscribe(self, topics: Sequence[str], *, listener: ConsumerRebalanceListener) -> None:
        self._wanted = [TopicPartition(topic, n) for topic in topics for n in range(PARTITIONS)]
        self._listener = listener

    def assignment(self) -> set[TopicPartition]:
        return set(self._at)

    async def getmany(
        self, *, timeout_ms: int, max_records: int
    ) -> Mapping[TopicPartition, Sequence[ConsumerRecord]]:
        await asyncio.sleep(0)
        if not self._at and self._listener:
            self._at = {tp: self._committed.get(tp, 0) for tp in self._wanted}
            await self._listener.on_partitions_assigned(set(self._at))
        got: dict[TopicPartition, Sequence[ConsumerRecord]] = {}
        for tp in self._at.keys() - self._paused:
            records = self._log(tp)[self._at[tp] :][:max_records]
            if records:
                self._at[tp] += len(records)
                got[tp] = [_record(tp, received) for received in records]
        return got

    def seek(self, tp: TopicPartition, offset: int) -> None:
        self._at[tp] = offset

    def pause(self, *partitions: TopicPartition) -> None:
        self._paused |= set(partitions)

    def resume(self, *partitions: TopicPartition) -> None:
        self._paused -= set(partitions)

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        self._committed.update(offsets)

    async def end_offsets(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        return {tp: len(self._log(tp)) for tp in partitions}

    def highwater(self, tp: TopicPartition) -> int:
        return len(self._log(tp))

    async def position(self, tp: TopicPartition) -> int:
        return self._at[tp]

    def _log(self, tp: TopicPartition) -> list[Received]:
        return self._broker.log(tp.topic.removeprefix(f"{PREFIX}."), tp.partition)


def _record(tp: TopicPartition, received: Received) -> ConsumerRecord:
    return ConsumerRecord(
        topic=tp.topic,
        partition=tp.partition,
        offset=received.offset,
        timestamp=received.timestamp_ms,
        timestamp_type=0,
        key=received.key,
        value=received.value,
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=received.headers,
    )
