"""What does notify do with a batch? Newer tickets are merged, then the tick makes things due."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from schemas.dead_letters import InvalidMessage, Reason
from schemas.event import header
from schemas.tickets import TicketEvent
from schemas.topics import SLA
from services.notify.domain.announce import Case
from services.notify.domain.settle import Settled, merged, settle
from services.notify.metrics import Metrics
from stream.flow import Batch, Message, Origin, Outgoing, outgoing

SERVICE = "notify"
DUE_AT_ONCE = 500
"""How many due tickets are held in memory at a time."""


class Store(Protocol):
    """What notify remembers of one partition, within one transaction."""

    async def tick(self) -> datetime | None:
        """How far the partition's tick has come."""
        ...

    async def advance(self, tick: datetime) -> None:
        """Note how far the partition's tick has come."""
        ...

    async def cases(self, tickets: Collection[str]) -> Mapping[str, Case]:
        """The known ones of these tickets; their rows are locked in key order."""
        ...

    async def due(self, tick: datetime, *, limit: int) -> Sequence[str]:
        """Tickets with a threshold that the tick has passed."""
        ...

    async def keep(self, settled: Sequence[Settled]) -> None:
        """Write cases, replace their clocks, and note what was announced."""
        ...


class Timing:
    """The handler of tickets and ticks; it has no timers of its own (design 3.4)."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def handle(self, batch: Batch, store: Store) -> Sequence[Outgoing]:
        """Merge what came, then announce what the partition's tick has passed."""
        before = await store.tick()
        tick = max((t for t in (before, batch.tick) if t), default=None)
        settled = await self._merge(batch, store, before, tick)
        outputs = self._told(settled, batch.partition)
        if tick is None or tick == before:
            return outputs
        await store.advance(tick)
        while due := await store.due(tick, limit=DUE_AT_ONCE):
            cases = await store.cases(due)
            settled = [settle(case, tick) for case in cases.values()]
            await store.keep(settled)
            outputs.extend(self._told(settled, batch.partition))
        return outputs

    async def _merge(
        self, batch: Batch, store: Store, before: datetime | None, tick: datetime | None
    ) -> Sequence[Settled]:
        latest = latest_versions(batch.messages)
        known = await store.cases(latest)
        settled = []
        for ticket_id, (event, message) in sorted(latest.items()):
            trace = header(message.received.headers, "traceparent")
            case = merged(known.get(ticket_id), event, trace, before)
            if case:
                settled.append(_settled(case, tick))
        await store.keep(settled)
        return settled

    def _told(self, settled: Sequence[Settled], partition: int) -> list[Outgoing]:
        outputs: list[Outgoing] = []
        for one in settled:
            self._metrics.count(one)
            ticket = one.case.ticket
            origin = Origin(service=SERVICE, brand=ticket.brand, traceparent=one.case.traceparent)
            outputs.extend(
                outgoing(event, topic=SLA, key=ticket.id, partition=partition, origin=origin)
                for event in one.events
            )
        return outputs


def latest_versions(messages: Sequence[Message]) -> dict[str, tuple[TicketEvent, Message]]:
    """The highest version of each ticket among the messages, with the message that has it."""
    latest: dict[str, tuple[TicketEvent, Message]] = {}
    for message in messages:
        event = message.event
        if isinstance(event, TicketEvent):
            known = latest.get(event.ticket.id)
            if known is None or event.ticket.version > known[0].ticket.version:
                latest[event.ticket.id] = (event, message)
    return latest


def _settled(case: Case, tick: datetime | None) -> Settled:
    try:
        return settle(case, tick)
    except ValueError as error:
        detail = f"expected a readable calendar in $.ticket.terms: {error}"
        raise InvalidMessage(Reason.wrong_shape, detail) from error
