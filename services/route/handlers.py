"""What does route do with a poll? Posts get decisions, cases tickets, people alerts.

Whoever asked to be forgotten is, before anything else: their posts are none.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from schemas.classified import ClassifiedPost
from schemas.decisions import Decision
from schemas.erasures import AuthorErased
from schemas.event import header
from schemas.posts import case_of
from schemas.sla import SlaChanged
from schemas.states import Change
from schemas.tickets import Ticket, TicketEvent
from schemas.topics import DECISIONS, TICKETS
from services.route.domain.book import Book, Wanted, conversation_of, thread_of
from services.route.domain.canary import is_canary, let_pass
from services.route.domain.case_news import news_of
from services.route.domain.context import HOUR, WantedContext
from services.route.domain.counting import copied_by, is_own, shared_conversation
from services.route.domain.desk import Desk, Rules, Seat
from services.route.domain.drilling import Drilling
from services.route.domain.erasing import forgotten
from services.route.domain.intents import CaseNews
from services.route.domain.lateness import settle_lateness
from services.route.domain.policy import Policy
from services.route.domain.rulebook import Rulebook, Version
from services.route.metrics import Metrics
from stream.flow import Batch, Message, Outgoing, caused_by, outgoing
from stream.trace import remembered

SERVICE = "route"
Settled = tuple[Message, Sequence[Decision | TicketEvent]]
_NEVER = datetime.fromisoformat("1971-01-01T00:00:00+00:00")


class Store(Protocol):
    """What route remembers, within one transaction."""

    async def book(self, wanted: Wanted) -> Book:
        """Look up what the batches touch; the tickets' rows are locked in key order."""
        ...

    async def keep(self, book: Book) -> None:
        """Write what the batches changed."""
        ...

    async def policy(self) -> int | None:
        """The number of the policy that decides, or None before there is one."""
        ...

    async def version(self) -> Version:
        """The policy that decides, in full."""
        ...

    async def forgotten(self, authors: Collection[str]) -> frozenset[str]:
        """Which of these authors, by their hashes, asked to be forgotten."""
        ...

    async def forget(self, event: AuthorErased) -> Sequence[tuple[Ticket, int]]:
        """Drop what is remembered of an author's posts; their tickets, with their partitions."""
        ...

    async def keep_tickets(self, placed: Sequence[tuple[Ticket, int]]) -> None:
        """Write the new versions of tickets."""
        ...


class Routing:
    """The handler of classified posts and of wishes to be forgotten."""

    def __init__(self, rulebook: Rulebook, metrics: Metrics, *, recovers: bool = False) -> None:
        self._rulebook, self._metrics, self._recovers = rulebook, metrics, recovers

    async def handle(self, batches: Sequence[Batch], store: Store) -> Sequence[Outgoing]:
        """Decide on each post in order; returns decisions and tickets, keeps the changes."""
        rules = await self._rules(store)
        outputs: list[Outgoing] = []
        everything = [message for batch in batches for message in batch.messages]
        canaries = [message for message in everything if is_canary(message.event)]
        messages = [message for message in everything if not is_canary(message.event)]
        for message in messages:
            if isinstance(message.event, AuthorErased):
                outputs.extend(await self._forgotten(message, message.event, store))
        gone = await store.forgotten(set(filter(None, map(author_of, messages))))
        messages = [message for message in messages if author_of(message) not in gone]
        book = await store.book(wanted_of(messages, rules.policy))
        before = dict(book.tickets)
        messages, drilled = _apart(messages)
        settled = [(message, self._settled(message, book, rules)) for message in messages]
        self._drill(drilled, book, rules)
        outputs.extend(_passing(canaries, book))
        book.news.extend(_news(settled, before))
        await store.keep(book)
        self._count(event for _, events in settled for event in events)
        return [*outputs, *(out for one in settled for out in _outputs(*one))]

    def _drill(self, messages: Sequence[Message], book: Book, rules: Rules) -> None:
        drilling = Drilling()
        for message in messages:
            event = message.event
            new = isinstance(event, ClassifiedPost) and drilling.settle(
                event, book, rules, self._seat(message)
            )
            self._metrics.drill_decisions.inc(int(new))

    def _settled(
        self, message: Message, book: Book, rules: Rules
    ) -> Sequence[Decision | TicketEvent]:
        event, seat = message.event, self._seat(message)
        if isinstance(event, ClassifiedPost):
            return list(Desk(event, book, rules, seat).settle())
        if isinstance(event, SlaChanged):
            return list(settle_lateness(event, book, rules, seat))
        return ()

    def _seat(self, message: Message) -> Seat:
        return Seat(
            partition=message.received.partition,
            replayed=message.replayed,
            recovered=self._recovers,
            traces=remembered(header(message.received.headers, "traceparent")),
        )

    async def _rules(self, store: Store) -> Rules:
        """Every step decides by the highest number: replicas switch together, none goes back."""
        seq = await store.policy()
        if seq is None:
            return self._rulebook.current
        return self._rulebook.known(seq) or self._rulebook.put(await store.version())

    async def _forgotten(
        self, message: Message, wish: AuthorErased, store: Store
    ) -> Sequence[Outgoing]:
        """Tickets go on without their customer, each on its own partition."""
        found = await store.forget(wish)
        left = [(forgotten(ticket, wish), partition) for ticket, partition in found]
        await store.keep_tickets([(event.ticket, partition) for event, partition in left])
        return [
            outgoing(
                event,
                topic=TICKETS,
                key=event.ticket.id,
                partition=partition,
                origin=caused_by(message.received, service=SERVICE, brand=event.ticket.brand),
            )
            for event, partition in left
        ]

    def _count(self, events: Iterable[Decision | TicketEvent]) -> None:
        """Once a step for each set of labels: to look one up costs more than to decide."""
        decided, opened = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
        for event in events:
            if isinstance(event, Decision):
                decided[event.brand, event.disposition, event.mode] += 1
            elif event.change is Change.opened:
                opened[event.ticket.brand, event.ticket.team, event.ticket.priority_band] += 1
        for labels, count in decided.items():
            self._metrics.decisions.labels(*labels).inc(count)
        for labels, count in opened.items():
            self._metrics.tickets_opened.labels(*labels).inc(count)


