"""What does route remember that one step touches? Looked up once, changed in memory, kept once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from schemas.event import Contract, Instant
from schemas.posts import SocialPost
from schemas.tickets import Moment, Ticket
from schemas.vocabulary import SeenAs, Visibility
from services.route.domain.context import Context, WantedContext
from services.route.domain.intents import AlertIntent, CanaryCall, CaseNews
from services.route.domain.swaps import Swap

TWINS_WITHIN = timedelta(hours=1)
"""How far apart the same words may be reported and seen, and still be one reply."""


class Sighting(Contract, frozen=True, kw_only=True):
    """What is remembered of a post: enough to match a reply, no text.

    ``fingerprint`` is kept of replies: one that we were told of is known by it when it is seen.
    ``removed``: it was taken back, so that a copy of it that comes late stays without effect.
    ``visibility``: what is suggested in a private dialogue is not what is said in public.
    """

    post_id: str
    revision: int
    brand: str
    conversation: str
    thread: str
    case_key: str | None = None
    customer: str | None = None
    author_hash: str | None = None
    parent_id: str | None = None
    at: Instant
    reply: Moment | None = None
    fingerprint: str | None = None
    removed: bool = False
    visibility: Visibility = Visibility.public

    @property
    def key(self) -> str:
        """One post can concern two brands; it is remembered for each."""
        return sighting_key(self.brand, self.post_id)


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """All that is held of one customer."""

    author_hash: str
    forgotten: bool
    tickets: Sequence[Ticket]
    posts: Sequence[Sighting]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What to look up for a step."""

    events: frozenset[str]
    posts: frozenset[str]
    case_keys: frozenset[str]
    tickets: frozenset[str]
    private_threads: frozenset[str]
    conversations: frozenset[str]
    people: frozenset[str]
    between: tuple[datetime, datetime]
    customers: frozenset[tuple[str, str]]
    context: WantedContext


@dataclass(slots=True)
class Book:
    """The working set of one step; the changed parts are what ``store.keep`` writes.

    What is changed or counted goes with the number of the partition that it belongs to.
    """

    seen: set[str] = field(default_factory=set)
    sightings: dict[str, Sighting] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    context: Context = field(default_factory=Context)
    related: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    load: dict[str, int] = field(default_factory=dict)
    swaps: tuple[Swap, ...] = ()
    contacts: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    newly_seen: list[str] = field(default_factory=list)
    changed_sightings: dict[str, Sighting] = field(default_factory=dict)
    changed_tickets: dict[str, tuple[Ticket, int]] = field(default_factory=dict)
    intents: list[AlertIntent] = field(default_factory=list)
    news: list[CaseNews] = field(default_factory=list)
    canaries: dict[str, CanaryCall] = field(default_factory=dict)

    def first_sight(self, event_id: str) -> bool:
        """Is this event new? Remembers it."""
        if event_id in self.seen:
            return False
        self.seen.add(event_id)
        self.newly_seen.append(event_id)
        return True

    def remember(self, sighting: Sighting) -> None:
        """Note a post, or its newer revision."""
        self.sightings[sighting.key] = sighting
        self.changed_sightings[sighting.key] = sighting

    def sighting(self, post: SocialPost) -> Sighting | None:
        """What is remembered of a post."""
        return self.sightings.get(sighting_key(post.brand, post.id))

    def change(self, ticket: Ticket, *, partition: int) -> None:
        """Put a new version of a ticket; whose hands it leaves or comes into have less or more."""
        before = self.tickets.get(ticket.case.key)
        for one, more in ((before, -1), (ticket, 1)):
            if one and one.owner and one.closed_at is None:
                self.load[one.owner] = self.load.get(one.owner, 0) + more
        self.tickets[ticket.case.key] = ticket
        self.changed_tickets[ticket.id] = ticket, partition
        if ticket.case.customer:
            who = (ticket.brand, ticket.case.customer)
            self.contacts.setdefault(who, set()).add(ticket.case.key)
            known = self.related.setdefault(who, [])
            if ticket.id not in known:
                known.append(ticket.id)

    def ticket(self, ticket_id: str) -> Ticket | None:
        """A ticket by its id, where it is the latest episode of its case."""
        return next((one for one in self.tickets.values() if one.id == ticket_id), None)

    def earlier_contacts(self, brand: str, customer: str | None, case_key: str) -> int:
        """How many other cases this customer has or had."""
        return len(self.contacts.get((brand, customer or ""), set()) - {case_key})

    def answered_by(self, post: SocialPost) -> Sighting | None:
        """Which customer's post a brand's reply answers: parent, else mention, else quote.

        In a private dialogue it is the customer's latest post there.
        """
        for post_id in (post.parent_id, post.quoted_id):
            found = self._customers(post.brand, post_id)
            if found:
                return found
        mentioned = self._latest(
            s
            for s in self.sightings.values()
            if s.brand == post.brand
            and s.conversation == conversation_of(post)
            and s.customer in post.mentions
        )
        if mentioned or post.visibility is not Visibility.private:
            return mentioned
        return self._latest(
            s
            for s in self.sightings.values()
            if s.brand == post.brand and s.thread == thread_of(post)
        )

    def twin_of(self, post: SocialPost, fingerprint: str | None) -> Moment | None:
        """The moment of the same reply where one of the two was reported and the other seen."""
        replies = (s for s in self.sightings.values() if s.reply)
        twins = (s for s in replies if _is_twin(s, post, fingerprint))
        return next((sighting.reply for sighting in twins), None)

    def replies_to(self, post: SocialPost) -> Iterator[Moment]:
        """Replies that were seen before the post that they answer."""
        for sighting in self.sightings.values():
            if sighting.parent_id == post.id and sighting.reply and sighting.brand == post.brand:
                yield sighting.reply

    def _customers(self, brand: str, post_id: str | None) -> Sighting | None:
        """That post, or, where it is the brand's own, the customer's post above it."""
        passed: set[str] = set()
        while post_id and post_id not in passed:
            passed.add(post_id)
            found = self.sightings.get(sighting_key(brand, post_id))
            if found is None or found.case_key:
                return found
            post_id = found.parent_id
        return None

    def _latest(self, found: Iterable[Sighting]) -> Sighting | None:
        customers = [sighting for sighting in found if sighting.case_key]
        return max(customers, key=lambda s: (s.at, s.post_id), default=None)


def _is_twin(sighting: Sighting, post: SocialPost, fingerprint: str | None) -> bool:
    """The same words of the brand, at the same place and time, by the other way."""
    return (
        sighting.reply is not None
        and sighting.reply.reported != (post.seen_as is SeenAs.reported)
        and fingerprint is not None
        and sighting.fingerprint == fingerprint
        and (sighting.brand, sighting.post_id == post.id) == (post.brand, False)
        and (sighting.parent_id == post.parent_id or sighting.thread == thread_of(post))
        and abs(sighting.at - post.said_at) <= TWINS_WITHIN
    )


def sighting_key(brand: str, post_id: str) -> str:
    """The key of what is remembered of a post."""
    return f"{brand}:{post_id}"


def conversation_of(post: SocialPost) -> str:
    """The widest container of a post that is known."""
    return post.conversation_id or post.root_id or post.parent_id or post.id


def thread_of(post: SocialPost) -> str:
    """What one customer's matter lives in."""
    return post.thread_id or post.root_id or post.id
