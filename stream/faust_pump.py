"""How does a flow run on Faust? The same loop, over a Faust app that is read like a consumer.

Only what the loop has handled is committed; every promise is the other pump's own code.
"""

from typing import Any

from stream.aiokafka_pump import AiokafkaPump
from stream.faust_consumer import FaustConsumer
from stream.flow import Received, U, read_headers
from stream.member import KafkaSource, Member


class FaustMember(Member):
    """A member of the group whose consumer is a Faust app."""

    def _consumer_of(self, source: KafkaSource) -> FaustConsumer:
        return FaustConsumer(source)

    async def _leave(self) -> None:
        """Faust has a patience of its own, and an end."""
        await self._consumer.stop()

    def _received(self, record: Any) -> Received:
        """A Faust message; its time is in seconds, and its headers are still the record's own."""
        return Received(
            topic=record.topic.removeprefix(self._prefix),
            partition=record.partition,
            offset=record.offset,
            timestamp_ms=round(record.timestamp * 1000),
            key=record.key,
            value=record.value,
            headers=read_headers(record.headers),
        )


class FaustPump(AiokafkaPump[U]):
    """The loop of one member that reads through Faust; every promise is the other pump's own."""

    member_type = FaustMember
