"""What happens when a promise runs late? The case a step up the ladder, and somebody is called."""

from collections.abc import Iterator

from schemas.sla import SlaChanged
from schemas.states import Change
from schemas.tickets import TicketEvent
from services.route.domain.book import Book
from services.route.domain.calling import Cause, about_lateness, intent
from services.route.domain.desk import Rules, Seat
from services.route.domain.escalation import escalate
from services.route.domain.ticket import version_id


def settle_lateness(
    event: SlaChanged, book: Book, rules: Rules, seat: Seat
) -> Iterator[TicketEvent]:
    """The ticket's change, if it is one; a step that was reached before calls nobody again."""
    ticket = book.ticket(event.ticket_id)
    team = rules.policy.teams.get(ticket.team) if ticket else None
    if ticket is None or team is None or not book.first_sight(event.event_id):
        return
    changed = escalate(ticket, event, team.ladder)
    if changed is None:
        return
    book.change(changed.ticket, partition=seat.partition)
    yield TicketEvent(
        event_id=version_id(changed.ticket),
        cause_id=event.event_id,
        occurred_at=event.occurred_at,
        change=changed.change,
        reason=_reason(event),
        ticket=changed.ticket,
    )
    if changed.change is Change.escalated and changed.ticket.level > ticket.level:
        cause = Cause(
            event_id=event.event_id,
            brand=ticket.brand,
            at=event.occurred_at,
            partition=seat.partition,
            link=ticket.url,
            traces=seat.traces,
        )
        if not seat.replayed:
            call = about_lateness(changed.ticket, rules.policy)
            late = seat.recovered
            book.intents.append(intent(call, cause, rules.policy, rules.needs, late=late))


def _reason(event: SlaChanged) -> str:
    if event.corrects:
        return f"{event.clock}: the announcement was corrected"
    blind = ", seen late" if event.blind or event.discovered_late else ""
    return f"{event.clock}: {event.threshold or 0:.0%} of {event.target} s used up{blind}"
