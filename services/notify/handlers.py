"""What does notify do with a poll? Newer tickets are merged, then ticks make things due."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from schemas.dead_letters import InvalidMessage, Reason
from schemas.decisions import Decision
from schemas.event import header
from schemas.tickets import TicketEvent
from schemas.topics import SLA
from services.notify.domain.announce import Case, Heard
from services.notify.domain.settle import Placed, Settled, merged, settle
from services.notify.metrics import Metrics
from stream.flow import Batch, Message, Origin, Outgoing, outgoing
from stream.trace import announced

SERVICE = "notify"
DUE_AT_ONCE = 500
"""How many due tickets are held in memory at a time."""


class Store(Protocol):
    """What notify remembers, within one transaction; a case goes with its partition number."""

    async def ticks(self, partitions: Collection[int]) -> Mapping[int, datetime]:
        """How far the ticks of these partitions have come, locked; none where none came yet."""
        ...

    async def advance(self, ticks: Mapping[int, datetime]) -> None:
        """Note how far the partitions' ticks have come."""
        ...

    async def cases(self, tickets: Collection[str]) -> Mapping[str, Case]:
        """The known ones of these tickets; their rows are locked in key order."""
        ...

    async def due(
        self, partition: int, since: datetime | None, until: datetime, *, limit: int
    ) -> Sequence[Case]:
        """Cases of a partition with a threshold between these instants; their rows are locked."""
        ...

    async def keep(self, placed: Sequence[Placed]) -> None:
        """Write cases with what was announced of them, and the clocks that changed."""
        ...


class Timing:
    """The handler of tickets and ticks; it has no timers of its own (design 3.4)."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._until: dict[int, datetime] = {}

    async def handle(self, batches: Sequence[Batch], store: Store) -> Sequence[Outgoing]:
        """Merge what came, then announce what each partition's own tick has passed."""
        before = await store.ticks({batch.partition for batch in batches})
        ticks = latest_ticks(before, batches)
        outputs = self._told(await self._merge(batches, store, before, ticks))
        passed = {number: tick for number, tick in ticks.items() if tick != before.get(number)}
        await store.advance(passed)
        for partition, tick in passed.items():
            outputs.extend(await self._due(partition, before.get(partition), tick, store))
            self._until[partition] = tick
        return outputs

    async def unheard(self, silent: Mapping[int, timedelta], store: Store) -> Sequence[Outgoing]:
        """Announce what fell due while these partitions told nothing for so long (design 3.4)."""
        outputs: list[Outgoing] = []
        for partition, tick in sorted((await store.ticks(silent)).items()):
            until = tick + silent[partition]
            outputs.extend(await self._due(partition, tick, until, store, blind=True))
        return outputs

    async def _due(
        self,
        partition: int,
        tick: datetime | None,
        until: datetime,
        store: Store,
        *,
        blind: bool = False,
    ) -> Sequence[Outgoing]:
        """Announce what falls due before ``until``, where the tick stood at ``tick``.

        What lies before a tick up to which this process has announced is done. It is looked at
        again where another did that, or nobody: at a start, after a rebuild, after a step that
        did not take hold.
        """
        outputs: list[Outgoing] = []
        since = tick if tick == self._until.get(partition) else None
        heard, full = Heard(until=until, blind=blind), True
        while full:
            due = await store.due(partition, since, until, limit=DUE_AT_ONCE)
            placed = [(settle(case, heard, known=True), partition) for case in due]
            await store.keep(placed)
            outputs.extend(self._told(placed))
            full = len(due) == DUE_AT_ONCE
        return outputs

    async def _merge(
        self,
        batches: Sequence[Batch],
        store: Store,
        before: Mapping[int, datetime],
        ticks: Mapping[int, datetime],
    ) -> Sequence[Placed]:
        latest = latest_versions([message for batch in batches for message in batch.messages])
        known = await store.cases(latest)
        placed: list[Placed] = []
        for ticket_id, (event, message) in sorted(latest.items()):
            partition = message.received.partition
            trace = header(message.received.headers, "traceparent")
            case = merged(known.get(ticket_id), event, trace, before.get(partition))
            if case:
                placed.append((_settled(case, Heard(until=ticks.get(partition))), partition))
        await store.keep(placed)
        return placed

    def _told(self, placed: Sequence[Placed]) -> list[Outgoing]:
        outputs: list[Outgoing] = []
        for one, partition in placed:
            self._metrics.count(one)
            if not one.events:
                continue
            ticket, trace = one.case.ticket, announced(SLA.name, one.case.traceparent)
            origin = Origin(service=SERVICE, brand=ticket.brand, traceparent=trace)
            outputs.extend(
                outgoing(event, topic=SLA, key=ticket.id, partition=partition, origin=origin)
                for event in one.events
            )
        return outputs


def decisions_of(batches: Sequence[Batch]) -> Sequence[Decision]:
    """The decisions among the messages, for reports alone."""
    events = (message.event for batch in batches for message in batch.messages)
    return [event for event in events if isinstance(event, Decision)]


def latest_ticks(
    before: Mapping[int, datetime], batches: Sequence[Batch]
) -> Mapping[int, datetime]:
    """How far each partition's ticks have come with these batches; they never go back."""
    ticks = dict(before)
    for batch in batches:
        if batch.tick:
            ticks[batch.partition] = max(batch.tick, ticks.get(batch.partition, batch.tick))
    return ticks


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


def _settled(case: Case, heard: Heard) -> Settled:
    try:
        return settle(case, heard)
    except ValueError as error:
        detail = f"expected a readable calendar in $.ticket.terms: {error}"
        raise InvalidMessage(Reason.wrong_shape, detail) from error
