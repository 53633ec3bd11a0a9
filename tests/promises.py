"""What does stream promise, whatever pump moves the bytes? One suite, run on each of them.

The inputs that break the easy version: one invalid record among two hundred good ones, or in one
of three partitions that are polled together; a handler that fails for a reason of ours on one
partition while others go on; a publish whose ack never came, after which the same records come
again.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from aiokafka.errors import KafkaTimeoutError
from prometheus_client import CollectorRegistry

from schemas.dead_letters import Reason
from schemas.event import PipelineTick, Topic
from stream.failures import Fenced
from stream.flow import Outgoing, Publish, Received, Where
from stream.process import Direct, Work
from tests.builders import MONDAY, a_record
from tests.echo import (
    AGAIN,
    LETTERS,
    READ,
    WRITTEN,
    echo_of,
    fail,
    letter_of,
    noted,
    number_of,
    raw,
    refuse,
)


class Acks:
    """A publish whose acks can be lost: the records arrive, and nobody is told."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self.lost: Callable[[], None] | None = None

    async def __call__(self, outputs: Sequence[Outgoing]) -> Sequence[int]:
        """Publish, as ``stream.flow.Publish`` says."""
        offsets = await self._publish(outputs)
        if self.lost:
            self.lost()
            raise KafkaTimeoutError
        return offsets


class Overtaken(Direct):
    """Effects that are fenced until the member asks anew where the store stands."""

    def __init__(self, publish: Publish) -> None:
        super().__init__(publish)
        self._asked = 0

    async def once(self, records: Sequence[Received], work: Work[None]) -> None:
        """Refuse, as if another replica had moved the position."""
        if self._asked < 2:
            raise Fenced("another replica was here")
        await super().once(records, work)

    async def positions(self, wheres: Collection[Where]) -> Mapping[Where, int]:
        """Nowhere of its own; counts how often it was asked."""
        self._asked += 1
        return {}


class Pumping(Protocol):
    """A pump under test, with a way to put records in and to see what came out.

    ``turns`` counts what liveness looks at: how often the loop has turned.
    """

    quarantine: Path
    registry: CollectorRegistry
    acks: Acks
    turns: int

    def meet(self, number: int, what: Callable[[], None]) -> None:
        """Do something when the handler meets that number."""
        ...

    async def put(self, records: Sequence[Outgoing]) -> None:
        """Write records as another service would."""
        ...

    async def run(self) -> None:
        """Run until nothing moves any more, as a new process of the same group."""
        ...

    def end(self) -> None:
        """End the run now, as SIGTERM does."""
        ...

    async def committed(self) -> int:
        """What the group has committed of partition 0, seen from outside."""
        ...

    async def read(self, topic: Topic) -> list[Received]:
        """What a topic holds, in order per partition."""
        ...


