"""Where does route keep cases? Posts, tickets and windows; SQLite or PostgreSQL."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.erasures import AuthorErased
from schemas.tickets import Ticket
from services.route.domain.book import Book, Sighting, Wanted
from services.route.domain.intents import Left
from services.route.domain.rulebook import Version
from services.route.domain.views import Listing
from services.route.store.context import context_of, keep_context
from services.route.store.erasing import forget, forgotten_of
from services.route.store.links import contacts_elsewhere
from services.route.store.policies import latest, newest
from services.route.store.swaps import swaps_between
from services.route.store.tables import INTENTS, POSTS, SEEN, TICKETS
from stream.clock import parse_clock
from stream.database import micros
from stream.statements import among, upsert

_REAL = parse_clock("")
"""When a row changes is real time: subscribers ask for what changed since they looked."""

_SEEN = select(SEEN.c.event_id).where(among(SEEN.c.event_id, "events"))
_SIGHTINGS = select(POSTS.c.body).where(
    or_(
        among(POSTS.c.key, "posts"),
        among(POSTS.c.parent_key, "posts"),
        among(POSTS.c.thread, "threads"),
        and_(among(POSTS.c.conversation, "conversations"), POSTS.c.customer.is_not(None)),
    )
)
_LOCKED = (
    select(TICKETS.c.body)
    .where(among(TICKETS.c.case_key, "keys"))
    .order_by(TICKETS.c.id)
    .with_for_update()
)
_LOAD = (
    select(TICKETS.c.owner, func.count())
    .where(among(TICKETS.c.owner, "people"), TICKETS.c.state != "closed")
    .group_by(TICKETS.c.owner)
)
_CASES = select(TICKETS.c.case_key).where(among(TICKETS.c.id, "tickets"))
_CONTACTS = (
    select(TICKETS.c.brand, TICKETS.c.customer, TICKETS.c.case_key, TICKETS.c.id)
    .where(among(TICKETS.c.brand, "brands"), among(TICKETS.c.customer, "people"))
    .order_by(TICKETS.c.changed_at, TICKETS.c.id)
)


class RouteStore:
    """What route remembers, seen through one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def book(self, wanted: Wanted) -> Book:
        """Look up what a batch touches; the tickets' rows are locked in key order."""
        seen = await self._connection.execute(_SEEN, {"events": wanted.events})
        book = Book(seen=set(seen.scalars()))
        await self._sightings(book, wanted)
        await self._tickets(book, wanted)
        if wanted.people:
            book.load = await load_of(self._connection, wanted.people)
            book.swaps = await swaps_between(self._connection, *wanted.between)
        book.context = await context_of(self._connection, wanted.context)
        return book

    async def keep(self, book: Book) -> None:
        """Write what the batch changed."""
        write = self._connection
        await upsert(write, SEEN, [{"event_id": event_id} for event_id in book.newly_seen])
        await upsert(write, POSTS, [_post_row(s) for s in book.changed_sightings.values()])
        await self.keep_tickets(list(book.changed_tickets.values()))
        await keep_context(write, book.context)
        await keep_intents(write, [*book.intents, *book.news])
        await keep_intents(write, list(book.canaries.values()))

    async def policy(self) -> int | None:
        """The number of the policy that decides."""
        return await newest(self._connection)

    async def version(self) -> Version:
        """The policy that decides, in full."""
        found = await latest(self._connection)
        if found is None:
            raise AssertionError("there was a newest policy a moment ago")
        return found

    async def forgotten(self, authors: Collection[str]) -> frozenset[str]:
        """Which of these authors asked to be forgotten."""
        return await forgotten_of(self._connection, authors)

    async def forget(self, event: AuthorErased) -> Sequence[tuple[Ticket, int]]:
        """Drop what is remembered of an author's posts; their tickets, with their partitions."""
        return await forget(self._connection, event)

    async def keep_tickets(self, placed: Sequence[tuple[Ticket, int]]) -> None:
        """Write the new versions of tickets."""
        await upsert(self._connection, TICKETS, [_ticket_row(*one) for one in placed])

    async def _sightings(self, book: Book, wanted: Wanted) -> None:
        asked = {
            "posts": wanted.posts,
            "threads": wanted.private_threads,
            "conversations": wanted.conversations,
        }
        for body in (await self._connection.execute(_SIGHTINGS, asked)).scalars():
            sighting = decode_sighting(body)
            book.sightings[sighting.key] = sighting

    async def _tickets(self, book: Book, wanted: Wanted) -> None:
        keys = {s.case_key for s in book.sightings.values() if s.case_key} | wanted.case_keys
        if wanted.tickets:
            late = await self._connection.execute(_CASES, {"tickets": wanted.tickets})
            keys |= set(late.scalars())
        for body in (await self._connection.execute(_LOCKED, {"keys": keys})).scalars():
            ticket = decode_ticket(body)
            last = book.tickets.get(ticket.case.key)
            if last is None or ticket.episode > last.episode:
                book.tickets[ticket.case.key] = ticket
        brands, people = ({who[n] for who in wanted.customers} for n in range(2))
        asked = {"brands": brands, "people": people}
        known = (await self._connection.execute(_CONTACTS, asked)).all()
        elsewhere = await contacts_elsewhere(self._connection, brands, people)
        for brand, customer, case_key, ticket in (*known, *elsewhere):
            book.contacts.setdefault((brand, customer), set()).add(case_key)
            book.related.setdefault((brand, customer), []).append(ticket)


