"""How does an event reach the broker? Idempotent, acked by all, on the partition it names.

An idempotent producer never gives up by itself. So we do, in time for the probe and for SIGTERM,
and what is still on its way is then waited for again, not sent again.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from stream.broker import Broker
from stream.flow import Outgoing
from stream.metrics import StreamMetrics

ACK_SECONDS = 3.0
STOP_SECONDS = 2.0


class KafkaPublisher:
    """The one producer of a process; ``linger_ms=0`` since the batch already groups (faust.md)."""

    def __init__(self, broker: Broker, prefix: str, metrics: StreamMetrics) -> None:
        self._producer = AIOKafkaProducer(
            **broker.arguments(),
            client_id=f"otklik-{metrics.service}",
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_request_size=2_000_000,
        )
        self._bootstrap, self._prefix, self._metrics = broker.bootstrap, prefix, metrics
        self._late: dict[Outgoing, asyncio.Future[Any]] = {}

    async def __aenter__(self) -> "KafkaPublisher":
        try:
            await self._producer.start()
        except KafkaConnectionError as error:
            await self._producer.stop()
            answer = f"expected a Kafka broker at {self._bootstrap}, none answers"
            raise ConnectionError(answer) from error
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
        if not outputs:
            return []
        futures: list[asyncio.Future[Any]] = []
        try:
            async with asyncio.timeout(ACK_SECONDS):
                for out in outputs:
                    on_its_way = self._late.pop(out, None) if self._late else None
                    futures.append(on_its_way or await self._send(out))
                await asyncio.wait(futures, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            sent = zip(outputs, futures, strict=False)
            self._late = {out: future for out, future in sent if not future.done()}
        acks = [future.result().offset for future in futures if future.done()]
        for topic, count in Counter(out.topic for out in outputs).items():
            self._metrics.records.labels(self._metrics.service, topic, "out").inc(count)
        return acks

    async def _send(self, out: Outgoing) -> asyncio.Future[Any]:
        return await self._producer.send(  # type: ignore[no-any-return]  # aiokafka ships no types
            f"{self._prefix}.{out.topic}",
            value=out.value,
            key=out.key,
            partition=out.partition,
            headers=list(out.headers),
        )
