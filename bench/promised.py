"""Which tickets are timed? A customer's case with one promise, at the instant that is asked for."""

from datetime import datetime, timedelta

import msgspec

from schemas.event import derive_id
from schemas.posts import Case
from schemas.states import Change, MomentKind, PriorityBand, TicketState
from schemas.tickets import Moment, SlaTerms, Targets, Ticket, TicketEvent
from schemas.vocabulary import CaseTopic, Disposition
from worktime.always import ALWAYS

BRAND = "severbank"


def promised(name: str, at: datetime, target: timedelta, shares: tuple[float, ...]) -> Ticket:
    """A case that opened at an instant and is to be answered within the target."""
    terms = SlaTerms(
        policy_hash="bench",
        name="bench",
        calendar=ALWAYS,
        targets=Targets(first_response=int(target.total_seconds())),
        thresholds=shares,
    )
    return Ticket(
        id=name,
        version=1,
        case=Case(brand=BRAND, thread=name),
        episode=1,
        brand=BRAND,
        conversation_id=name,
        source="generic",
        account="bank",
        lang="ru",
        topic=CaseTopic.other,
        state=TicketState.open,
        disposition=Disposition.human_review,
        priority=50,
        priority_band=PriorityBand.high,
        urgency=50,
        rule_id="bench",
        team="care",
        opened_at=at,
        terms=terms,
        moments=(_moment(name, at, MomentKind.customer_wrote),),
    )


def answered(ticket: Ticket, at: datetime) -> Ticket:
    """Its next version: somebody has answered."""
    answer = _moment(ticket.id, at, MomentKind.answered_publicly)
    moments = (*ticket.moments, answer)
    return msgspec.structs.replace(ticket, version=ticket.version + 1, moments=moments)


def told(ticket: Ticket, at: datetime) -> TicketEvent:
    """The event that carries a version."""
    change = Change.opened if ticket.version == 1 else Change.answered
    event_id = derive_id(ticket.id, "TicketEvent", ticket.version)
    return TicketEvent(event_id=event_id, occurred_at=at, change=change, ticket=ticket)


def _moment(name: str, at: datetime, kind: MomentKind) -> Moment:
    return Moment(id=derive_id(name, kind.value), at=at, received_at=at, kind=kind)
