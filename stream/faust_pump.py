"""How does a flow run on Faust? The same loop, over a Faust app that is read like a consumer.

Only what the loop has handled is committed; every promise is the other pump's own code.
"""

from collections.abc import Sequence
from typing import Any

from stream.aiokafka_pump import AiokafkaPump
from stream.clock import Clock
from stream.faust_consumer import FaustConsumer
from stream.flow import Received, U
from stream.member import KafkaSource, Member
from stream.probes import Probes
from stream.process import Kept, Process


class FaustMember(Member):
    """A member of the group whose consumer is a Faust app."""

    def __init__(self, source: KafkaSource, topics: Sequence[str]) -> None:
        self._prefix = f"{source.prefix}."
        self._topics = [self._prefix + topic for topic in topics]
        self._done = {}
        self.newly_assigned = False
        self.rebalances = 0
        self._consumer = FaustConsumer(source)

    def _received(self, record: Any) -> Received:
        """A Faust message; its time is in seconds, and its headers are still the record's own."""
        return Received(
            topic=record.topic.removeprefix(self._prefix),
            partition=record.partition,
            offset=record.offset,
            timestamp_ms=round(record.timestamp * 1000),
            key=record.key,
            value=record.value,
            headers=tuple(record.headers),
        )


class FaustPump(AiokafkaPump[U]):
    """The loop of one member that reads through Faust; every promise is the other pump's own."""

    def __init__(
        self,
        process: Process[U],
        effects: Kept[U],
        *,
        source: KafkaSource,
        probes: Probes,
        clock: Clock,
    ) -> None:
        self._process, self._effects, self._metrics = process, effects, process.metrics
        self._probes, self._clock = probes, clock
        self._member = FaustMember(source, [topic.name for topic in process.flow.reads])
        self.stopped = set()
        self.handled = {}
        self._age = {}
        self._committed_at = clock.monotonic()
