"""What have alerts cost? Read from what was delivered; and a mark that one was useless."""

from collections.abc import Callable
from datetime import datetime

import msgspec
from sqlalchemy import BigInteger, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

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
from services.route.domain.alerting import Notice
from services.route.domain.desk import Rules
from services.route.domain.views import Audited
from services.route.store.board import decode_group, members_ever
from services.route.store.deliveries import DELIVERED
from services.route.store.read_only import looked_into, running_policy
from services.route.store.tables import DELIVERIES, GROUPS
from services.route.store.trail import note
from stream.clock import Clock
from stream.database import alone, from_micros, micros
from stream.statements import among

_SENT = select(DELIVERIES.c.body, DELIVERIES.c.done_at).where(
    DELIVERIES.c.outcome == DELIVERED,
    DELIVERIES.c.done_at >= bindparam("since", type_=BigInteger),
    DELIVERIES.c.done_at < bindparam("until", type_=BigInteger),
)
_GROUPS = select(GROUPS.c.body).where(among(GROUPS.c.key, "keys"))


class StoredCosts:
    """The API's view of what alerts cost."""

    def __init__(self, engine: AsyncEngine, rules: Callable[[], Rules], clock: Clock) -> None:
        self._engine, self._rules, self._clock = engine, rules, clock

    async def cost(self, since: datetime, until: datetime, brands: frozenset[str] | None) -> Cost:
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
    brands: frozenset[str] | None = None,
) -> Cost:
    """What the alerts of that time cost."""
    asked = {"since": micros(since), "until": micros(until)}
    rows = (await connection.execute(_SENT, asked)).all()
    sent = [
        Sent(notice=msgspec.json.decode(row.body, type=Notice), at=from_micros(row.done_at))
        for row in rows
    ]
    sent = [one for one in sent if brands is None or one.notice.alert.brand in brands]
    keys = {one.notice.alert.group_key for one in sent}
    groups = map(decode_group, (await connection.execute(_GROUPS, {"keys": keys})).scalars())
    taken = handled(await members_ever(connection, keys))
    return cost_of(list(facts_of(sent, {group.key: group for group in groups}, taken, zones)))


async def cost_in(url: str, since: datetime, until: datetime) -> Cost:
    """The same of a store that is only looked into; raises ``Unreadable``."""
    async with looked_into(url) as connection:
        zones = Zones(await running_policy(connection))
        return await cost_between(connection, since, until, zones)
