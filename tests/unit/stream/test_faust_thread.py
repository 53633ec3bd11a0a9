"""Does Faust's thread end whatever it was asked? It takes no broker to see.

The inputs that break the easy version: a question that is never answered, as a commit is while no
coordinator can be found; the one who waits for it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from aiokafka import TopicPartition
from faust.transport.drivers import aiokafka as driver

from stream.faust_app import Embedded
from stream.faust_thread import FaustThread
from stream.member import KafkaSource

PATIENCE = 4


class Nobody:
    def resumed(self, committed: Mapping[TopicPartition, int | None]) -> None:
        pass

    async def revoked(self) -> None:
        pass

    async def take(self, messages: Sequence[Any]) -> None:
        pass


async def without_a_broker(_: FaustThread) -> None:
    pass


async def never() -> None:
    await asyncio.Event().wait()


async def test_a_thread_that_was_asked_for_what_never_comes_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(driver.AIOKafkaConsumerThread, "on_start", without_a_broker)
    source = KafkaSource(bootstrap="nowhere:1", prefix="t", group="g")
    thread = Embedded(source, ["t.noted.v1"], Nobody()).fetching._thread  # noqa: SLF001 - the subject
    await thread.start()
    asked = asyncio.create_task(thread.call_thread(never))
    await thread.call_thread(asyncio.sleep, 0)

    stopping = asyncio.create_task(thread.stop())
    done, _ = await asyncio.wait({stopping}, timeout=PATIENCE)

    assert done
    with pytest.raises(ConnectionError):
        await asked


async def test_a_thread_that_has_ended_is_a_connection_that_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(driver.AIOKafkaConsumerThread, "on_start", without_a_broker)
    source = KafkaSource(bootstrap="nowhere:1", prefix="t", group="g")
    thread = Embedded(source, ["t.noted.v1"], Nobody()).fetching._thread  # noqa: SLF001 - the subject
    await thread.start()
    await thread.call_thread(asyncio.sleep, 0)
    await thread.stop()
    thread.method_queue.loop.close()

    with pytest.raises(ConnectionError):
        await thread.call_thread(asyncio.sleep, 0)
