"""What becomes of the canary in route? It goes on as a post does, and no policy is asked.

Two things leave: a ticket on which no clock runs, for notify, and a call for the channel that
calls nobody. Nothing is counted, and no row of it outlasts its passing.
"""

from datetime import datetime

from schemas.alerts import AlertChanged
from schemas.calendars import Calendar
from schemas.classified import ClassifiedPost
from schemas.event import CANARY, derive_id
from schemas.posts import case_of
from schemas.states import AlertKind, AlertState, Change, PriorityBand, TicketState
from schemas.tickets import SlaTerms, Targets, Ticket, TicketEvent
from schemas.vocabulary import CaseTopic, Disposition
from services.route.domain.alerting import Notice
from services.route.domain.book import Book
from services.route.domain.intents import CanaryCall
from services.route.domain.message import About

_NO_TERMS = SlaTerms(
    policy_hash="", name=CANARY, calendar=Calendar(timezone="UTC", weekly={}), targets=Targets()
)


def is_canary(event: object) -> bool:
    """Is it the post that watches the pipeline?"""
    return isinstance(event, ClassifiedPost) and event.post.brand == CANARY


def let_pass(event: ClassifiedPost, book: Book) -> TicketEvent | None:
    """Leave its call on the book; its ticket, or None where this step has let it pass already.

    What comes again later passes again, under the same ids: that harms nobody.
    """
    ticket = _ticket(event)
    if ticket.id in book.canaries:
        return None
    call = derive_id(event.event_id, "CanaryCall")
    book.canaries[ticket.id] = CanaryCall(id=call, ticket_id=ticket.id, at=event.occurred_at)
    return TicketEvent(
        event_id=derive_id(event.event_id, "TicketEvent"),
        cause_id=event.event_id,
        occurred_at=event.occurred_at,
        change=Change.closed,
        post_id=event.post.id,
        ticket=ticket,
    )


def notice_of(call: CanaryCall, now: datetime) -> Notice:
    """What the channel that calls nobody is handed."""
    alert = AlertChanged(
        event_id=derive_id(call.id, "AlertChanged"),
        cause_id=call.id,
        occurred_at=now,
        group_key=f"{CANARY}:{call.id}",
        state=AlertState.raised,
        kind=AlertKind.case,
        severity=PriorityBand.low,
        brand=CANARY,
        team=CANARY,
        ticket_ids=(call.ticket_id,),
        count=1,
        need="Nobody is needed",
    )
    return Notice(alert=alert, about=About(lang="en", team=CANARY))


def _ticket(event: ClassifiedPost) -> Ticket:
    """Closed as it comes: nobody who subscribes to open cases has one more."""
    post = event.post
    return Ticket(
        id=derive_id(post.event_id, "Ticket"),
        version=1,
        case=case_of(post),
        episode=1,
        brand=post.brand,
        conversation_id=post.conversation_id or post.id,
        source=post.source,
        account=post.account,
        lang=post.lang or "en",
        topic=CaseTopic.other,
        state=TicketState.closed,
        disposition=Disposition.listen,
        priority=0,
        priority_band=PriorityBand.low,
        urgency=0,
        rule_id=CANARY,
        team=CANARY,
        opened_at=post.received_at,
        closed_at=post.received_at,
        terms=_NO_TERMS,
        moments=(),
    )