def _passing(canaries: Iterable[Message], book: Book) -> Iterator[Outgoing]:
    """What goes on of the canaries of a step, each once."""
    for message in canaries:
        event = message.event
        told = let_pass(event, book) if isinstance(event, ClassifiedPost) else None
        yield from _outputs(message, (told,) if told else ())


def _apart(messages: Iterable[Message]) -> tuple[list[Message], list[Message]]:
    """What is real, and what a drill made up."""
    real: list[Message] = []
    drilled: list[Message] = []
    for message in messages:
        event = message.event
        made_up = isinstance(event, ClassifiedPost) and event.post.drill is not None
        (drilled if made_up else real).append(message)
    return real, drilled


def _outputs(message: Message, events: Sequence[Decision | TicketEvent]) -> Iterator[Outgoing]:
    received = message.received
    for one in events:
        if isinstance(one, Decision):
            topic, key, brand = DECISIONS, one.post_id, one.brand
        else:
            topic, key, brand = TICKETS, one.ticket.id, one.ticket.brand
        origin = caused_by(received, service=SERVICE, brand=brand)
        yield outgoing(one, topic=topic, key=key, partition=received.partition, origin=origin)


def _news(settled: Sequence[Settled], before: Mapping[str, Ticket]) -> Iterator[CaseNews]:
    """What those who were called have to know of what became of their cases, in order."""
    known = {ticket.id: ticket for ticket in before.values()}
    for _, events in settled:
        for event in events:
            if isinstance(event, TicketEvent):
                yield from news_of(known.get(event.ticket.id), event)
                known[event.ticket.id] = event.ticket


def author_of(message: Message) -> str | None:
    """The hash of the author of a message's post, where it has one."""
    event = message.event
    author = event.post.author if isinstance(event, ClassifiedPost) else None
    return author.hash if author else None


def wanted_of(messages: Sequence[Message], policy: Policy) -> Wanted:
    """What to look up for these messages, in one go."""
    late = [m.event for m in messages if isinstance(m.event, SlaChanged)]
    classified = [m.event for m in messages if isinstance(m.event, ClassifiedPost)]
    posts = [event.post for event in classified]
    own = [post for post in posts if is_own(post)]
    times = [at for post in posts for at in (post.said_at, post.received_at)]
    return Wanted(
        events=frozenset(event.event_id for event in (*posts, *late)),
        posts=frozenset(
            f"{post.brand}:{post_id}"
            for post in posts
            for post_id in (post.id, post.parent_id, post.quoted_id)
            if post_id
        ),
        case_keys=frozenset(case_of(post).key for post in posts if not is_own(post)),
        tickets=frozenset(event.ticket_id for event in late),
        private_threads=frozenset(thread_of(post) for post in own),
        conversations=frozenset(conversation_of(post) for post in own if post.mentions),
        between=(min(times, default=_NEVER), max(times, default=_NEVER)),
        people=policy.everybody if len(own) < len(posts) else frozenset(),
        customers=frozenset((post.brand, post.author.id) for post in posts if post.author),
        context=_context_of(classified, policy.hot_window),
    )


def _context_of(classified: Sequence[ClassifiedPost], window: timedelta) -> WantedContext:
    judged = [(event, event.classification) for event in classified if event.classification]
    times = [event.post.said_at for event in classified]
    shared = (shared_conversation(event.post) for event in classified)
    return WantedContext(
        topics=frozenset((event.post.brand, one.topic) for event, one in judged),
        conversations=frozenset(filter(None, shared)),
        copies=frozenset(
            (event.post.brand, event.fingerprint)
            for event, one in judged
            if event.fingerprint and copied_by(event, one)
        ),
        since=min(times, default=_NEVER) - max(window, HOUR),
        until=max(times, default=_NEVER),
    )
