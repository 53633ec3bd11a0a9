"""What becomes of the alerts of a case when it is answered, taken, closed or handed over?"""

from collections.abc import Iterator

from schemas.event import derive_id
from schemas.states import WORDS, Change, ClockName, MomentKind
from schemas.tickets import Ticket, TicketEvent
from services.route.domain.calling import lateness_of
from services.route.domain.intents import CaseNews
from services.route.domain.moments import last_of

_ANSWERED = frozenset({Change.answered, Change.acknowledged, Change.closed_publicly})
_NOT_ANSWERED = (
    ClockName.resolution,
    ClockName.silence,
    ClockName.promise,
    ClockName.private,
    ClockName.closing,
)
"""Clocks that an answer does not end: whoever was called about them is still needed."""


def news_of(before: Ticket | None, event: TicketEvent) -> Iterator[CaseNews]:
    """What those who were called about the case have to know, if it is anything."""
    ticket, change = event.ticket, event.change
    if ticket.closed_at or (before and before.team != ticket.team):
        yield _news(event, over=True)
    elif change in _ANSWERED and not waits(ticket):
        yield _news(event, over=True, spares=_NOT_ANSWERED)
    elif change is Change.claimed:
        yield _news(event, over=False)
    for known in before.escalations if before and change is Change.deescalated else ():
        if known not in ticket.escalations:
            yield _news(event, over=True, base=lateness_of(ticket, known))


def waits(ticket: Ticket) -> bool:
    """Does the customer wait for a word of a person?"""
    said = last_of(ticket.moments, WORDS)
    wrote = last_of(ticket.moments, frozenset({MomentKind.customer_wrote}))
    return wrote is not None and (said is None or wrote > said)


def _news(
    event: TicketEvent, *, over: bool, base: str = "", spares: tuple[ClockName, ...] = ()
) -> CaseNews:
    return CaseNews(
        id=derive_id(event.event_id, "CaseNews", base),
        ticket_id=event.ticket.id,
        at=event.occurred_at,
        over=over,
        base=base,
        spares=tuple(clock.value for clock in spares),
    )
