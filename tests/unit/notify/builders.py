"""Tickets, moments and calendars as a test needs them: it names only what it varies."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from schemas.calendars import Calendar
from schemas.posts import Case
from schemas.states import Change, ClockFrom, MomentKind, PriorityBand, TicketState
from schemas.tickets import Moment, SlaTerms, Targets, Ticket, TicketEvent
from schemas.vocabulary import CaseTopic, Disposition
from worktime.always import ALWAYS

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
NIGHTS = Calendar(
    timezone="Europe/Sofia",
    weekly=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (("22:00", "06:00"),)),
)
TARGETS = {
    "first_response": 3600,
    "next_response": 3600,
    "resolution": 8 * 3600,
    "silence": 1800,
    "promise": 3600,
    "ack": 900,
    "private": 1800,
    "closing": 3600,
}
"""Of every clock, in seconds."""
OFFICE = Calendar(
    timezone="UTC",
    weekly=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (("09:00", "17:00"),)),
)


def at(minutes: float) -> datetime:
    """So many minutes after the start, which is a Monday at 10:00 UTC."""
    return START + minutes * MINUTE


def moment(
    kind: MomentKind, minutes: float, *, received: float | None = None, name: str = ""
) -> Moment:
    return Moment(
        id=name or f"{kind.value}@{minutes}",
        at=at(minutes),
        received_at=at(minutes if received is None else received),
        kind=kind,
        by="care" if kind is not MomentKind.customer_wrote else None,
    )


def wrote(minutes: float, *, received: float | None = None) -> Moment:
    return moment(MomentKind.customer_wrote, minutes, received=received)


def answered(minutes: float, *, received: float | None = None) -> Moment:
    return moment(MomentKind.answered_publicly, minutes, received=received)


def closed(minutes: float) -> Moment:
    return moment(MomentKind.closed, minutes)


def terms(
    promised: Mapping[str, int] | None = None,
    *,
    calendar: Calendar = ALWAYS,
    clock_from: ClockFrom = ClockFrom.posted,
    thresholds: tuple[float, ...] = (0.75, 1.0, 1.5),
    **targets: int,
) -> SlaTerms:
    """Terms with targets in minutes; one hour to the first response unless told otherwise."""
    seconds = {
        name: minutes * 60
        for name, minutes in ({**(promised or {}), **targets} or {"first_response": 60}).items()
    }
    return SlaTerms(
        policy_hash="p",
        name="test",
        clock_from=clock_from,
        calendar=calendar,
        targets=Targets(**seconds),
        thresholds=thresholds,
    )


def ticket(
    *moments: Moment,
    promised: SlaTerms | None = None,
    name: str = "t1",
    version: int = 1,
    team: str = "care",
) -> Ticket:
    ended = any(m.kind is MomentKind.closed for m in moments)
    return Ticket(
        id=name,
        version=version,
        case=Case(brand="acme", thread=name),
        episode=1,
        brand="acme",
        conversation_id="c",
        source="vk",
        account="acme",
        lang="ru",
        topic=CaseTopic.other,
        state=TicketState.closed if ended else TicketState.open,
        disposition=Disposition.answer_here,
        priority=50,
        priority_band=PriorityBand.high,
        urgency=50,
        rule_id="r",
        team=team,
        excerpt="words of a customer",
        opened_at=min((m.at for m in moments), default=START),
        terms=promised or terms(),
        moments=moments,
    )


def told(found: Ticket, change: Change = Change.opened) -> TicketEvent:
    return TicketEvent(
        event_id=f"{found.id}-v{found.version}",
        occurred_at=max((m.at for m in found.moments), default=START),
        change=change,
        ticket=found,
    )
