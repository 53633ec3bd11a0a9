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
from services.route.domain.alerting import Member, Notice
from services.route.domain.intents import AlertIntent, decode_intent
from services.route.store.links import unlink
from services.route.store.tables import (
    ALERTS,
    AUDIT,
    COPIES,
    DELIVERIES,
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

_THEIR_INTENTS = (
    select(INTENTS.c.id, INTENTS.c.body, INTENTS.c.went_to)
    .where(among(INTENTS.c.ticket, "tickets"))
    .order_by(INTENTS.c.id)
    .with_for_update()
)
_TOLD: tuple[tuple[Table, type[Member] | type[Notice]], ...] = (
    (ALERTS, Member),
    (DELIVERIES, Notice),
)
"""Where else alerts carry a post's address; in the order in which a turn writes them."""

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


async def _drop_addresses(connection: AsyncConnection, tickets: Collection[str]) -> None:
    """An alert goes on, without the address of the post that it was raised for."""
    found = (await connection.execute(_THEIR_INTENTS, {"tickets": tickets})).all()
    links, keys = set[str](), set[str]()
    for row in found:
        intent = decode_intent(row.body)
        if isinstance(intent, AlertIntent) and intent.link:
            links.add(intent.link)
            keys.update(msgspec.json.decode(row.went_to or b"[]", type=list[str]))
            left = msgspec.structs.replace(intent, link=None)
            await _rewrite(connection, INTENTS, row.id, left)
    for table, kind in _TOLD if keys else ():
        query = select(table.c.id, table.c.body).where(among(table.c.group_key, "keys"))
        locked = query.order_by(table.c.id).with_for_update()
        for name, body in (await connection.execute(locked, {"keys": keys})).all():
            told: Member | Notice = msgspec.json.decode(body, type=kind)
            if (_link_of(told) or "") in links:
                await _rewrite(connection, table, name, _without_link(told))


def _link_of(told: Member | Notice) -> str | None:
    return told.alert.link if isinstance(told, Notice) else told.link


def _without_link(told: Member | Notice) -> Member | Notice:
    if isinstance(told, Notice):
        alert = msgspec.structs.replace(told.alert, link=None)
        return msgspec.structs.replace(told, alert=alert)
    return msgspec.structs.replace(told, link=None)


async def _rewrite(
    connection: AsyncConnection, table: Table, name: str, body: msgspec.Struct
) -> None:
    new = update(table).where(table.c.id == name).values(body=msgspec.json.encode(body))
    await connection.execute(new)
