"""Why was a post decided so? One page from its events: post, rule, parts, ticket, alert, clocks."""

from collections.abc import Iterator, Sequence

from schemas.alerts import AlertChanged
from schemas.classified import ClassifiedPost, Part
from schemas.decisions import Decision
from schemas.event import Event
from schemas.sla import SlaChanged
from schemas.states import Change
from schemas.tickets import TicketEvent
from services.route.domain.why_case import case_of_ticket, of
from services.route.domain.why_post import posts_meant

KINDS: tuple[type[Event], ...] = (
    ClassifiedPost,
    Decision,
    TicketEvent,
    SlaChanged,
    AlertChanged,
)
"""The events that a page is made of."""


def page(events: Sequence[Event], post: str) -> str | None:
    """The page of a post by its id, its URL or its number in order of decision; None if unknown."""
    pages = ["\n".join(_page(key, events)) + "\n" for key in posts_meant(events, post)]
    return "\n".join(pages) or None


def _page(key: tuple[str, str], events: Sequence[Event]) -> Iterator[str]:
    brand, post_id = key
    decisions = [d for d in of(events, Decision) if (d.brand, d.post_id) == key]
    decisions.sort(key=lambda decision: decision.revision)
    seen = [c for c in of(events, ClassifiedPost) if (c.post.brand, c.post.id) == key]
    if not seen:
        yield f"post       {post_id}, {brand}; its text is not in these events"
    elif not decisions:
        yield from _post(seen[-1])
        yield "decision   none: nobody decides on what a brand shows again or takes back"
    for decision in decisions:
        yield from (line for one in seen if _causes(one, decision) for line in _post(one))
        yield from _decision(decision, of_many=len(decisions) > 1)
    for ticket in dict.fromkeys(d.ticket_id for d in decisions if d.ticket_id):
        yield from _overrides(ticket, events)
        yield from case_of_ticket(ticket, events)


def _causes(classified: ClassifiedPost, decision: Decision) -> bool:
    if decision.cause_id:
        return classified.event_id == decision.cause_id
    return classified.post.revision == decision.revision


def _post(classified: ClassifiedPost) -> Iterator[str]:
    post, judged = classified.post, classified.classification
    at = post.said_at
    yield f"post       {post.id}, {post.brand}, {at:%Y-%m-%d %H:%M} UTC, {post.source}"
    yield from (f"           {line}" for line in post.text.splitlines() or ["(no text)"])
    if post.url:
        yield f"           {post.url}"
    if judged:
        rude = "rude" if judged.rude else "polite"
        fair = "a fair claim" if judged.fair_claim else "no claim that can be checked"
        yield f"read as    {judged.lang}, {judged.addressed}, {judged.intent}, {judged.tone}"
        yield f"           {rude}, {fair}, {judged.topic}, urgency {judged.urgency}"


def _decision(decision: Decision, *, of_many: bool) -> Iterator[str]:
    yield ""
    if of_many:
        yield f"revision   {decision.revision}, {decision.occurred_at:%Y-%m-%d %H:%M} UTC"
    yield f"decision   {decision.disposition}  (rule {decision.rule_id}, {decision.mode})"
    yield f"because    {'; '.join(decision.reasons)}"
    policy = decision.policy
    yield f"policy     {policy.name} #{policy.seq}, {policy.hash}"
    if decision.suggestion:
        yield f"suggested  {decision.suggestion}, for a person to confirm"
    if decision.team:
        people = ", ".join(decision.inputs.on_duty.get(decision.team, ())) or "nobody"
        yield f"goes to    {decision.team}, on duty then: {people}; alert {decision.alert}"
    yield f"priority   {decision.priority} = {_sum(decision.parts)}  ({decision.priority_band})"
    yield from (f"           {part.points:+4d}  {part.name}: {part.why}" for part in decision.parts)
    yield from (
        f"monitored  {rule}: it holds too, and decides nothing" for rule in decision.monitored
    )


def _overrides(ticket_id: str, events: Sequence[Event]) -> Iterator[str]:
    """Where a person decided otherwise: who, when and why (R6)."""
    for event in of(events, TicketEvent):
        if event.ticket.id == ticket_id and event.change is Change.overridden:
            who, why = event.by or "somebody", event.reason or "no reason given"
            yield f"overridden by {who}, {event.occurred_at:%Y-%m-%d %H:%M}: {why}"
            yield f"           since then {event.ticket.disposition}, {event.ticket.team}"


def _sum(parts: tuple[Part, ...]) -> str:
    return " ".join(f"{part.points:+d}" for part in parts) or "0"
