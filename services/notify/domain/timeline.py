"""In which order did things happen to a ticket, and when was it on hold?

At one instant what we said comes first, then what customers wrote, reopening, pauses and closing.
"""

from collections.abc import Iterable
from datetime import datetime

from schemas.states import MOMENT_RANKS, MomentKind
from schemas.tickets import Moment


def in_order(moments: Iterable[Moment]) -> list[Moment]:
    """The moments that clocks know as a set by id, in event time."""
    known = (moment for moment in moments if moment.kind in MOMENT_RANKS)
    ordered = sorted(known, key=lambda m: (m.at, MOMENT_RANKS[m.kind], m.id, m.received_at))
    unique: dict[str, Moment] = {}
    for moment in ordered:
        unique.setdefault(moment.id, moment)
    return list(unique.values())


def pauses_of(ordered: Iterable[Moment]) -> tuple[tuple[datetime, datetime | None], ...]:
    """When the ticket was on hold; None while it still is. Reopening ends a hold."""
    pauses: list[tuple[datetime, datetime | None]] = []
    since: datetime | None = None
    for moment in ordered:
        if moment.kind is MomentKind.paused:
            since = since or moment.at
        elif moment.kind in {MomentKind.resumed, MomentKind.reopened} and since:
            pauses.append((since, moment.at))
            since = None
    return (*pauses, (since, None)) if since else tuple(pauses)
