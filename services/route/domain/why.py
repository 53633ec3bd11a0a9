"""Why was a post decided so? One page from its events: post, rule, parts, ticket, alert, clocks."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from schemas.alerts import AlertChanged
from schemas.classified import ClassifiedPost, Part
from schemas.decisions import Decision
from schemas.event import Event
from schemas.sla import SlaChanged
from schemas.tickets import TicketEvent

E = TypeVar("E", bound=Event)
_KNOWN = (ClassifiedPost, Decision, TicketEvent, SlaChanged, AlertChanged)


class _Tagged(msgspec.Struct):
    type: str


def page(lines: Iterable[str], post: str) -> str | None:
    """The page of one post, by its id or by its number in order of decision; None if unknown."""
    events = list(_decoded(lines))
    decisions = {(d.brand, d.post_id, d.revision): d for d in _of(events, Decision)}
    ordered = sorted(decisions.values(), key=lambda d: (d.occurred_at, d.post_id))
    found = [d for d in ordered if d.post_id == post]
    if not found and post.isdigit() and 0 < int(post) <= len(ordered):
        found = [ordered[int(post) - 1]]
    if not found:
        return None
    return "\n".join(line for decision in found for line in _page(decision, events)) + "\n"


def _page(decision: Decision, events: list[Event]) -> Iterator[str]:
    for classified in _of(events, ClassifiedPost):
        if classified.post.id == decision.post_id and classified.post.brand == decision.brand:
            yield from _post(classified)
            break
    yield ""
    yield f"decision   {decision.disposition}  (rule {decision.rule_id}, {decision.mode})"
    yield f"because    {'; '.join(decision.reasons)}"
    policy = decision.policy
    yield f"policy     {policy.name} #{policy.seq}, {policy.hash}"
    if decision.suggestion:
        yield f"suggested  {decision.suggestion}, for a person to confirm"
    yield f"priority   {decision.priority} = {_sum(decision.parts)}  ({decision.priority_band})"
    yield from (f"           {part.points:+4d}  {part.name}: {part.why}" for part in decision.parts)
    if decision.ticket_id:
        yield from _case(decision.ticket_id, events)


def _post(classified: ClassifiedPost) -> Iterator[str]:
    post, judged = classified.post, classified.classification
    at = post.said_at
    yield f"post       {post.id}, {post.brand}, {at:%Y-%m-%d %H:%M} UTC, {post.source}"
    yield f"           {post.text}"
    if judged:
        rude = "rude" if judged.rude else "polite"
        fair = "a fair claim" if judged.fair_claim else "no claim that can be checked"
        yield f"read as    {judged.lang}, {judged.addressed}, {judged.intent}, {judged.tone}"
        yield f"           {rude}, {fair}, {judged.topic}, urgency {judged.urgency}"


def _case(ticket_id: str, events: list[Event]) -> Iterator[str]:
    changes = {
        event.ticket.version: event
        for event in _of(events, TicketEvent)
        if event.ticket.id == ticket_id
    }
    for version, event in sorted(changes.items()):
        if version == 1:
            ticket = event.ticket
            yield ""
            yield f"ticket     {ticket.id}"
            yield f"owner      {ticket.owner or 'nobody on duty'}, team {ticket.team}"
            yield f"promise    {ticket.terms.name}, calendar in {ticket.terms.calendar.timezone}"
        who = f" by {event.by}" if event.by else ""
        yield f"           {event.occurred_at:%H:%M}  v{version} {event.change}{who}"
    for alert in _of(events, AlertChanged):
        if ticket_id in alert.ticket_ids:
            who = f" by {alert.acknowledged_by}" if alert.acknowledged_by else ""
            yield f"alert      {alert.occurred_at:%H:%M}  {alert.state}{who}: {alert.need}"
    for sla in _of(events, SlaChanged):
        if sla.ticket_id == ticket_id:
            due = f", due {sla.due_at:%H:%M}" if sla.due_at else ""
            minutes = f"{sla.elapsed / 60:.0f} of {sla.target / 60:.0f} working minutes"
            yield f"clock      {sla.occurred_at:%H:%M}  {sla.clock} {sla.state}: {minutes}{due}"


def _sum(parts: tuple[Part, ...]) -> str:
    return " ".join(f"{part.points:+d}" for part in parts) or "0"


def _decoded(lines: Iterable[str]) -> Iterator[Event]:
    kinds = {kind.__name__: kind for kind in _KNOWN}
    for line in filter(str.strip, lines):
        kind = kinds.get(msgspec.json.decode(line, type=_Tagged).type)
        if kind:
            yield msgspec.json.decode(line, type=kind)


def _of(events: list[Event], kind: type[E]) -> Iterator[E]:
    return (event for event in events if isinstance(event, kind))
