"""What became of a decision? The part of the page about the ticket, its alerts and its clocks."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from schemas.alerts import AlertChanged
from schemas.event import Event
from schemas.sla import SlaChanged
from schemas.tickets import Ticket, TicketEvent

E = TypeVar("E", bound=Event)
_WHEN = "%m-%d %H:%M"


def of(events: Iterable[Event], kind: type[E]) -> Iterator[E]:
    """The events of one type, in their order."""
    return (event for event in events if isinstance(event, kind))


def case_of_ticket(ticket_id: str, events: Sequence[Event]) -> Iterator[str]:
    """The ticket with every change, the alerts that it was in, and what came of its clocks."""
    versions = {e.ticket.version: e for e in of(events, TicketEvent) if e.ticket.id == ticket_id}
    yield ""
    yield f"ticket     {ticket_id}"
    if versions:
        yield from _ticket(versions[max(versions)].ticket)
    for version, event in sorted(versions.items()):
        yield f"           {event.occurred_at:{_WHEN}}  v{version} {_change(event)}"
    for alert in of(events, AlertChanged):
        if ticket_id in alert.ticket_ids:
            who = f" by {alert.acknowledged_by}" if alert.acknowledged_by else ""
            yield f"alert      {alert.occurred_at:{_WHEN}}  {alert.state}{who}: {alert.need}"
    for sla in of(events, SlaChanged):
        if sla.ticket_id == ticket_id:
            yield f"clock      {sla.occurred_at:{_WHEN}}  {_clock(sla)}"


def _ticket(ticket: Ticket) -> Iterator[str]:
    owner = ticket.owner or "nobody"
    yield f"owner      {owner}, team {ticket.team}, {ticket.state}"
    yield f"promise    {ticket.terms.name}, calendar in {ticket.terms.calendar.timezone}"


def _change(event: TicketEvent) -> str:
    who = f" by {event.by}" if event.by else ""
    why = f": {event.reason}" if event.reason else ""
    return f"{event.change}{who}{why}"


def _clock(sla: SlaChanged) -> str:
    due = f", due {sla.due_at:{_WHEN}}" if sla.due_at else ""
    late = ", found late" if sla.discovered_late else ""
    blind = ", while the pipeline lagged" if sla.blind else ""
    minutes = f"{sla.elapsed / 60:.0f} of {sla.target / 60:.0f} working minutes"
    return f"{sla.clock} {sla.state}: {minutes}{due}{late}{blind}"
