"""How does a process take part in a consumer group? Offsets, pauses and lag of what it owns."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from aiokafka.structs import ConsumerRecord

from stream.broker import Broker, broker_of
from stream.flow import Received, Where, read_headers
from stream.settings import StreamSettings

LOG = logging.getLogger(__name__)

BATCH = 200
COMMIT_SECONDS = 2.0
"""aiokafka tries a commit for as long as the broker is away; the loop must go on turning."""
LEAVE_SECONDS = 1.5


class KafkaSource(Broker, frozen=True, kw_only=True):
    """Which cluster, installation and group a pump reads as; times in milliseconds.

    Without a prefix the topics are another installation's, by their full names.
    """

    prefix: str
    group: str
    session_ms: int = 10_000


def source_of(settings: StreamSettings, service: str) -> KafkaSource:
    """What a service reads as; raises ``BadSettings``."""
    reached, prefix = broker_of(settings), settings.topic_prefix
    return KafkaSource(
        bootstrap=reached.bootstrap,
        security=reached.security,
        prefix=prefix,
        group=f"{prefix}.{service}",
    )


class Member(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """One member of a group; speaks of topics by the table's names."""

    def __init__(self, source: KafkaSource, topics: Sequence[str]) -> None:
        self._prefix = f"{source.prefix}." if source.prefix else ""
        self._topics = [self._prefix + topic for topic in topics]
        self._done: dict[Where, int] = {}
        self.newly_assigned = False
        self.rebalances = 0
        self._consumer = self._consumer_of(source)

    def _consumer_of(self, source: KafkaSource) -> Any:
        """What polls, seeks and commits for this member."""
        return AIOKafkaConsumer(
            **source.arguments(),
            group_id=source.group,
            client_id=source.group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            partition_assignment_strategy=(RangePartitionAssignor,),
            session_timeout_ms=source.session_ms,
            heartbeat_interval_ms=source.session_ms // 4,
            max_partition_fetch_bytes=4_000_000,
        )

    async def start(self) -> None:
        """Join the group; raises where the broker or its authorisation says no."""
        await self._consumer.start()
        self._consumer.subscribe(self._topics, listener=self)

    async def stop(self) -> None:
        """Commit what is done and leave the group, within the time that there is."""
        try:
            await self.commit()
        finally:  # a Faust that is not stopped swallows the end of its loop: a process for ever
            await self._leave()

    async def _leave(self) -> None:
        await leave(self._consumer)

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Called by aiokafka between polls; commits, and raises nothing (it would be swallowed)."""
        await self.commit()

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Called by aiokafka; the loop does the work before its next batch.

        What was done in an earlier assignment may lie behind what others did since.
        """
        self._done = {}
        self.newly_assigned = True
        self.rebalances += 1

    def owned(self) -> set[Where]:
        """The partitions that this member has now."""
        return {self._where(tp) for tp in self._consumer.assignment()}

    async def poll(self, seconds: float) -> Mapping[Where, Sequence[Received]]:
        """Records that came within so many seconds, in order per partition."""
        got = await self._consumer.getmany(timeout_ms=int(seconds * 1000), max_records=BATCH)
        return {
            self._where(tp): [self._received(record) for record in records]
            for tp, records in got.items()
        }

    def seek(self, offsets: Mapping[Where, int]) -> None:
        """Read on from there, as far as the partitions are still ours."""
        for where in offsets.keys() & self.owned():
            self._consumer.seek(self._partition(where), offsets[where])

    def give_back(self, got: Mapping[Where, Sequence[Received]]) -> None:
        """Take nothing of what was handed: it will be read again."""
        self.seek({where: records[0].offset for where, records in got.items()})

    def pause(self, wheres: set[Where]) -> None:
        """Fetch no more of these."""
        self._consumer.pause(*map(self._partition, wheres & self.owned()))

    def resume(self, wheres: set[Where]) -> None:
        """Fetch these again."""
        self._consumer.resume(*map(self._partition, wheres & self.owned()))

    def done(self, where: Where, next_offset: int) -> None:
        """Note what the next commit may say."""
        self._done[where] = next_offset

    async def commit(self) -> bool:
        """Commit what is done; a refusal is no failure, the new owner repeats the batch."""
        done, self._done = self._done, {}
        still = {self._partition(w): done[w] for w in done.keys() & self.owned()}
        if not still:
            return False
        try:
            await asyncio.wait_for(self._consumer.commit(still), COMMIT_SECONDS)
        except (CommitFailedError, IllegalStateError):
            LOG.info("commit refused, the group has moved on")
            return False
        except (OSError, KafkaError) as error:  # also of a Faust whose thread has ended
            LOG.warning("commit failed", extra={"error": type(error).__name__})
            self._done = {**done, **self._done}
            return False
        return True

    async def ends(self, wheres: Sequence[Where]) -> Mapping[Where, int]:
        """Where the partitions end on the broker."""
        ends = await self._consumer.end_offsets(list(map(self._partition, wheres)))
        return {self._where(tp): offset for tp, offset in ends.items()}

    async def left(self) -> Mapping[Where, int]:
        """How many records were not read yet, as the last fetch saw it; none before a fetch."""
        left: dict[Where, int] = {}
        for tp in self._consumer.assignment():
            end = self._consumer.highwater(tp)
            if end is not None:
                left[self._where(tp)] = max(0, end - await self._consumer.position(tp))
        return left

    def _where(self, tp: TopicPartition) -> Where:
        return tp.topic.removeprefix(self._prefix), tp.partition

    def _partition(self, where: Where) -> TopicPartition:
        return TopicPartition(self._prefix + where[0], where[1])

    def _received(self, record: ConsumerRecord) -> Received:
        return Received(
            topic=record.topic.removeprefix(self._prefix),
            partition=record.partition,
            offset=record.offset,
            timestamp_ms=record.timestamp,
            key=record.key,
            value=record.value,
            headers=read_headers(record.headers),
        )


async def leave(consumer: AIOKafkaConsumer) -> None:
    """Leave the group; where the broker does not answer, only hang up.

    As a task of its own: without a broker aiokafka's ``stop`` may end as if it had been cancelled.
    """
    stopping = asyncio.ensure_future(consumer.stop())
    await asyncio.wait({stopping}, timeout=LEAVE_SECONDS)
    if not stopping.done() or stopping.cancelled() or stopping.exception():
        LOG.info("the group was not left, it will notice")
        stopping.cancel()
        await consumer._client.close()  # noqa: SLF001 - its ``stop`` returns at once a second time
