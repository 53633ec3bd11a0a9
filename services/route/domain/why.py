"""Why was a post decided so? One page: post, rule, parts, overrides, ticket, deliveries, clocks."""

from collections.abc import Iterator, Sequence

from schemas.alerts import AlertChanged
from schemas.classified import ClassifiedPost, Part
from schemas.decisions import Decision
from schemas.event import Event
from schemas.sla import SlaChanged
from schemas.tickets import Ticket, TicketEvent
from services.route.domain.why_case import case_of_ticket, of
from services.route.domain.why_hours import Hours, hours_of
from services.route.domain.why_kept import Kept, author_of
from services.route.domain.why_post import Key, posts_meant

KINDS: tuple[type[Event], ...] = (
    ClassifiedPost,
    Decision,
    TicketEvent,
    SlaChanged,
    AlertChanged,
)
"""The events that a page is made of."""


def page(events: Sequence[Event], post: str, kept: Kept | None = None) -> str | None:
    """The page of a post by its id, its URL or its number in order of decision; None if unknown.

    ``kept`` is what the store told; a post that no event is about has the store's page.
    """
    pages = ["\n".join(_page(key, events, kept)) + "\n" for key in posts_meant(events, post)]
    if not pages and kept and kept.tickets:
        pages = ["\n".join(_from_the_store(post, kept)) + "\n"]
    return "\n".join(pages) or None


def tickets_meant(events: Sequence[Event], post: str) -> Sequence[str]:
    """The tickets of the posts that are meant: what the store is asked about."""
    keys = set(posts_meant(events, post))
    decided = (d for d in of(events, Decision) if (d.brand, d.post_id) in keys)
    return list(dict.fromkeys(d.ticket_id for d in decided if d.ticket_id))


def _page(key: Key, events: Sequence[Event], kept: Kept | None) -> Iterator[str]:
    brand, post_id = key
    decisions = [d for d in of(events, Decision) if (d.brand, d.post_id) == key]
    decisions.sort(key=lambda decision: decision.revision)
    seen = [c for c in of(events, ClassifiedPost) if (c.post.brand, c.post.id) == key]
    store = kept or Kept()
    told = (event.ticket for event in of(events, TicketEvent))
    hours = hours_of(brand, (*told, *store.tickets), store.zone)
    if not seen:
        yield f"post       {post_id}, {brand}; its text is not in these events"
    elif not decisions:
        yield from _post(seen[-1], hours)
        yield "decision   none: nobody decides on what a brand shows again or takes back"
    for decision in decisions:
        yield from (line for one in seen if _causes(one, decision) for line in _post(one, hours))
        yield from _decision(decision, hours, of_many=len(decisions) > 1)
        yield from _policy(decision, kept)
        yield from _priority(decision)
    for ticket in dict.fromkeys(d.ticket_id for d in decisions if d.ticket_id):
        yield from case_of_ticket(ticket, events, kept, hours)


def _from_the_store(post: str, kept: Kept) -> Iterator[str]:
    """What is left of a post once its events are gone: the case as it stands."""
    yield f"post       {post}; the store has its case, no event here is about it"
    for ticket in kept.tickets:
        yield from _standing(ticket, kept)
        hours = hours_of(ticket.brand, kept.tickets, kept.zone)
        yield from case_of_ticket(ticket.id, (), kept, hours)


def _standing(ticket: Ticket, kept: Kept) -> Iterator[str]:
    yield ""
    yield f"decision   {ticket.disposition}  (rule {ticket.rule_id}), as the case stands"
    author = author_of(ticket.terms.policy_hash, None, kept)
    yield f"policy     {ticket.terms.policy_hash}, put by {author}"
    band = f"{ticket.priority}  ({ticket.priority_band})"
    yield f"priority   {band}; its parts are in decisions.v1: --events has them"
    if ticket.url:
        yield f"           {ticket.url}"


def _causes(classified: ClassifiedPost, decision: Decision) -> bool:
    if decision.cause_id:
        return classified.event_id == decision.cause_id
    return classified.post.revision == decision.revision


def _post(classified: ClassifiedPost, hours: Hours) -> Iterator[str]:
    post, judged = classified.post, classified.classification
    yield f"post       {post.id}, {post.brand}, {hours.said(post.said_at)}, {post.source}"
    yield from (f"           {line}" for line in post.text.splitlines() or ["(no text)"])
    if post.url:
        yield f"           {post.url}"
    if judged:
        rude = "rude" if judged.rude else "polite"
        fair = "a fair claim" if judged.fair_claim else "no claim that can be checked"
        yield f"read as    {judged.lang}, {judged.addressed}, {judged.intent}, {judged.tone}"
        yield f"           {rude}, {fair}, {judged.topic}, urgency {judged.urgency}"


def _decision(decision: Decision, hours: Hours, *, of_many: bool) -> Iterator[str]:
    yield ""
    if of_many:
        yield f"revision   {decision.revision}, {hours.said(decision.occurred_at)}"
    yield f"decision   {decision.disposition}  (rule {decision.rule_id}, {decision.mode})"
    yield f"because    {'; '.join(decision.reasons)}"


def _policy(decision: Decision, kept: Kept | None) -> Iterator[str]:
    policy = decision.policy
    yield f"policy     {policy.name} #{policy.seq}, {policy.hash}"
    yield f"           put by {author_of(policy.hash, policy.seq, kept)}"
    if decision.suggestion:
        yield f"suggested  {decision.suggestion}, for a person to confirm"
    if decision.team:
        people = ", ".join(decision.inputs.on_duty.get(decision.team, ())) or "nobody"
        yield f"goes to    {decision.team}, on duty then: {people}; alert {decision.alert}"


def _priority(decision: Decision) -> Iterator[str]:
    yield f"priority   {decision.priority} = {_sum(decision.parts)}  ({decision.priority_band})"
    yield from (f"           {part.points:+4d}  {part.name}: {part.why}" for part in decision.parts)
    yield from (
        f"monitored  {rule}: it holds too, and decides nothing" for rule in decision.monitored
    )


def _sum(parts: tuple[Part, ...]) -> str:
    return " ".join(f"{part.points:+d}" for part in parts) or "0"
