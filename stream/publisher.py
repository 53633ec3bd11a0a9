"""How does an event reach the broker? Idempotent, acked by all, on the partition it names."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from types import TracebackType

from aiokafka import AIOKafkaProducer

from stream.flow import Outgoing
from stream.metrics import StreamMetrics

STOP_SECONDS = 2.0


class KafkaPublisher:
    """The one producer of a process; ``linger_ms=0`` since the batch already groups (faust.md)."""

    def __init__(self, bootstrap: str, prefix: str, metrics: StreamMetrics) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            client_id=f"otklik-{metrics.service}",
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_request_size=2_000_000,
        )
        self._prefix, self._metrics = prefix, metrics

    async def __aenter__(self) -> "KafkaPublisher":
        await self._producer.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(TimeoutError):  # it hangs while the broker is away (P11)
            await asyncio.wait_for(self._producer.stop(), STOP_SECONDS)

    async def __call__(self, outputs: Sequence[Outgoing]) -> Sequence[int]:
        """Send in order and await every ack; raises the broker's error where one is missing."""
        futures = [
            await self._producer.send(
                f"{self._prefix}.{out.topic}",
                value=out.value,
                key=out.key,
                partition=out.partition,
                headers=list(out.headers),
            )
            for out in outputs
        ]
        acks = await asyncio.gather(*futures)
        for topic, count in Counter(out.topic for out in outputs).items():
            self._metrics.records.labels(self._metrics.service, topic, "out").inc(count)
        return [ack.offset for ack in acks]
