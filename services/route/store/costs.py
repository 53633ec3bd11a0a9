"""What have alerts cost? Read from what was delivered; and a mark that one was useless."""

from collections.abc import Callable
from datetime import datetime

import msgspec
from sqlalchemy import BigInteger, bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.yaml_marks import BadFile
from services.route.domain.alert_cost import Cost, cost_of
from services.route.domain.alert_facts import (
    Marked,
    Sent,
    Zones,
    facts_of,
    handled,
    mark_shown,
    marked,
)
from services.route.domain.alerting import Member, Notice
from services.route.domain.desk import Rules
from services.route.domain.policy_file import read_policy
from services.route.domain.views import Audited
from services.route.store.board import decode_group
from services.route.store.deliveries import DELIVERED
from services.route.store.kept import Unreadable, reading
from services.route.store.policies import latest
from services.route.store.tables import ALERTS, DELIVERIES, GROUPS
from services.route.store.trail import note
from stream.clock import Clock
from stream.database import alone, from_micros, let_go, micros
from stream.statements import among

_SENT = select(DELIVERIES.c.body, DELIVERIES.c.done_at).where(
    DELIVERIES.c.outcome == DELIVERED,
    DELIVERIES.c.done_at >= bindparam("since", type_=BigInteger),
    DELIVERIES.c.done_at < bindparam("until", type_=BigInteger),
)
_GROUPS = select(GROUPS.c.body).where(among(GROUPS.c.key, "keys"))
_MEMBERS = select(ALERTS.c.body).where(among(ALERTS.c.group_key, "keys"))

Brands = frozenset[str] | None
"""Whose alerts are asked for; None for all."""


class StoredCosts:
    """The API's view of what alerts cost."""

    def __init__(self, engine: AsyncEngine, rules: Callable[[], Rules], clock: Clock) -> None:
        self._engine, self._rules, self._clock = engine, rules, clock

    async def cost(self, since: datetime, until: datetime, brands: Brands) -> Cost:
        """What the alerts cost that were delivered from one instant on until before the other."""
        zones = Zones(self._rules().policy)
        async with alone(self._engine).connect() as connection:
            return await cost_between(connection, since, until, zones, brands)

    async def useless(self, key: str, *, by: str, reason: str) -> Marked | None:
        """Mark an alert as useless; whoever was first stays. None where there is no such alert."""
        query = select(GROUPS.c.body).where(GROUPS.c.key == key).with_for_update()
        async with self._engine.begin() as connection:
            body = (await connection.execute(query)).scalar_one_or_none()
            if body is None:
                return None
            before = decode_group(body)
            after = marked(before, by)
            if after is not before:
                kept = update(GROUPS).where(GROUPS.c.key == key)
                await connection.execute(kept.values(body=msgspec.json.encode(after)))
                audited = Audited(
                    at=self._clock.now(),
                    by=by,
                    command="useless",
                    brand=after.brand,
                    reason=reason,
                    changed={"group_key": (key, key), "useless_by": (None, by)},
                )
                await note(connection, audited)
        return mark_shown(after)


async def cost_between(
    connection: AsyncConnection,
    since: datetime,
    until: datetime,
    zones: Zones,
    brands: Brands = None,
) -> Cost:
    """What the alerts of that time cost."""
    asked = {"since": micros(since), "until": micros(until)}
    rows = (await connection.execute(_SENT, asked)).all()
    sent = [
        Sent(notice=msgspec.json.decode(row.body, type=Notice), at=from_micros(row.done_at))
        for row in rows
    ]
    sent = [one for one in sent if brands is None or one.notice.alert.brand in brands]
    keys = {"keys": {one.notice.alert.group_key for one in sent}}
    groups = map(decode_group, (await connection.execute(_GROUPS, keys)).scalars())
    bodies = (await connection.execute(_MEMBERS, keys)).scalars()
    taken = handled(msgspec.json.decode(body, type=Member) for body in bodies)
    return cost_of(list(facts_of(sent, {group.key: group for group in groups}, taken, zones)))


async def cost_in(url: str, since: datetime, until: datetime) -> Cost:
    """The same of a store that is only looked into; raises ``Unreadable``."""
    try:
        engine = reading(url)
        try:
            async with engine.connect() as connection:
                zones = await _zones(connection)
                return await cost_between(connection, since, until, zones)
        finally:
            await let_go(engine)
    except (SQLAlchemyError, OSError) as error:
        cause = getattr(error, "orig", None) or error
        raise Unreadable(f"expected route's store at DATABASE_URL: {cause}") from error


async def _zones(connection: AsyncConnection) -> Zones:
    """The running policy's, as far as this program can read it."""
    version = await latest(connection)
    try:
        return Zones(read_policy(version.text) if version else None)
    except BadFile:
        return Zones(None)
