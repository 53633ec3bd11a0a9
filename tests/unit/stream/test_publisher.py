"""A publish returns when every ack is there, and not before.

The inputs that break the easy version: an ack that never comes, an ack that is refused in the
middle of others, and acks that come in another order; more records than one request takes.
"""

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaTimeoutError
from prometheus_client import CollectorRegistry

from stream.broker import Broker
from stream.flow import Outgoing
from stream.metrics import StreamMetrics
from stream.publisher import KafkaPublisher
from tests.echo import READ, noted


class Acked:
    """What the broker says of a record it has."""

    def __init__(self, offset: int) -> None:
        self.offset = offset


class Few:
    """aiokafka's batch, which here is full with ten."""

    def __init__(self) -> None:
        self.values: list[bytes] = []

    def append(self, *, value: bytes, **_: Any) -> object | None:
        if len(self.values) == 10:
            return None
        self.values.append(value)
        return object()


class Holding:
    """aiokafka's producer, whose acks come when the test gives them."""

    def __init__(self) -> None:
        self.settings: dict[str, Any] = {}
        self.acks: list[asyncio.Future[Acked]] = []
        self.sent: list[tuple[str, int]] = []
        self.batches: list[list[bytes]] = []

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def send(self, topic: str, *, partition: int, **_: Any) -> asyncio.Future[Acked]:
        self.sent.append((topic, partition))
        self.acks.append(asyncio.get_running_loop().create_future())
        return self.acks[-1]

    def create_batch(self) -> Few:
        return Few()

    async def send_batch(self, batch: Few, topic: str, *, partition: int) -> asyncio.Future[Acked]:
        self.batches.append(batch.values)
        return await self.send(topic, partition=partition)


@pytest.fixture
def producer(monkeypatch: pytest.MonkeyPatch) -> Holding:
    made = Holding()

    def make(**settings: Any) -> Holding:
        made.settings = settings
        return made

    monkeypatch.setattr("stream.publisher.AIOKafkaProducer", make)
    return made


def a_publisher() -> KafkaPublisher:
    metrics = StreamMetrics(CollectorRegistry(), "probe", "test")
    return KafkaPublisher(Broker(bootstrap="nowhere"), "t", metrics)


async def publishing(producer: Holding, outputs: list[Outgoing]) -> "asyncio.Task[Any]":
    """A publish that has sent all it has."""
    publish = a_publisher()

    async def all_of_them() -> object:
        async with publish:
            return await publish(outputs)

    task = asyncio.create_task(all_of_them())
    await turns()
    assert len(producer.acks) == len(outputs) - sum(len(some) - 1 for some in producer.batches)
    return task


async def turns() -> None:
    """Let whatever can run, run."""
    for _ in range(20):
        await asyncio.sleep(0)  # a turn of the loop; no time passes


async def test_it_returns_when_every_ack_is_there_and_not_before(producer: Holding) -> None:
    task = await publishing(producer, [noted(n, partition=n) for n in range(3)])
    producer.acks[2].set_result(Acked(7))
    producer.acks[0].set_result(Acked(5))
    await turns()
    assert not task.done()

    producer.acks[1].set_result(Acked(6))

    assert await task == [5, 6, 7]
    assert producer.sent == [("t.noted.v1", 0), ("t.noted.v1", 1), ("t.noted.v1", 2)]


async def test_many_of_a_partition_go_as_few_in_order_each_with_its_offset(
    producer: Holding,
) -> None:
    outputs = [noted(n, partition=n % 2) for n in range(26)]
    task = await publishing(producer, [*outputs, noted(99, partition=2)])
    for offset, ack in zip((100, 110, 200, 210, 300), producer.acks, strict=True):
        ack.set_result(Acked(offset))

    of_each = [offset + n // 2 for n in range(26) for offset in [(100, 200)[n % 2]]]
    assert await task == [*of_each, 300]
    assert producer.sent == [(f"t.{READ.name}", n) for n in (0, 0, 1, 1, 2)]
    values = [value for some in producer.batches for value in some]
    assert values == [out.value for out in (*outputs[::2], *outputs[1::2])]


async def test_one_missing_ack_fails_the_whole_publish(producer: Holding) -> None:
    task = await publishing(producer, [noted(n) for n in range(3)])
    producer.acks[0].set_result(Acked(0))
    producer.acks[1].set_exception(KafkaTimeoutError())
    producer.acks[2].set_result(Acked(1))

    with pytest.raises(KafkaTimeoutError):
        await task


async def test_what_is_on_its_way_is_waited_for_again_not_sent_again(
    producer: Holding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stream.publisher.ACK_SECONDS", 0.0)
    publish = a_publisher()
    outputs = [noted(n) for n in range(3)]

    for _ in range(3):
        given_up = asyncio.create_task(publish(outputs))
        await turns()
        assert given_up.done()
        assert isinstance(given_up.exception(), TimeoutError)
    monkeypatch.setattr("stream.publisher.ACK_SECONDS", 60.0)
    last = asyncio.create_task(publish(outputs))
    await turns()
    for offset, ack in enumerate(producer.acks):
        ack.set_result(Acked(offset))

    assert await last == [0, 1, 2]
    assert len(producer.sent) == 3


def test_every_replica_acks_and_a_resend_is_no_second_record(producer: Holding) -> None:
    """One broker cannot show what ``acks=1`` would lose, so the settings are asked for."""
    a_publisher()

    assert producer.settings["acks"] == "all"
    assert producer.settings["enable_idempotence"] is True
