"""What does a person's command do to a ticket? Optimistic: it names the version that it saw."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from schemas.event import derive_id
from schemas.states import Axis, Change, MomentKind, Outcome
from schemas.tickets import TOLD, Correction, Moment, Ticket, TicketEvent
from schemas.tickets import Claim as ClaimLease
from schemas.tickets import HandOver as HandedOver
from schemas.vocabulary import Disposition
from services.route.domain.commands import (
    Assign,
    Claim,
    Close,
    Command,
    HandOver,
    Link,
    Override,
    Pause,
    Refusal,
    Release,
    Reopen,
    Resume,
)
from services.route.domain.decide import CASES, band_of
from services.route.domain.ending import close, follow_ups_of, outcome_of
from services.route.domain.moments import merge, next_instant, paused_since, state_of
from services.route.domain.play import fitted, play_of
from services.route.domain.ticket import RELATED, REOPENED, Changed, version_id

_SILENT = frozenset({Disposition.no_reply_insult, Disposition.no_reply_unresolvable})


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """Who gave a command, when, and which version of the ticket they saw."""

    by: str
    at: datetime
    expected: int


def carry_out(ticket: Ticket, command: Command, said: Said) -> TicketEvent | Refusal:
    """The event of a command that is allowed, or why the ticket stays as it is."""
    if ticket.version != said.expected:
        return Refusal.version_differs
    changed = _refused(ticket, command, said) or _COMMANDS[type(command)](ticket, command, said)
    if isinstance(changed, Refusal):
        return changed
    return TicketEvent(
        event_id=version_id(changed.ticket),
        occurred_at=said.at,
        change=changed.change,
        by=said.by,
        reason=getattr(command, "reason", None),
        ticket=changed.ticket,
    )


def claimed_by(ticket: Ticket, at: datetime) -> str | None:
    """Who works on the case alone at that instant."""
    return ticket.claim.by if ticket.claim and ticket.claim.until > at else None


def _refused(ticket: Ticket, command: Command, said: Said) -> Refusal | None:
    closed = ticket.closed_at is not None
    if isinstance(command, Link):
        return None
    if closed and not isinstance(command, Reopen):
        return Refusal.closed_already
    if not closed and isinstance(command, Reopen):
        return Refusal.not_closed
    alone = claimed_by(ticket, said.at)
    passes_on = isinstance(command, Assign | HandOver)
    return Refusal.claimed_by_another if alone not in {None, said.by} and not passes_on else None


def _claim(ticket: Ticket, command: Claim, said: Said) -> Changed:
    lease = ClaimLease(by=said.by, until=said.at + timedelta(minutes=command.minutes))
    return _changed(ticket, Change.claimed, claim=lease, owner=ticket.owner or said.by)


def _release(ticket: Ticket, _: Release, __: Said) -> Changed | Refusal:
    if ticket.claim is None:
        return Refusal.nothing_to_change
    return _changed(ticket, Change.assigned, claim=None)


def _assign(ticket: Ticket, command: Assign, _: Said) -> Changed | Refusal:
    if command.owner == ticket.owner:
        return Refusal.nothing_to_change
    return _changed(ticket, Change.assigned, owner=command.owner, claim=None)


def _hand_over(ticket: Ticket, command: HandOver, said: Said) -> Changed | Refusal:
    if command.team == ticket.team:
        return Refusal.nothing_to_change
    moved = HandedOver(at=said.at, was=ticket.team, team=command.team)
    return _changed(
        ticket,
        Change.assigned,
        team=command.team,
        owner=command.owner,
        claim=None,
        level=0,
        hand_overs=(*ticket.hand_overs, moved)[-TOLD:],
    )


def _pause(ticket: Ticket, _: Pause, said: Said) -> Changed | Refusal:
    if paused_since(ticket.moments):
        return Refusal.on_hold_already
    return _happened(ticket, MomentKind.paused, Change.paused, said)


def _resume(ticket: Ticket, _: Resume, said: Said) -> Changed | Refusal:
    if not paused_since(ticket.moments):
        return Refusal.not_on_hold
    return _happened(ticket, MomentKind.resumed, Change.resumed, said)


def _close(ticket: Ticket, command: Close, said: Said) -> Changed:
    outcome = command.outcome or outcome_of(ticket)
    left = follow_ups_of(outcome, command.follow_ups)
    return close(ticket, at=said.at, by=said.by, outcome=outcome.value, follow_ups=left)


def _reopen(ticket: Ticket, _: Reopen, said: Said) -> Changed:
    opened = _happened(ticket, MomentKind.reopened, Change.reopened, said).ticket
    again = msgspec.structs.replace(opened, **REOPENED)
    return Changed(ticket=again, change=Change.reopened)


def _corrections(
    ticket: Ticket, decided: Disposition, urgency: int, at: datetime
) -> Iterator[Correction]:
    version = ticket.version + 1
    if decided != ticket.disposition:
        was = ticket.disposition
        yield Correction(at=at, version=version, axis=Axis.disposition, was=was, now=decided)
    if urgency != ticket.urgency:
        weighed, now = str(ticket.urgency), str(urgency)
        yield Correction(at=at, version=version, axis=Axis.urgency, was=weighed, now=now)


def _override(ticket: Ticket, command: Override, said: Said) -> Changed | Refusal:
    decided = command.disposition or ticket.disposition
    urgency = ticket.urgency if command.urgency is None else command.urgency
    if (decided, urgency) == (ticket.disposition, ticket.urgency):
        return Refusal.nothing_to_change
    if decided not in CASES | _SILENT:
        return Refusal.nothing_to_change
    priority = min(100, max(0, ticket.priority + urgency - ticket.urgency))
    changed = _changed(
        ticket,
        Change.overridden,
        disposition=decided,
        urgency=urgency,
        priority=priority,
        priority_band=band_of(priority),
        play=play_of(decided, ticket.moments),
        terms=fitted(ticket.terms, decided, public=True),
        corrections=(*ticket.corrections, *_corrections(ticket, decided, urgency, said.at))[-TOLD:],
    )
    if decided not in _SILENT:
        return changed
    ended = close(ticket, at=said.at, by=said.by, outcome=Outcome.silent.value).ticket
    kept = {name: getattr(ended, name) for name in ("moments", "state", "closed_at", "outcome")}
    silenced = msgspec.structs.replace(changed.ticket, claim=None, **kept)
    return Changed(ticket=silenced, change=Change.overridden)


def _link(ticket: Ticket, command: Link, _: Said) -> Changed | Refusal:
    if command.ticket in {ticket.id, *ticket.related}:
        return Refusal.nothing_to_change
    return _changed(ticket, Change.linked, related=(*ticket.related, command.ticket)[-RELATED:])


def _happened(ticket: Ticket, kind: MomentKind, change: Change, said: Said) -> Changed:
    at = next_instant(ticket.moments, said.at)
    moment = Moment(
        id=derive_id(ticket.id, kind.value, ticket.version),
        at=at,
        received_at=at,
        kind=kind,
        by=said.by,
    )
    moments = merge(ticket.moments, (moment,))
    return _changed(ticket, change, moments=moments, state=state_of(moments))


def _changed(ticket: Ticket, change: Change, **fields: Any) -> Changed:
    changed = msgspec.structs.replace(ticket, version=ticket.version + 1, **fields)
    return Changed(ticket=changed, change=change)


_COMMANDS: Mapping[type[Command], Callable[..., Changed | Refusal]] = {
    Claim: _claim,
    Release: _release,
    Assign: _assign,
    HandOver: _hand_over,
    Pause: _pause,
    Resume: _resume,
    Close: _close,
    Reopen: _reopen,
    Override: _override,
    Link: _link,
}
