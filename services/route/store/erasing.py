"""How is a customer forgotten in route's tables, whatever other members are just writing?

A step that looks the forgotten up and one that forgets exclude each other: else a post that was
looked up a moment before could be written a moment after.
"""

from collections.abc import Collection, Mapping, Sequence

import msgspec
from sqlalchemy import (
    LargeBinary,
    String,
    Table,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.erasures import AuthorErased
from schemas.tickets import Ticket
from services.route.domain.alerting import AlertGroup, Notice
from services.route.domain.book import AlertIntent
from services.route.store.links import unlink
from services.route.store.tables import (
    AUDIT,
    COPIES,
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

_LOOKING = select(func.pg_advisory_xact_lock_shared(_ERASING))
_FORGETTING = select(func.pg_advisory_xact_lock(_ERASING))

_Raised = AlertIntent | AlertGroup | Notice
_LINKED: tuple[tuple[Table, type[_Raised]], ...] = (
    (INTENTS, AlertIntent),
    (GROUPS, AlertGroup),
    (DELIVERIES, Notice),
)
"""Where alerts carry a post's address; in the order in which folding locks them."""

_AUTHOR = bindparam("author_hash", type_=String)
_FORGOTTEN = select(SUPPRESSIONS.c.author_hash).where(among(SUPPRESSIONS.c.author_hash, "authors"))
_THEIR_TICKETS = (
    select(TICKETS.c.body, TICKETS.c.partition)
    .where(TICKETS.c.customer_hash == _AUTHOR)
    .order_by(TICKETS.c.id)
    .with_for_update()
)
_THEIR_POSTS = select(POSTS.c.key, POSTS.c.thread).where(POSTS.c.author_hash == _AUTHOR)
_ANSWERED = or_(among(POSTS.c.parent_key, "keys"), among(POSTS.c.thread, "threads"))
_DROP = delete(POSTS).where(
    or_(POSTS.c.author_hash == _AUTHOR, and_(POSTS.c.customer.is_(None), _ANSWERED))
)


_DROP_CORRECTIONS = (
    update(AUDIT)
    .where(among(AUDIT.c.ticket, "tickets"))
    .values(correction=bindparam("nothing", type_=LargeBinary))
)
"""A correction names the post that it is a label of; who did what stays."""

_DROP_COPIES = delete(COPIES).where(COPIES.c.customer == _AUTHOR)


async def forgotten_of(connection: AsyncConnection, authors: Collection[str]) -> frozenset[str]:
    """Which of these authors asked to be forgotten; nobody is added until the step has ended."""
    if not authors:
        return frozenset()
    if connection.dialect.name == "postgresql":
        await connection.execute(_LOOKING)
    return frozenset((await connection.execute(_FORGOTTEN, {"authors": authors})).scalars())


async def forget(connection: AsyncConnection, event: AuthorErased) -> Sequence[tuple[Ticket, int]]:
    """Drop what is remembered of an author's posts; their tickets, locked, with their partitions.

    What is left to do is to write the tickets without their customer.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(_FORGETTING)
    author = {"author_hash": event.author_hash}
    at = micros(event.requested_at)
    wish = {**author, "requested_at": at, "receipt_id": event.receipt_id}
    await upsert(connection, SUPPRESSIONS, [wish])
    await _drop_sightings(connection, author)
    await connection.execute(_DROP_COPIES, author)
    rows = (await connection.execute(_THEIR_TICKETS, author)).all()
    tickets = [(msgspec.json.decode(body, type=Ticket), number) for body, number in rows]
    ids = [ticket.id for ticket, _ in tickets]
    await connection.execute(_DROP_CORRECTIONS, {"tickets": ids, "nothing": None})
    await unlink(connection, [ticket for ticket, _ in tickets])
    await _drop_addresses(connection, ids)
    return tickets


async def _drop_sightings(connection: AsyncConnection, author: Mapping[str, str]) -> None:
    """Their posts, and the brand's replies in their threads: these exist only to be matched."""
    rows = (await connection.execute(_THEIR_POSTS, author)).all()
    answered = {"keys": {row.key for row in rows}, "threads": {row.thread for row in rows}}
    await connection.execute(_DROP, {**author, **answered})


def _without_address(raised: _Raised) -> msgspec.Struct:
    if isinstance(raised, Notice):
        alert = msgspec.structs.replace(raised.alert, link=None)
        return msgspec.structs.replace(raised, alert=alert)
    return msgspec.structs.replace(raised, link=None)


async def _drop_addresses(connection: AsyncConnection, tickets: Collection[str]) -> None:
    """An alert goes on, without the address of the post that it was raised for."""
    for table, kind in _LINKED:
        (key,) = table.primary_key
        raised = select(key, table.c.body).where(among(table.c.ticket, "tickets")).order_by(key)
        found = await connection.execute(raised.with_for_update(), {"tickets": tickets})
        for name, body in found.all():
            left = _without_address(msgspec.json.decode(body, type=kind))
            new = update(table).where(key == name).values(body=msgspec.json.encode(left))
            await connection.execute(new)
