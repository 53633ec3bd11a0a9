"""What would the store hold, had it never been lost? Folded from what others still know.

The latest version of each ticket is on tickets.v1 or in route's snapshot; what subscribers were
told of its clocks is on sla.v1. Nothing is announced here.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from schemas.event import PipelineTick, derive_id
from schemas.sla import SlaChanged
from schemas.states import Change
from schemas.tickets import Ticket, TicketEvent
from services.notify.domain.announce import Case
from services.notify.domain.announced import Announced, as_announced
from services.notify.domain.clocks import timed
from services.notify.domain.settle import Placed, Settled, merged


class Rebuilt:
    """Cases, ticks and announcements, as the records pass by in the order of their offsets."""

    def __init__(self) -> None:
        self._cases: dict[str, tuple[Case, int]] = {}
        self._ticks: dict[int, datetime] = {}
        self._told: dict[str, dict[str, Announced]] = {}

    @property
    def ticks(self) -> Mapping[int, datetime]:
        """How far each partition's ticks have come."""
        return self._ticks

    def passed(self, tick: PipelineTick, partition: int) -> None:
        """A tick of tickets.v1; ticks never go back."""
        last = self._ticks.get(partition, tick.received_before)
        self._ticks[partition] = max(last, tick.received_before)

    def happened(self, event: TicketEvent, partition: int, traceparent: str | None) -> None:
        """A record of tickets.v1, after the ticks before it."""
        self._merge(event, partition, traceparent, self._ticks.get(partition))

    def stands(self, ticket: Ticket, partition: int) -> None:
        """A ticket of the snapshot: news where the topic no longer has this version."""
        event = TicketEvent(
            event_id=derive_id(ticket.id, "TicketEvent", ticket.version),  # as route told it
            occurred_at=ticket.opened_at,
            change=Change.refreshed,
            ticket=ticket,
        )
        self._merge(event, partition, None, None)

    def told(self, event: SlaChanged) -> None:
        """A record of sla.v1; a copy of one is the same."""
        self._told.setdefault(event.ticket_id, {})[event.event_id] = as_announced(event)

    def _merge(
        self, event: TicketEvent, partition: int, traceparent: str | None, tick: datetime | None
    ) -> None:
        known, _ = self._cases.get(event.ticket.id, (None, partition))
        case = merged(known, event, traceparent, tick)
        if case:
            self._cases[event.ticket.id] = (case, partition)

    def placed(self) -> Iterator[Placed]:
        """Every case as it is to be kept; ``ValueError`` where its calendar is unreadable."""
        for ticket_id, (case, partition) in sorted(self._cases.items()):
            told = tuple(self._told.get(ticket_id, {}).values())
            known = msgspec.structs.replace(case, announced=told)
            now = timed(case.ticket)
            yield Settled(case=known, clocks=now.clocks, events=(), folded=now.folded), partition