async def load_of(connection: AsyncConnection, people: Collection[str]) -> dict[str, int]:
    """How many open cases each of these people has; who has none is left out."""
    rows = await connection.execute(_LOAD, {"people": people})
    return {owner: int(count) for owner, count in rows.all()}


async def ticket_by_id(connection: AsyncConnection, ticket: str) -> tuple[Ticket, int] | None:
    """A ticket and its partition number, its row locked for the transaction."""
    query = select(TICKETS.c.body, TICKETS.c.partition).where(TICKETS.c.id == ticket)
    row = (await connection.execute(query.with_for_update())).one_or_none()
    return (decode_ticket(row.body), row.partition) if row else None


async def keep_ticket(connection: AsyncConnection, ticket: Ticket, partition: int) -> None:
    """Write a ticket's new version."""
    await upsert(connection, TICKETS, [_ticket_row(ticket, partition)])


async def keep_intents(connection: AsyncConnection, intents: Sequence[Left]) -> None:
    """Leave to whoever calls people what has to be told; twice is once."""
    await upsert(connection, INTENTS, [_intent_row(one) for one in intents])


async def listed(connection: AsyncConnection, listing: Listing) -> Sequence[Ticket]:
    """Tickets in id order: the snapshot that a subscriber starts from (design 2)."""
    query = select(TICKETS.c.body).where(TICKETS.c.id > listing.after)
    if listing.since:
        query = query.where(TICKETS.c.changed_at >= micros(listing.since))
    else:
        query = query.where(TICKETS.c.state != "closed")
    for column, wanted in ((TICKETS.c.team, listing.team), (TICKETS.c.owner, listing.owner)):
        query = query.where(column == wanted) if wanted else query
    if listing.brands is not None:
        query = query.where(TICKETS.c.brand.in_(listing.brands))
    found = await connection.execute(query.order_by(TICKETS.c.id).limit(listing.limit))
    return [decode_ticket(body) for body in found.scalars()]


def decode_sighting(body: bytes) -> Sighting:
    """A post as it is stored."""
    return msgspec.json.decode(body, type=Sighting)


def decode_ticket(body: bytes) -> Ticket:
    """A ticket as it is stored."""
    return msgspec.json.decode(body, type=Ticket)


def _post_row(sighting: Sighting) -> dict[str, Any]:
    parent = f"{sighting.brand}:{sighting.parent_id}" if sighting.parent_id else None
    return {
        "key": sighting.key,
        "parent_key": parent,
        "thread": sighting.thread,
        "conversation": sighting.conversation,
        "customer": sighting.customer,
        "author_hash": sighting.author_hash,
        "body": msgspec.json.encode(sighting),
    }


def _ticket_row(ticket: Ticket, partition: int) -> dict[str, Any]:
    now = micros(_REAL.now())
    return {
        "id": ticket.id,
        "case_key": ticket.case.key,
        "brand": ticket.brand,
        "customer": ticket.case.customer,
        "customer_hash": ticket.case.customer_hash,
        "episode": ticket.episode,
        "version": ticket.version,
        "state": ticket.state.value,
        "partition": partition,
        "team": ticket.team,
        "owner": ticket.owner,
        "changed_at": now,
        "told_at": now,
        "body": msgspec.json.encode(ticket),
    }


def _intent_row(intent: Left) -> dict[str, Any]:
    return {
        "id": intent.id,
        "ticket": intent.ticket_id,
        "body": msgspec.json.encode(intent),
        "at": micros(intent.at),
    }
