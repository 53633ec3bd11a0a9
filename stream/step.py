"""What does one attempt make of its records? Letters, then outputs, then the ticks behind them."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Generic

from schemas.event import PipelineTick, Topic, derive_id
from stream.decode import Decoded, letter_out
from stream.failures import Flooded, flooded
from stream.flow import Batch, Flow, Origin, Outgoing, Received, U, Where, outgoing

if TYPE_CHECKING:
    from stream.record_spans import Records

RECENT = 200
"""Over how many records of a partition the flood guard looks back."""


class Step(Generic[U]):
    """One attempt at one step; what it counted holds only once the step has taken hold."""

    def __init__(
        self,
        flow: Flow[U],
        letters: Topic,
        decode: Callable[[Received], Decoded],
        before: Mapping[Where, list[bool]],
        spans: "Records | None" = None,
    ) -> None:
        self._flow, self._letters, self._decode, self._before = flow, letters, decode, before
        self._spans = spans
        self.decoded: Sequence[Decoded] = ()
        self.recent: dict[Where, list[bool]] = {}

    async def __call__(self, unit: U, records: Sequence[Received]) -> Sequence[Outgoing]:
        """The outputs of records of one partition or of several, in order within each."""
        self.decoded = [self._decode(received) for received in records]
        if self._spans:
            self.decoded = self._spans.begun(self.decoded)
        apart: dict[Where, list[Decoded]] = {}
        for one in self.decoded:
            apart.setdefault(one.received.where, []).append(one)
        for where, some in apart.items():
            self._guard(where, some)
        letters = [letter_out(one.letter, self._letters) for one in self.decoded if one.letter]
        ticks = {where: _latest_tick(some) for where, some in apart.items()}
        batches = [_batch(where, some, ticks[where]) for where, some in apart.items()]
        outputs = await self._flow.handle(batches, unit)
        passed_on = [
            _tick_out(self._flow, tick, partition)
            for (_, partition), tick in ticks.items()
            if tick and self._flow.ticks_to
        ]
        return [*letters, *outputs, *passed_on]

    def _guard(self, where: Where, decoded: Sequence[Decoded]) -> None:
        invalid = (one.letter is not None for one in decoded)
        recent = [*self._before.get(where, ()), *invalid]
        why = flooded(recent, window=RECENT)
        if why:
            raise Flooded(decoded[0].received, why)
        self.recent[where] = recent[-RECENT:]


def _latest_tick(decoded: Sequence[Decoded]) -> PipelineTick | None:
    events = (one.message.event for one in decoded if one.message)
    ticks = [event for event in events if isinstance(event, PipelineTick)]
    return max(ticks, key=lambda tick: tick.received_before, default=None)


def _batch(where: Where, decoded: Sequence[Decoded], tick: PipelineTick | None) -> Batch:
    messages = (one.message for one in decoded if one.message)
    return Batch(
        topic=where[0],
        partition=where[1],
        messages=tuple(m for m in messages if not isinstance(m.event, PipelineTick)),
        tick=tick.received_before if tick else None,
    )


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
