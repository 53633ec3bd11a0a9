"""How did a drill go, and how does it end before its day is over?"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.event import derive_id
from services.route.domain.alerting import AlertGroup, Member, Notice
from services.route.domain.drill_report import DrillReport, Row, report
from services.route.domain.intents import CaseNews
from services.route.domain.views import Audited
from services.route.store.board import decode_group, members_ever
from services.route.store.cases import keep_intents
from services.route.store.deliveries import DELIVERED
from services.route.store.read_only import looked_into
from services.route.store.tables import DELIVERIES, GROUPS
from services.route.store.trail import note
from stream.clock import Clock
from stream.database import alone, from_micros
from stream.statements import among

_SENT = select(DELIVERIES).where(among(DELIVERIES.c.group_key, "keys"))


class StoredDrills:
    """The API's view of drills."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    async def drill(self, name: str, brands: frozenset[str] | None) -> DrillReport:
        """How it went; of a drill that called nobody there is nothing to tell."""
        async with alone(self._engine).connect() as connection:
            return await drill_of(connection, name, brands)

    async def end(self, name: str, brands: frozenset[str] | None, *, by: str) -> int:
        """End its calls now, so that nobody is called again; how many were open."""
        now = self._clock.now()
        async with self._engine.begin() as connection:
            groups = await _groups(connection, name, brands)
            going = [one.key for one in groups if one.closed_at is None]
            members = await members_ever(connection, going)
            await keep_intents(connection, [_over(one, now) for one in members if one.fires(now)])
            if going:
                brand = groups[0].brand
                ended = {"drill": (name, None)}
                audited = Audited(at=now, by=by, command="end-drill", brand=brand, changed=ended)
                await note(connection, audited)
        return len(going)


async def drill_of(
    connection: AsyncConnection, name: str, brands: frozenset[str] | None = None
) -> DrillReport:
    """The report of a drill."""
    groups = await _groups(connection, name, brands)
    keys = [group.key for group in groups]
    members: dict[str, list[Member]] = {}
    for member in await members_ever(connection, keys):
        members.setdefault(member.group_key, []).append(member)
    rows: dict[str, list[Row]] = {}
    for row in (await connection.execute(_SENT, {"keys": keys})).all():
        accepted = from_micros(row.done_at) if row.outcome == DELIVERED else None
        notice = msgspec.json.decode(row.body, type=Notice)
        one = Row(channel=row.channel, notice=notice, attempts=row.attempt, accepted_at=accepted)
        rows.setdefault(row.group_key, []).append(one)
    return report(name, groups, members, rows)


async def drill_in(url: str, name: str) -> DrillReport:
    """The same of a store that is only looked into; raises ``Unreadable``."""
    async with looked_into(url) as connection:
        return await drill_of(connection, name)


async def _groups(
    connection: AsyncConnection, name: str, brands: frozenset[str] | None
) -> Sequence[AlertGroup]:
    """An identity ends with its mark, and a mark with its drill."""
    query = select(GROUPS.c.body).where(GROUPS.c.identity.endswith(name, autoescape=True))
    found = [decode_group(body) for body in (await connection.execute(query)).scalars()]
    return [one for one in found if one.drill == name and (brands is None or one.brand in brands)]


def _over(member: Member, now: datetime) -> CaseNews:
    name = derive_id(member.id, "CaseNews", now.isoformat())
    return CaseNews(id=name, ticket_id=member.ticket, base=member.base, at=now, over=True)
