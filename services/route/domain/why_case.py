"""What became of a decision? The part of the page about the ticket, its alerts and its clocks."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from schemas.alerts import AlertChanged
from schemas.event import Event
from schemas.sla import SlaChanged
from schemas.tickets import Escalation, Ticket, TicketEvent
from services.route.domain.why_hours import Hours
from services.route.domain.why_kept import Kept, deliveries_of, overrides_of

E = TypeVar("E", bound=Event)


def of(events: Iterable[Event], kind: type[E]) -> Iterator[E]:
    """The events of one type, in their order."""
    return (event for event in events if isinstance(event, kind))


def case_of_ticket(
    ticket_id: str, events: Sequence[Event], kept: Kept | None, hours: Hours
) -> Iterator[str]:
    """The ticket with every change, the alerts that it was in, and what came of its clocks."""
    for one in overrides_of(ticket_id, events, kept):
        yield f"overridden by {one.by}, {hours.day(one.at)}: {one.reason}"
        yield f"           since then {one.since_then}"
    versions = {e.ticket.version: e for e in of(events, TicketEvent) if e.ticket.id == ticket_id}
    ticket = newest(ticket_id, events, kept)
    yield ""
    yield f"ticket     {ticket_id}"
    if ticket:
        yield from _ticket(ticket)
    for version, event in sorted(versions.items()):
        yield f"           {hours.short(event.occurred_at)}  v{version} {_change(event)}"
    for moment in ticket.moments if ticket and not versions else ():
        who = f" by {moment.by}" if moment.by else ""
        yield f"           {hours.short(moment.at)}  {moment.kind}{who}"
    for step in ticket.escalations if ticket else ():
        yield f"lifted     {hours.short(step.at)}  {_step(step)}"
    yield from _alerts(ticket_id, events, kept, hours)
    for sla in of(events, SlaChanged):
        if sla.ticket_id == ticket_id:
            yield f"clock      {hours.short(sla.occurred_at)}  {_clock(sla, hours)}"


def newest(ticket_id: str, events: Sequence[Event], kept: Kept | None) -> Ticket | None:
    """The ticket as it stands: an export may be older than the store, or the other way."""
    told = [event.ticket for event in of(events, TicketEvent) if event.ticket.id == ticket_id]
    held = [one for one in kept.tickets if one.id == ticket_id] if kept else []
    return max((*told, *held), key=lambda one: one.version, default=None)


def _alerts(
    ticket_id: str, events: Sequence[Event], kept: Kept | None, hours: Hours
) -> Iterator[str]:
    about = [alert for alert in of(events, AlertChanged) if ticket_id in alert.ticket_ids]
    for alert in about:
        who = f" by {alert.acknowledged_by}" if alert.acknowledged_by else ""
        yield f"alert      {hours.short(alert.occurred_at)}  {alert.state}{who}: {alert.need}"
    if about or kept:
        yield from deliveries_of(ticket_id, kept, hours)


def _ticket(ticket: Ticket) -> Iterator[str]:
    owner = ticket.owner or "nobody"
    yield f"owner      {owner}, team {ticket.team}, {ticket.state}"
    yield f"promise    {ticket.terms.name}, calendar in {ticket.terms.calendar.timezone}"


def _change(event: TicketEvent) -> str:
    who = f" by {event.by}" if event.by else ""
    why = f": {event.reason}" if event.reason else ""
    return f"{event.change}{who}{why}"


def _step(step: Escalation) -> str:
    return f"to {step.to}, level {step.level}: {step.clock} at {step.threshold:.0%}"


def _clock(sla: SlaChanged, hours: Hours) -> str:
    due = f", due {hours.short(sla.due_at)}" if sla.due_at else ""
    late = ", found late" if sla.discovered_late else ""
    blind = ", while the pipeline lagged" if sla.blind else ""
    minutes = f"{sla.elapsed / 60:.0f} of {sla.target / 60:.0f} working minutes"
    return f"{sla.clock} {sla.state}: {minutes}{due}{late}{blind}"
