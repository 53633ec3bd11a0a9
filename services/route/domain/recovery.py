"""What did a store that was lost do, as its topics tell? What was told is neither done nor told
again, or one version of a ticket would be two.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from schemas.alerts import AlertChanged
from schemas.classified import ClassifiedPost
from schemas.decisions import Decision
from schemas.event import CANARY, Event, derive_id
from schemas.sla import SlaChanged
from schemas.states import AlertState
from schemas.tickets import Ticket, TicketEvent
from services.route.domain.alerting import AlertGroup
from services.route.domain.case_news import news_of
from services.route.domain.intents import CaseNews

TELLINGS = 10_000
"""How often a group may have been told after the store was saved."""


@dataclass
class Told:
    """All that was published since the store was saved, and a little of what was before."""

    ids: set[str] = field(default_factory=set)
    _decided: dict[str, bool] = field(default_factory=dict)
    """By the event that a decision was on: is there a case, whose ticket has to tell of it?"""
    _caused: set[str] = field(default_factory=set)
    tickets: dict[str, tuple[Ticket, int]] = field(default_factory=dict)
    changes: list[TicketEvent] = field(default_factory=list)
    alerts: dict[str, list[AlertChanged]] = field(default_factory=dict)

    def note(self, event: Event, partition: int) -> None:
        """One event, in the order of its topic."""
        self.ids.add(event.event_id)
        if isinstance(event, Decision):
            self._decided[event.cause_id or ""] = event.ticket_id is not None
        elif isinstance(event, TicketEvent) and event.ticket.brand != CANARY:
            self._caused.add(event.cause_id or "")
            self.changes.append(event)
            known = self.tickets.get(event.ticket.id)
            if known is None or event.ticket.version >= known[0].version:
                self.tickets[event.ticket.id] = event.ticket, partition
        elif isinstance(event, AlertChanged):
            self.alerts.setdefault(event.group_key, []).append(event)

    def is_told(self, event: Event) -> bool:
        """Was all published that came of it? A decision alone says so where it opened no case."""
        if isinstance(event, SlaChanged):
            return event.event_id in self._caused
        if not isinstance(event, ClassifiedPost):
            return False
        has_case = self._decided.get(event.event_id)
        return has_case is False or event.event_id in self._caused

    def is_in_doubt(self, event: Event) -> bool:
        """Was a decision published on it, and perhaps not all? Nobody is called for it again."""
        return event.event_id in self._decided and not self.is_told(event)

    def news(self, before: Mapping[str, Ticket]) -> Iterator[CaseNews]:
        """What those who were called about these cases have to know; ``before`` is as saved."""
        known = dict(before)
        for event in self.changes:
            saved = before.get(event.ticket.id)
            if saved and event.ticket.version <= saved.version:
                continue
            yield from news_of(known.get(event.ticket.id), event)
            known[event.ticket.id] = event.ticket


def brought_up(
    group: AlertGroup, told: Sequence[AlertChanged], taken_within: timedelta
) -> AlertGroup:
    """A group as it was when it was last told of; its next telling has a number of its own.

    One that was acknowledged has as long as policy gives from then on, or its chain goes on.
    """
    since = [one for one in told if _number(group, one) > group.tellings]
    if not since:
        return group
    last = since[-1]
    over = last.occurred_at if last.state is AlertState.resolved else None
    taken = last.acknowledged_by is not None
    return msgspec.structs.replace(
        group,
        state=last.state,
        severity=last.severity,
        count=last.count,
        level=last.level,
        need=last.need,
        tellings=_number(group, last),
        told_at=last.occurred_at,
        reached=tuple(dict.fromkeys((*group.reached, *_rungs(group, last.level)))),
        acknowledged_by=last.acknowledged_by,
        acknowledged_at=last.occurred_at if taken else None,
        climbs_at=None if over else _climbs(group, since, taken_within),
        closed_at=over,
    )


def _climbs(
    group: AlertGroup, told: Sequence[AlertChanged], taken_within: timedelta
) -> datetime | None:
    """When the next rung is called, counted from the one that was called last."""
    level = told[-1].level
    if told[-1].acknowledged_by:
        return told[-1].occurred_at + taken_within
    if level == group.level:
        return group.climbs_at
    if level >= len(group.chain):
        return None
    called = next((one.occurred_at for one in told if one.level == level), told[-1].occurred_at)
    return called + group.chain[level].after - group.chain[level - 1].after


def _rungs(group: AlertGroup, level: int) -> Iterator[str]:
    return (rung.channel for rung in group.chain[:level])


def _number(group: AlertGroup, event: AlertChanged) -> int:
    """How often the group had been told then; an event's id is of that number."""
    numbers = range(group.tellings, group.tellings + TELLINGS)
    of_it = (n for n in numbers if derive_id(group.key, "AlertChanged", n) == event.event_id)
    return next(of_it, group.tellings)
