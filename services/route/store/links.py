"""Which customers are one person? As people have linked their cases; nothing is guessed."""

from collections.abc import Collection, Sequence

from sqlalchemy import and_, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.tickets import Ticket
from services.route.store.tables import LINKS, TICKETS
from stream.statements import among, upsert

_MINE, _THEIRS = LINKS.alias(), LINKS.alias()
_SAME_PERSON = and_(
    _MINE.c.brand == _THEIRS.c.brand,
    _MINE.c.person == _THEIRS.c.person,
    _MINE.c.customer != _THEIRS.c.customer,
)
_THEIR_CASE = and_(TICKETS.c.brand == _THEIRS.c.brand, TICKETS.c.customer == _THEIRS.c.customer)
_ELSEWHERE = (
    select(_MINE.c.brand, _MINE.c.customer, TICKETS.c.case_key, TICKETS.c.id)
    .join(_THEIRS, _SAME_PERSON)
    .join(TICKETS, _THEIR_CASE)
    .where(among(_MINE.c.brand, "brands"), among(_MINE.c.customer, "people"))
    .order_by(TICKETS.c.changed_at, TICKETS.c.id)
)
_PERSONS = select(LINKS.c.person).where(
    LINKS.c.brand == bindparam("of"), among(LINKS.c.customer, "people")
)

Contact = tuple[str, str, str, str]
"""Brand and customer that were asked for; a case of the same person, and its ticket."""


async def contacts_elsewhere(
    connection: AsyncConnection, brands: Collection[str], people: Collection[str]
) -> Sequence[Contact]:
    """The cases that these customers have under other ids."""
    rows = await connection.execute(_ELSEWHERE, {"brands": brands, "people": people})
    return [(row[0], row[1], row[2], row[3]) for row in rows.all()]


async def link(connection: AsyncConnection, one: Ticket, other: Ticket) -> None:
    """Note that two tickets of a brand are one person's; whoever was linked to either is too."""
    people = [name for name in (one.case.customer, other.case.customer) if name]
    if len(set(people)) < 2:
        return
    rows = await connection.execute(_PERSONS, {"of": one.brand, "people": people})
    persons = sorted({*rows.scalars(), *people})
    same = and_(LINKS.c.brand == one.brand, LINKS.c.person.in_(persons))
    await connection.execute(update(LINKS).where(same).values(person=persons[0]))
    new = [{"brand": one.brand, "customer": name, "person": persons[0]} for name in people]
    await upsert(connection, LINKS, new)


async def unlink(connection: AsyncConnection, tickets: Sequence[Ticket]) -> None:
    """Forget who else a customer is."""
    for brand, customer in {(t.brand, t.case.customer) for t in tickets if t.case.customer}:
        mine = and_(LINKS.c.brand == brand, LINKS.c.customer == customer)
        await connection.execute(delete(LINKS).where(mine))
        named = and_(LINKS.c.brand == brand, LINKS.c.person == customer)
        left = select(LINKS.c.customer).where(named).order_by(LINKS.c.customer)
        first = (await connection.execute(left)).scalars().first()
        if first:
            await connection.execute(update(LINKS).where(named).values(person=first))
