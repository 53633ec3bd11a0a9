"""What happened on the day? All topics of the run, read once, ordered, and joined by post."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from deploy.demo.stack import Stack
from schemas.alerts import AlertChanged
from schemas.classified import ClassifiedPost
from schemas.dead_letters import DeadLetter
from schemas.decisions import Decision
from schemas.event import Event, PipelineTick, encode, header
from schemas.sla import SlaChanged
from schemas.tickets import Ticket, TicketEvent
from schemas.topics import (
    ALERTS,
    CLASSIFIED,
    DECISIONS,
    EVENTS,
    POSTS,
    SERVICES,
    SLA,
    TICKETS,
    dead_letters,
)
from stream.reading import read_all

E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class Story:
    """One customer's post with everything that followed from it."""

    classified: ClassifiedPost
    decision: Decision
    ticket: Ticket | None
    clocks: tuple[SlaChanged, ...]
    alerts: tuple[AlertChanged, ...]


@dataclass(frozen=True)
class Record:
    """The events of a run, each once, in the order of event time."""

    events: tuple[Event, ...]

    def of(self, kind: type[E]) -> list[E]:
        """The events of one type."""
        return [event for event in self.events if isinstance(event, kind)]

    def stories(self) -> list[Story]:
        """Every post of a customer, in the order of time."""
        posts = {event.event_id: event for event in self.of(ClassifiedPost)}
        changed = sorted(self.of(TicketEvent), key=lambda event: event.ticket.version)
        tickets = {event.ticket.id: event.ticket for event in changed}
        clocks, alerts = self._by_ticket()
        return [
            Story(
                classified=posts[decision.cause_id or ""],
                decision=decision,
                ticket=tickets.get(decision.ticket_id or ""),
                clocks=tuple(clocks[decision.ticket_id or ""]),
                alerts=tuple(alerts[decision.ticket_id or ""]),
            )
            for decision in self.of(Decision)
            if not decision.inputs.own
        ]

    def _by_ticket(
        self,
    ) -> tuple[Mapping[str, list[SlaChanged]], Mapping[str, list[AlertChanged]]]:
        clocks, alerts = defaultdict[str, list[SlaChanged]](list), defaultdict[str, Any](list)
        for sla in self.of(SlaChanged):
            clocks[sla.ticket_id].append(sla)
        for alert in self.of(AlertChanged):
            for ticket in dict.fromkeys(alert.ticket_ids):
                alerts[ticket].append(alert)
        return clocks, alerts

    def save(self, file: Path) -> None:
        """Write the events as JSON Lines, as ``why`` reads them."""
        file.write_bytes(b"".join(encode(event) + b"\n" for event in self.events))


def read_record(stack: Stack) -> Record:
    """Read the run's topics to their ends; a repeated event counts once."""
    topics = (POSTS, CLASSIFIED, DECISIONS, TICKETS, SLA, ALERTS, *map(dead_letters, SERVICES))

    async def read() -> list[Event]:
        found: list[Event] = []
        for topic in topics:
            for received in await read_all(stack.cluster, topic):
                kind = EVENTS[header(received.headers, "ce_type") or ""]
                if kind is not PipelineTick:
                    found.append(msgspec.json.decode(received.value or b"", type=kind))
        return found

    return Record(_ordered(asyncio.run(read())))


def letters(record: Record) -> Sequence[DeadLetter]:
    """What could not be understood."""
    return record.of(DeadLetter)


def _ordered(events: Iterable[Event]) -> tuple[Event, ...]:
    once = {event.event_id: event for event in events}
    return tuple(sorted(once.values(), key=_place))


def _place(event: Event) -> tuple[object, ...]:
    version = event.ticket.version if isinstance(event, TicketEvent) else 0
    ticket = event.ticket.id if isinstance(event, TicketEvent) else ""
    return (event.occurred_at, type(event).__name__, ticket, version, event.event_id)
