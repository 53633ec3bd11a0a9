"""How does an event reach the broker? Idempotent, acked by all, on the partition it names.

An idempotent producer never gives up by itself. So we do, in time for the probe and for SIGTERM,
and what is still on its way is then waited for again, not sent again.
"""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable, Sequence
from types import TracebackType
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from stream.broker import Broker
from stream.flow import Outgoing
from stream.metrics import StreamMetrics

ACK_SECONDS = 3.0
STOP_SECONDS = 2.0
MANY = 8
"""From so many records of a partition on they go as one: an ack for each costs more than they do.

Fewer go one by one, so that those of several callers share a request.
"""
BATCH_BYTES = 250_000
"""A step's records of a partition in one request; a broker takes a million by default."""

_OnItsWay = tuple[asyncio.Future[Any], int]
"""The ack that a record waits for, and how many records stand before it there."""


class KafkaPublisher:
    """The one producer of a process; ``linger_ms=0`` since the batch already groups (faust.md)."""

    def __init__(self, broker: Broker, prefix: str, metrics: StreamMetrics) -> None:
        self._producer = AIOKafkaProducer(
            **broker.arguments(),
            client_id=f"otklik-{metrics.service}",
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=BATCH_BYTES,
            max_request_size=2_000_000,
        )
        self._bootstrap, self._prefix, self._metrics = broker.bootstrap, prefix, metrics
        self._late: dict[Outgoing, _OnItsWay] = {}

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
        ways: list[_OnItsWay | None] = [self._late.pop(out, None) for out in outputs]
        try:
            async with asyncio.timeout(ACK_SECONDS):
                for of_one in _by_partition(outputs, ways):
                    async for number, way in self._sent(outputs, of_one):
                        ways[number] = way
                acks = {way[0] for way in ways if way}
                await asyncio.wait(acks, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            sent = zip(outputs, ways, strict=True)
            self._late = {out: way for out, way in sent if way and not way[0].done()}
        offsets = [way[0].result().offset + way[1] for way in ways if way and way[0].done()]
        for topic, count in Counter(out.topic for out in outputs).items():
            self._metrics.records.labels(self._metrics.service, topic, "out").inc(count)
        return offsets

    async def _sent(
        self, outputs: Sequence[Outgoing], numbers: Sequence[int]
    ) -> AsyncIterator[tuple[int, _OnItsWay]]:
        """Send these of the outputs, all of one partition, and say of each what to wait for."""
        if len(numbers) < MANY:
            for number in numbers:
                yield number, (await self._send(outputs[number]), 0)
            return
        left = deque(numbers)
        while left:
            batch, count = self._producer.create_batch(), 0
            first = outputs[left[0]]
            while count < len(left) and _taken(batch, outputs[left[count]]):
                count += 1
            ack = await self._producer.send_batch(
                batch, f"{self._prefix}.{first.topic}", partition=first.partition
            )
            for place in range(count):
                yield left.popleft(), (ack, place)

    async def _send(self, out: Outgoing) -> asyncio.Future[Any]:
        return await self._producer.send(  # type: ignore[no-any-return]  # aiokafka ships no types
            f"{self._prefix}.{out.topic}",
            value=out.value,
            key=out.key,
            partition=out.partition,
            headers=list(out.headers),
        )


def _by_partition(
    outputs: Sequence[Outgoing], ways: Sequence[_OnItsWay | None]
) -> Iterable[Sequence[int]]:
    """The numbers of those that are not on their way, in order within each partition."""
    apart: dict[tuple[str, int], list[int]] = {}
    for number, (out, way) in enumerate(zip(outputs, ways, strict=True)):
        if way is None:
            apart.setdefault((out.topic, out.partition), []).append(number)
    return apart.values()


def _taken(batch: Any, out: Outgoing) -> bool:
    """Does the record go with this batch, or is that full?"""
    took = batch.append(timestamp=None, key=out.key, value=out.value, headers=list(out.headers))
    return took is not None
