"""What happens to a poll? Decode, handle, halve to the one bad record, keep the order.

The same for every pump. ``Effects`` is where a step takes hold: published at once (stateless) or
in one transaction with state and outbox (``stream.ledger``).
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Generic, Protocol, TypeVar

from schemas.dead_letters import InvalidMessage, Reason
from schemas.event import CANARY, Topic
from stream.decode import Decode, Decoded
from stream.failures import Fenced, Flooded, StoppedOnBug, is_dependency
from stream.flow import Flow, Outgoing, Publish, Received, U, Where
from stream.metrics import StreamMetrics
from stream.quarantine import Quarantine
from stream.step import Step
from stream.trace import of_records

TRIES = 3
"""How often a record that fails for a reason of ours is tried before its partition stops."""

_CANARY = ("otklik_brand", CANARY.encode())
"""The header by which a canary's record is known, whatever event is in it."""

Work = Callable[[U, Sequence[Received]], Awaitable[Sequence[Outgoing]]]
"""One step: gets the unit to change and the records still to be handled, returns the outputs.

The records are of one partition or of several, in order within each.
"""

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
        self._effects, self._spans = effects, of_records()
        self._recent: dict[Where, list[bool]] = {}

    async def together(self, got: Mapping[Where, Sequence[Received]]) -> bool:
        """Process a poll in one step; False where nothing took hold but for a reason of its own.

        Whatever it was, ``batch`` finds it: each partition is then to be processed by itself.
        """
        try:
            await self._once([received for records in got.values() for received in records])
        except Exception as error:
            if is_dependency(error):
                raise
            return False
        return True

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
        if self._spans:
            self._spans.given_up(records[0], error)
        raise StoppedOnBug(records[0]) from error

    async def _once(
        self, records: Sequence[Received], invalid: InvalidMessage | None = None
    ) -> None:
        decode, spans = partial(self._decode, invalid), self._spans
        step = Step(self.flow, self.letters, decode, self._recent, spans)
        with spans.attempt(records) if spans else nullcontext():
            await self._effects.once(records, step)
        self._recent.update(step.recent)
        topics = Counter(one.received.topic for one in step.decoded)
        for topic, count in topics.items():
            self.metrics.records.labels(self.flow.name, topic, "in").inc(count)
        for one in step.decoded:
            if one.message is None:
                self._count(one)
        if any(map(_is_canary, step.decoded)):
            self.metrics.passed(self.flow.name)

    def _count(self, one: Decoded) -> None:
        name, topic = self.flow.name, one.received.topic
        if one.letter:
            self.metrics.dead_letters.labels(name, topic, one.letter.reason.value).inc()
        else:
            self.metrics.unknown_types.labels(name, topic).inc()

    def _decode(self, invalid: InvalidMessage | None, received: Received) -> Decoded:
        if received in self.quarantine:
            return self.decode.kept(received, Reason.quarantined, "set aside by hand")
        if invalid:
            return self.decode.kept(received, invalid.reason, invalid.detail)
        return self.decode(received)


def _is_canary(one: Decoded) -> bool:
    """One that was set aside has not passed."""
    return one.message is not None and _CANARY in one.received.headers
