"""How is a customer forgotten in route's tables, whatever other members are just writing?

A step that looks the forgotten up and one that forgets exclude each other: else a post that was
looked up a moment before could be written a moment after.
"""

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.alerts import AlertChanged
from schemas.erasures import AuthorErased
from schemas.tickets import Ticket
from services.route.domain.alerting import AlertGroup
from services.route.domain.book import AlertIntent
from services.route.store.tables import (
    DELIVERIES,
    GROUPS,
    INTENTS,
    POSTS,
    SUPPRESSIONS,
    TICKETS,
)
from stream.database import micros
from stream.statements import among, upsert

_ERASING = 0x07712
"""The advisory lock of PostgreSQL; on SQLite only one step writes at a time anyway."""

_LINKED = ((INTENTS, AlertIntent), (GROUPS, AlertGroup), (DELIVERIES, AlertChanged))
"""Where alerts carry a post's address; in the order in which folding locks them."""


async def forgotten_of(connection: AsyncConnection, authors: Collection[str]) -> frozenset[str]:
    """Which of these authors asked to be forgotten; nobody is added until the step has ended."""
    if not authors:
        return frozenset()
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock_shared(_ERASING)))
    query = select(SUPPRESSIONS.c.author_hash).where(among(SUPPRESSIONS.c.author_hash, authors))
    return frozenset((await connection.execute(query)).scalars())


async def forget(connection: AsyncConnection, event: AuthorErased) -> Sequence[tuple[Ticket, int]]:
    """Drop what is remembered of an author's posts; their tickets, locked, with their partitions.

    What is left to do is to write the tickets without their customer.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock(_ERASING)))
    row = {
        "author_hash": event.author_hash,
        "requested_at": micros(event.requested_at),
        "receipt_id": event.receipt_id,
    }
    await upsert(connection, SUPPRESSIONS, [row])
    await _drop_sightings(connection, event.author_hash)
    theirs = select(TICKETS.c.body, TICKETS.c.partition)
    theirs = theirs.where(TICKETS.c.customer_hash == event.author_hash).order_by(TICKETS.c.id)
    rows = (await connection.execute(theirs.with_for_update())).all()
    tickets = [(msgspec.json.decode(body, type=Ticket), number) for body, number in rows]
    await _unlink(connection, [ticket.id for ticket, _ in tickets])
    return tickets


async def _drop_sightings(connection: AsyncConnection, author_hash: str) -> None:
    """Their posts, and the brand's replies in their threads: these exist only to be matched."""
    theirs = select(POSTS.c.key, POSTS.c.thread).where(POSTS.c.author_hash == author_hash)
    rows = (await connection.execute(theirs)).all()
    answers = or_(
        among(POSTS.c.parent_key, {row.key for row in rows}),
        among(POSTS.c.thread, {row.thread for row in rows}),
    )
    replies = and_(POSTS.c.customer.is_(None), answers)
    await connection.execute(delete(POSTS).where(or_(POSTS.c.author_hash == author_hash, replies)))


async def _unlink(connection: AsyncConnection, tickets: Collection[str]) -> None:
    """An alert goes on, without the address of the post that it was raised for."""
    for table, kind in _LINKED:
        (key,) = table.primary_key
        raised = select(key, table.c.body).where(among(table.c.ticket, tickets)).order_by(key)
        for name, body in (await connection.execute(raised.with_for_update())).all():
            left = msgspec.structs.replace(msgspec.json.decode(body, type=kind), link=None)
            new = update(table).where(key == name).values(body=msgspec.json.encode(left))
            await connection.execute(new)
