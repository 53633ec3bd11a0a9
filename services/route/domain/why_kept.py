"""What does the store tell of a post that no event does? Who wrote the policy, and who was reached.

Without a store to ask the page says so: what is not known is not left out.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from schemas.alerts import AlertChanged
from schemas.event import Event, Instant
from schemas.states import Change
from schemas.tickets import Ticket, TicketEvent
from services.route.domain.views import Audited, PolicyView
from services.route.domain.why_hours import Hours

_NO_STORE = "unknown: no store to ask (DATABASE_URL)"


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """One alert on its way to a channel: accepted at ``done_at``, or due again."""

    alert: AlertChanged
    channel: str
    attempt: int
    due_at: Instant
    done_at: Instant | None = None


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What the store holds of the cases that a page is about; deliveries by ticket.

    ``zone`` is the company's, by the policy that runs.
    """

    policies: tuple[PolicyView, ...] = ()
    zone: str = "UTC"
    tickets: tuple[Ticket, ...] = ()
    trail: tuple[Audited, ...] = ()
    deliveries: Mapping[str, tuple[Delivered, ...]] = msgspec.field(default_factory=dict)


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """A person decided otherwise: who, when, why, and what holds since then."""

    version: int
    by: str
    at: Instant
    reason: str
    since_then: str


def author_of(text_hash: str, seq: int | None, kept: Kept | None) -> str:
    """Who put a policy: a number means another text in another store, a text may come back."""
    if kept is None:
        return _NO_STORE
    versions = [one for one in kept.policies if one.hash == text_hash]
    exact = [one for one in versions if one.seq == seq]
    authors = dict.fromkeys(one.author for one in exact or versions)
    return " or ".join(authors) or "somebody: no version of this store has this text"


def overrides_of(ticket_id: str, events: Sequence[Event], kept: Kept | None) -> Sequence[Override]:
    """Where a person decided otherwise, from the events and the trail, each once (R6)."""
    told = {
        one.ticket.version: Override(
            version=one.ticket.version,
            by=one.by or "somebody",
            at=one.occurred_at,
            reason=one.reason or "no reason given",
            since_then=f"{one.ticket.disposition}, {one.ticket.team}",
        )
        for one in events
        if isinstance(one, TicketEvent)
        and (one.ticket.id, one.change) == (ticket_id, Change.overridden)
    }
    trail = [] if kept is None else [_audited(one) for one in kept.trail if _is_of(one, ticket_id)]
    found = {**{one.version: one for one in trail}, **told}
    return [one for _, one in sorted(found.items())]


def deliveries_of(ticket_id: str, kept: Kept | None, hours: Hours) -> Iterator[str]:
    """Where the alerts about a case went, and whether they got there."""
    if kept is None:
        yield f"delivery   {_NO_STORE}"
        return
    for one in kept.deliveries.get(ticket_id, ()):
        told = f"{hours.short(one.alert.occurred_at)}  {one.alert.state} to {one.channel}"
        if one.done_at:
            yield f"delivery   {told}: accepted {hours.short(one.done_at)}, attempt {one.attempt}"
        else:
            again = f"attempts {one.attempt}, due {hours.short(one.due_at)}"
            yield f"delivery   {told}: not accepted yet, {again}"


def _is_of(one: Audited, ticket_id: str) -> bool:
    return (one.ticket_id, one.command) == (ticket_id, Change.overridden.value)


def _audited(one: Audited) -> Override:
    changed = ", ".join(f"{name} {after}" for name, (_, after) in sorted(one.changed.items()))
    return Override(
        version=one.version or 0,
        by=one.by,
        at=one.at,
        reason=one.reason or "no reason given",
        since_then=changed or "nothing else",
    )
