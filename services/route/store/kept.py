"""What does the store know of a post, for whoever asks why? Read only, beside a running route."""

from collections.abc import Collection, Mapping, Sequence

import msgspec
from sqlalchemy import Row, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.tickets import Ticket
from services.route.domain.alerting import Notice
from services.route.domain.book import sighting_key
from services.route.domain.views import Audited
from services.route.domain.why_hours import zone_of_policy
from services.route.domain.why_kept import Delivered, Kept
from services.route.domain.why_post import is_address, plain_url
from services.route.store.cases import decode_sighting, decode_ticket
from services.route.store.policies import versions
from services.route.store.read_only import looked_into, running_policy
from services.route.store.tables import AUDIT, DELIVERIES, INTENTS, POSTS, TICKETS
from stream.database import from_micros
from stream.statements import among

_BRANDS = select(TICKETS.c.brand).distinct()
_SAID = select(POSTS.c.body).where(among(POSTS.c.key, "keys"))
_THEIRS = select(TICKETS.c.body).where(
    or_(among(TICKETS.c.id, "tickets"), among(TICKETS.c.case_key, "cases"))
)
_TRAIL = select(AUDIT.c.body).where(among(AUDIT.c.ticket, "tickets")).order_by(AUDIT.c.seq)
_RAISED = select(INTENTS.c.ticket, INTENTS.c.went_to).where(
    among(INTENTS.c.ticket, "tickets"), INTENTS.c.went_to.is_not(None)
)
_SENT = (
    select(DELIVERIES)
    .where(among(DELIVERIES.c.group_key, "groups"))
    .order_by(DELIVERIES.c.stored_at, DELIVERIES.c.id)
)


async def kept_of(url: str, post: str, tickets: Sequence[str]) -> Kept:
    """What is held of these tickets, or of the post's where none is known; ``Unreadable``."""
    async with looked_into(url) as connection:
        return await _kept(connection, post, tickets)


async def _kept(connection: AsyncConnection, post: str, tickets: Sequence[str]) -> Kept:
    found, policy = await _tickets(connection, post, tickets), await running_policy(connection)
    ids = {"tickets": [one.id for one in found]}
    trail = (await connection.execute(_TRAIL, ids)).scalars()
    return Kept(
        policies=tuple(await versions(connection)),
        zone=zone_of_policy(policy) if policy else "UTC",
        tickets=tuple(found),
        trail=tuple(msgspec.json.decode(body, type=Audited) for body in trail),
        deliveries=await _deliveries(connection, ids["tickets"]),
    )


async def _tickets(
    connection: AsyncConnection, post: str, known: Collection[str]
) -> Sequence[Ticket]:
    """In the order of their episodes; by the post where no event has named a ticket."""
    cases: set[str] = set()
    if not known and is_address(post):
        return await _by_url(connection, post)
    if not known:
        brands = (await connection.execute(_BRANDS)).scalars()
        keys = {"keys": [sighting_key(brand, post) for brand in brands]}
        bodies = (await connection.execute(_SAID, keys)).scalars()
        sightings = [decode_sighting(body) for body in bodies]
        cases = {one.case_key for one in sightings if one.case_key}
    found = await connection.execute(_THEIRS, {"tickets": known, "cases": cases})
    tickets = [decode_ticket(body) for body in found.scalars()]
    return sorted(tickets, key=lambda one: (one.brand, one.case.key, one.episode))


async def _by_url(connection: AsyncConnection, url: str) -> Sequence[Ticket]:
    """No column holds an address: every ticket is looked at, one by one."""
    wanted, found = plain_url(url), []
    rows = await connection.stream(select(TICKETS.c.body).order_by(TICKETS.c.id))
    async for body in rows.scalars():
        ticket = decode_ticket(body)
        if ticket.url and plain_url(ticket.url) == wanted:
            found.append(ticket)
    whole = [one for one in found if one.url == url.strip()]
    return whole or found


async def _deliveries(
    connection: AsyncConnection, tickets: Sequence[str]
) -> Mapping[str, tuple[Delivered, ...]]:
    """By ticket: of an outage's one alert each of its cases is told."""
    raised = (await connection.execute(_RAISED, {"tickets": tickets})).all()
    keys = {ticket: set[str]() for ticket in tickets}
    for row in raised:
        keys[row.ticket].update(msgspec.json.decode(row.went_to, type=list[str]))
    asked = {"groups": set().union(*keys.values())}
    sent = (await connection.execute(_SENT, asked)).all()
    return {
        ticket: tuple(_delivered(row) for row in sent if row.group_key in theirs)
        for ticket, theirs in keys.items()
        if theirs
    }


def _delivered(row: Row[tuple[object, ...]]) -> Delivered:
    return Delivered(
        alert=msgspec.json.decode(row.body, type=Notice).alert,
        channel=row.channel,
        attempt=row.attempt,
        due_at=from_micros(row.due_at),
        done_at=None if row.done_at is None else from_micros(row.done_at),
    )
