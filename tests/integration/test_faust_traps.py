"""What Faust does by itself and we must not feel: each test fails on a plain Faust agent.

The inputs that break the easy version: an exception out of the agent, bytes that are no text, a
publish that fails before a graceful stop, a second member, a store that knows better.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pytest
from aiokafka.errors import KafkaTimeoutError

from schemas.dead_letters import Reason
from stream.faust_consumer import FaustConsumer
from stream.flow import Outgoing, Publish, Where
from stream.process import Direct
from stream.publisher import KafkaPublisher
from stream.topic_admin import Cluster
from tests.echo import LETTERS, READ, WRITTEN, fail, letter_of, noted, number_of, raw
from tests.integration.faust_member import on_faust
from tests.integration.test_promises_kafka import KafkaPumping, publish
from tests.promises import Overtaken

__all__ = ["on_faust", "publish"]


class Failing:
    """A publish that fails as often as it is told."""

    def __init__(self, publish: Publish, errors: list[Exception]) -> None:
        self._publish, self.errors = publish, errors

    async def __call__(self, outputs: Sequence[Outgoing]) -> Sequence[int]:
        if self.errors:
            raise self.errors.pop()
        return await self._publish(outputs)


class Standing(Direct):
    """Effects with a position of their own."""

    def __init__(self, publish: Publish) -> None:
        super().__init__(publish)
        self.at: Mapping[Where, int] = {}

    async def positions(self, wheres: Collection[Where]) -> Mapping[Where, int]:
        return self.at


async def numbers(pumping: KafkaPumping, partition: int = 0) -> list[int]:
    return [number_of(r) for r in await pumping.read(WRITTEN) if r.partition == partition]


async def test_an_exception_out_of_the_agent_ends_the_run_and_loses_nothing(
    cluster: Cluster, publish: KafkaPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, errors = FaustConsumer.take, [RuntimeError("escaped")]

    async def breaking(self: FaustConsumer, messages: Sequence[Any]) -> None:
        if errors:
            raise errors.pop()
        await take(self, messages)

    monkeypatch.setattr(FaustConsumer, "take", breaking)
    pumping = KafkaPumping(cluster, publish, Direct(publish))
    await pumping.put([noted(n) for n in range(300)])

    with pytest.raises(RuntimeError, match="escaped"):
        await pumping.run()
    assert await pumping.committed() == 0
    await pumping.run()

    assert await numbers(pumping) == list(range(300))


async def test_bytes_that_are_no_text_do_not_end_the_agent(
    cluster: Cluster, publish: KafkaPublisher
) -> None:
    bad = Outgoing(
        topic=READ.name,
        partition=0,
        key=b"\xff",
        value=b"\xff\x00",
        headers=(("ce_type", b"\xff"), ("twice", b"1"), ("twice", b"2")),
        event_id="none",
    )
    pumping = KafkaPumping(cluster, publish, Direct(publish))

    for number in range(2):
        await pumping.put([raw(b"\xff"), bad, noted(number)])
        await pumping.run()

    assert await numbers(pumping) == [0, 1]
    letters = [letter_of(r) for r in await pumping.read(LETTERS)]
    assert {letter.reason for letter in letters} == {Reason.not_json}


async def test_a_publish_that_failed_is_made_again(
    cluster: Cluster, publish: KafkaPublisher
) -> None:
    failing = Failing(publish, [KafkaTimeoutError(), KafkaTimeoutError()])
    pumping = KafkaPumping(cluster, publish, Direct(failing))
    await pumping.put([noted(n) for n in range(300)])

    await pumping.run()

    assert await numbers(pumping) == list(range(300))
    assert await pumping.committed() == 300


async def test_a_graceful_stop_commits_nothing_that_was_not_published(
    cluster: Cluster, publish: KafkaPublisher
) -> None:
    failing = Failing(publish, [RuntimeError("no") for _ in range(99)])
    pumping = KafkaPumping(cluster, publish, Direct(failing))
    await pumping.put([noted(n) for n in range(8)])

    await pumping.run()
    assert await pumping.committed() == 0
    failing.errors.clear()
    await pumping.run()

    assert await numbers(pumping) == list(range(8))


async def test_nothing_behind_a_bug_is_committed(cluster: Cluster, publish: KafkaPublisher) -> None:
    pumping = KafkaPumping(cluster, publish, Direct(publish))
    pumping.meet(3, fail)
    await pumping.put([*(noted(n) for n in range(300)), *(noted(n, 1) for n in range(500, 800))])

    await pumping.run()

    assert await pumping.committed() == 3
    assert await numbers(pumping, 1) == list(range(500, 800))


async def test_a_fenced_batch_is_read_again(cluster: Cluster, publish: KafkaPublisher) -> None:
    pumping = KafkaPumping(cluster, publish, Overtaken(publish))
    await pumping.put([noted(n) for n in range(300)])

    await pumping.run()

    assert await numbers(pumping) == list(range(300))


async def test_the_store_wins_over_the_committed_offset(
    cluster: Cluster, publish: KafkaPublisher
) -> None:
    effects = Standing(publish)
    pumping = KafkaPumping(cluster, publish, effects)
    effects.at = {(READ.name, 0): 3}
    await pumping.put([noted(n) for n in range(6)])
    await pumping.run()
    assert await numbers(pumping) == [3, 4, 5]
    assert await pumping.committed() == 6

    effects.at = {(READ.name, 0): 1}
    await pumping.run()

    assert await numbers(pumping) == [3, 4, 5, 1, 2, 3, 4, 5]