class Promises:
    """The suite; a subclass gives the ``pumping`` fixture."""

    async def test_outputs_keep_the_order_of_their_partition(self, pumping: Pumping) -> None:
        await pumping.put([noted(n, partition=n % 3) for n in range(300)])

        await pumping.run()

        got = [(r.partition, number_of(r)) for r in await pumping.read(WRITTEN)]
        assert sorted(got) == sorted((n % 3, n) for n in range(300))
        for partition in range(3):
            numbers = [n for p, n in got if p == partition]
            assert numbers == sorted(numbers)

    async def test_a_dead_letter_keeps_the_record_byte_for_byte(self, pumping: Pumping) -> None:
        await pumping.put([noted(1), raw(b"\xff{"), noted(2)])

        await pumping.run()

        (letter,) = [letter_of(r) for r in await pumping.read(LETTERS)]
        assert (letter.topic, letter.partition, letter.offset) == (READ.name, 0, 1)
        assert (letter.key, letter.value) == (b"its key", b"\xff{")
        assert dict(letter.headers)["x"] == b"\xff"
        assert letter.reason is Reason.not_json
        assert [number_of(r) for r in await pumping.read(WRITTEN)] == [1, 2]

    async def test_a_shape_error_says_where_and_quotes_nothing(self, pumping: Pumping) -> None:
        await pumping.put([raw(b'{"type":"Noted","event_id":"secret","number":"x"}')])

        await pumping.run()

        (letter,) = [letter_of(r) for r in await pumping.read(LETTERS)]
        assert letter.reason is Reason.wrong_shape
        assert "number" in letter.detail or "occurred_at" in letter.detail
        assert "secret" not in letter.detail

    async def test_a_type_from_the_future_is_skipped_and_counted(self, pumping: Pumping) -> None:
        await pumping.put([raw(b'{"type":"Later"}', kind="Later"), noted(1)])

        await pumping.run()

        assert [number_of(r) for r in await pumping.read(WRITTEN)] == [1]
        assert await pumping.read(LETTERS) == []
        labels = {"service": "probe", "topic": READ.name}
        assert pumping.registry.get_sample_value("otklik_unknown_types_total", labels) == 1

    async def test_halving_finds_each_invalid_record_the_first_and_the_last_too(
        self, pumping: Pumping
    ) -> None:
        invalid = [0, 137, 199]
        for number in invalid:
            pumping.meet(number, refuse)
        await pumping.put([noted(n) for n in range(200)])

        await pumping.run()

        letters = [letter_of(r) for r in await pumping.read(LETTERS)]
        assert sorted({letter.offset for letter in letters}) == invalid
        assert {letter.reason for letter in letters} == {Reason.unsupported_event}
        got = [number_of(r) for r in await pumping.read(WRITTEN)]
        assert sorted(set(got)) == [n for n in range(200) if n not in invalid]

    async def test_an_invalid_record_takes_no_other_partition_with_it(
        self, pumping: Pumping
    ) -> None:
        pumping.meet(31, refuse)
        await pumping.put([noted(n, partition=n % 3) for n in range(60)])

        await pumping.run()

        (letter,) = [letter_of(r) for r in await pumping.read(LETTERS)]
        assert (letter.partition, letter.reason) == (1, Reason.unsupported_event)
        for partition in range(3):
            records = [r for r in await pumping.read(WRITTEN) if r.partition == partition]
            wanted = [n for n in range(60) if n % 3 == partition and n != 31]
            assert [number_of(r) for r in records] == wanted

    async def test_nothing_is_committed_before_its_acks(self, pumping: Pumping) -> None:
        await pumping.put([noted(n) for n in range(3)])
        pumping.acks.lost = pumping.end
        await pumping.run()
        before = await pumping.committed()

        pumping.acks.lost = None
        await pumping.run()

        assert (before, await pumping.committed()) == (0, 3)
        assert sorted({number_of(r) for r in await pumping.read(WRITTEN)}) == [0, 1, 2]

    async def test_a_dependency_that_is_away_is_waited_for_in_place_and_alive(
        self, pumping: Pumping
    ) -> None:
        turned: list[int] = []

        def away() -> None:
            if len(turned) < 4:
                turned.append(pumping.turns)
                raise OSError

        pumping.meet(3, away)
        await pumping.put([noted(n, n % 3) for n in range(30)])

        await pumping.run()

        for partition in range(3):
            records = [r for r in await pumping.read(WRITTEN) if r.partition == partition]
            assert [number_of(r) for r in records] == [n for n in range(30) if n % 3 == partition]
        assert await pumping.read(LETTERS) == []
        assert turned == sorted(set(turned)), "the loop turns between two attempts"

    async def test_what_was_put_back_is_handled_and_known_for_it(self, pumping: Pumping) -> None:
        await pumping.put([noted(1), noted(2, topic=AGAIN)])

        await pumping.run()

        echoes = [echo_of(r) for r in await pumping.read(WRITTEN)]
        assert sorted((echo.number, echo.replayed) for echo in echoes) == [(1, False), (2, True)]

    async def test_a_bug_stops_one_partition_and_no_other(self, pumping: Pumping) -> None:
        pumping.meet(4, fail)
        await pumping.put([*(noted(n) for n in range(8)), *(noted(n, 1) for n in range(20, 28))])

        await pumping.run()

        got = [(r.partition, number_of(r)) for r in await pumping.read(WRITTEN)]
        assert sorted({n for p, n in got if p == 0}) == [0, 1, 2, 3]
        assert [n for p, n in got if p == 1] == list(range(20, 28))
        assert await pumping.read(LETTERS) == []

    async def test_a_record_set_aside_by_hand_is_kept_undecoded(self, pumping: Pumping) -> None:
        pumping.meet(4, fail)
        pumping.quarantine.write_text(f"- {{topic: {READ.name}, partition: 0, offset: 4}}\n")
        await pumping.put([noted(n) for n in range(8)])

        await pumping.run()

        (letter,) = [letter_of(r) for r in await pumping.read(LETTERS)]
        assert (letter.offset, letter.reason) == (4, Reason.quarantined)
        assert sorted({number_of(r) for r in await pumping.read(WRITTEN)}) == [0, 1, 2, 3, 5, 6, 7]

    async def test_a_stopped_partition_goes_on_when_its_record_is_set_aside(
        self, pumping: Pumping
    ) -> None:
        def fails_until_somebody_looks() -> None:
            place = f"- {{topic: {READ.name}, partition: 0, offset: 4}}\n"
            pumping.quarantine.write_text(place)
            raise RuntimeError("a bug")

        pumping.meet(4, fails_until_somebody_looks)
        await pumping.put([noted(n) for n in range(8)])

        await pumping.run()

        got = [number_of(r) for r in await pumping.read(WRITTEN)]
        assert sorted(set(got)) == [0, 1, 2, 3, 5, 6, 7]
        assert await pumping.committed() == 8

    async def test_a_flood_of_invalid_records_stops_the_flow(self, pumping: Pumping) -> None:
        await pumping.put([raw(b"?") for _ in range(120)])

        await pumping.run()

        assert len(await pumping.read(LETTERS)) < 60

    async def test_a_tick_lies_behind_the_outputs_of_its_batch(self, pumping: Pumping) -> None:
        tick = PipelineTick(event_id="tick", occurred_at=MONDAY, received_before=MONDAY)
        await pumping.put([noted(1), a_record(tick, topic=READ.name), noted(2)])

        await pumping.run()

        kinds = [dict(r.headers)["ce_type"].decode() for r in await pumping.read(WRITTEN)]
        assert kinds.count("PipelineTick") == 1
        assert kinds.index("PipelineTick") >= kinds.index("Echoed")

    async def test_the_trace_of_a_record_goes_on_in_its_effects(self, pumping: Pumping) -> None:
        trace = ("traceparent", b"00-" + b"1" * 32 + b"-" + b"2" * 16 + b"-01")
        record = noted(1)
        await pumping.put(
            [
                Outgoing(
                    topic=record.topic,
                    partition=0,
                    key=record.key,
                    value=record.value,
                    headers=(*record.headers, trace),
                    event_id=record.event_id,
                )
            ]
        )

        await pumping.run()

        (echoed,) = await pumping.read(WRITTEN)
        assert dict(echoed.headers)["traceparent"] == trace[1]
        assert dict(echoed.headers)["ce_specversion"] == b"1.0"
