"""What happens to a batch? Decode, handle, halve to the one bad record, keep the order.

The same for every pump. ``Effects`` is where a step takes hold: published at once (stateless) or
in one transaction with state and outbox (``stream.ledger``).
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from schemas.dead_letters import InvalidMessage, Reason
from schemas.event import PipelineTick, Topic, derive_id
from stream.decode import Decode, Decoded, letter_out
from stream.failures import Fenced, Flooded, StoppedOnBug, flooded, is_dependency
from stream.flow import (
    Batch,
    Flow,
    Message,
    Origin,
    Outgoing,
    Publish,
    Received,
    U,
    Where,
    outgoing,
)
from stream.metrics import StreamMetrics
from stream.quarantine import Quarantine

TRIES = 3
"""How often a record that fails for a reason of ours is tried before its partition stops."""

RECENT = 200
"""Over how many records of a partition the flood guard looks back."""

Work = Callable[[U, Sequence[Received]], Awaitable[Sequence[Outgoing]]]
"""One step: gets the unit to change and the records still to be handled, returns the outputs."""

U_co = TypeVar("U_co", covariant=True)


class Effects(Protocol[U_co]):
    """Makes one step take hold, wholly or not at all."""

    async def once(self, records: Sequence[Received], work: Work[U_co]) -> None:
        """Run the work on the records not handled before; return when its outputs are acked."""
        ...


class Kept(Effects[U_co], Protocol[U_co]):
    """Effects that a pump can drive: with a position and leftovers of their own, or none."""

    async def drain(self, partitions: Collection[int]) -> None:
        """Publish what earlier steps left over."""
        ...

    async def positions(self, wheres: Collection[Where]) -> Mapping[Where, int]:
        """Where the store stands; it wins over the group's committed offsets."""
        ...


class Direct:
    """Effects of a stateless service: its outputs are published and acked, nothing else."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish

    async def once(self, records: Sequence[Received], work: Work[None]) -> None:
        """Run the work and return once its outputs are acked."""
        await self._publish(await work(None, records))

    async def drain(self, partitions: Collection[int]) -> None:
        """Nothing is ever left over."""

    async def positions(self, wheres: Collection[Where]) -> Mapping[Where, int]:
        """No position of its own: the group's committed offsets hold."""
        return {}


class Process(Generic[U]):
    """One flow's way through the batches of its partitions."""

    def __init__(
        self,
        flow: Flow[U],
        *,
        effects: Effects[U],
        letters: Topic,
        metrics: StreamMetrics,
        quarantine: Quarantine | None = None,
    ) -> None:
        self.flow, self.letters, self.metrics = flow, letters, metrics
        self.quarantine = quarantine or Quarantine()
        self.decode = Decode(flow.events, service=flow.name)
        self._effects = effects
        self._recent: dict[Where, list[bool]] = {}

    async def batch(self, records: Sequence[Received]) -> None:
        """Process one partition's records in order; returns when all of them took hold.

        Raises ``StoppedOnBug``, ``Flooded``, ``Fenced``, or the dependency's own error; what had
        taken hold before stays, and is skipped when the records come again (stateful) or sent
        again with the same ids (stateless).
        """
        try:
            await self._once(records)
        except (Fenced, Flooded):
            raise
        except Exception as error:
            if is_dependency(error):
                raise
            await self._narrow(records, error)

    async def _narrow(self, records: Sequence[Received], error: Exception) -> None:
        if len(records) > 1:
            middle = len(records) // 2
            await self.batch(records[:middle])
            await self.batch(records[middle:])
        elif isinstance(error, InvalidMessage):
            await self._once(records, error)
        else:
            await self._try_again(records, error)

    async def _try_again(self, records: Sequence[Received], error: Exception) -> None:
        for _ in range(TRIES - 1):
            try:
                await self._once(records)
            except (Fenced, Flooded):
                raise
            except Exception as again:
                if is_dependency(again):
                    raise
                error = again
            else:
                return
        raise StoppedOnBug(records[0]) from error

    async def _once(
        self, records: Sequence[Received], invalid: InvalidMessage | None = None
    ) -> None:
        where = (records[0].topic, records[0].partition)
        step = _Step(self, invalid, self._recent.get(where, []))
        await self._effects.once(records, step)
        self._recent[where] = step.recent[-RECENT:]
        self.metrics.records.labels(self.flow.name, where[0], "in").inc(len(step.decoded))
        for one in step.decoded:
            if one.message is None:
                self._count(one)

    def _count(self, one: Decoded) -> None:
        name, topic = self.flow.name, one.received.topic
        if one.letter:
            self.metrics.dead_letters.labels(name, topic, one.letter.reason.value).inc()
        else:
            self.metrics.unknown_types.labels(name, topic).inc()


class _Step(Generic[U]):
    """One attempt at one step; what it counted holds only once the step has taken hold."""

    def __init__(
        self, process: Process[U], invalid: InvalidMessage | None, before: Sequence[bool]
    ) -> None:
        self._process, self._invalid, self._before = process, invalid, before
        self.decoded: Sequence[Decoded] = ()
        self.recent: list[bool] = list(before)

    async def __call__(self, unit: U, records: Sequence[Received]) -> Sequence[Outgoing]:
        process, flow = self._process, self._process.flow
        self.decoded = [self._decode(received) for received in records]
        self.recent = [*self._before, *(one.letter is not None for one in self.decoded)]
        why = flooded(self.recent, window=RECENT)
        if why:
            raise Flooded(records[0], why)
        letters = [letter_out(one.letter, process.letters) for one in self.decoded if one.letter]
        messages = [one.message for one in self.decoded if one.message]
        tick = _latest_tick(messages)
        batch = Batch(
            topic=records[0].topic,
            partition=records[0].partition,
            messages=tuple(m for m in messages if not isinstance(m.event, PipelineTick)),
            tick=tick.received_before if tick else None,
        )
        outputs = await flow.handle(batch, unit)
        passed_on = [_tick_out(flow, tick, batch.partition)] if tick and flow.ticks_to else []
        return [*letters, *outputs, *passed_on]

    def _decode(self, received: Received) -> Decoded:
        if received in self._process.quarantine:
            return self._process.decode.kept(received, Reason.quarantined, "set aside by hand")
        if self._invalid:
            return self._process.decode.kept(received, self._invalid.reason, self._invalid.detail)
        return self._process.decode(received)


def _latest_tick(messages: Sequence[Message]) -> PipelineTick | None:
    ticks = [m.event for m in messages if isinstance(m.event, PipelineTick)]
    return max(ticks, key=lambda tick: tick.received_before, default=None)


def _tick_out(flow: Flow[U], tick: PipelineTick, partition: int) -> Outgoing:
    """The tick behind its batch's outputs: later is safe, earlier would be a lie."""
    onward = PipelineTick(
        event_id=derive_id(tick.event_id, "PipelineTick", flow.name),
        cause_id=tick.event_id,
        occurred_at=tick.occurred_at,
        received_before=tick.received_before,
    )
    assert flow.ticks_to is not None  # noqa: S101 - asked by the one caller
    return outgoing(
        onward,
        topic=flow.ticks_to,
        key="tick",
        partition=partition,
        origin=Origin(service=flow.name, brand=""),
    )
