"""Which alerts are open while turns are measured? As route stores them, made by PostgreSQL."""

from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.states import AlertKind, AlertState, PriorityBand
from services.route.domain.alerting import AlertGroup, Member
from services.route.domain.message import About
from services.route.domain.policy import Policy
from services.route.store.tables import METADATA
from stream.database import alone, create_tables, micros

OPENED = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
FIRST_DUE = OPENED + timedelta(minutes=5)
BRAND, TEAM = "severbank", "care"
_KEY, _BASE = "0" * 29, "base-0"
_SHUFFLE = 7919
"""A prime: what falls due together does not lie side by side in the table."""

_GROUPS = text("""
    insert into route_alert_groups (key, identity, short, opened_at, due_at, closed_at, body)
    select
        id, id, 'short-' || n, :opened, cast(:due as bigint) + after, null,
        convert_to(replace(replace(:body, :key, id), :at, to_char(
            timestamp '1970-01-01' + make_interval(secs => (:due + after) / 1000000),
            'YYYY-MM-DD"T"HH24:MI:SS"Z"')), 'UTF8')
    from (
        select
            n, lpad(n::text, 29, '0') as id,
            n / cast(:due_at_once as bigint) * 1000000 as after
        from (
            select k * cast(:shuffle as bigint) % cast(:many as bigint) as n
            from generate_series(1, cast(:many as bigint)) as k
        ) as numbers
    ) as made""")
_MEMBERS = text("""
    insert into route_alerts (id, group_key, base, kind, ticket, left_at, body)
    select
        right(key, 20) || '-' || k, key, key || '-' || k, 'case', key || k, null,
        convert_to(replace(replace(:body, :key, key), :base, key || '-' || k), 'UTF8')
    from route_alert_groups, generate_series(1, cast(:each as bigint)) as k""")


class Stock(msgspec.Struct, frozen=True, kw_only=True):
    """So many open groups of so many alerts each; so many groups fall due each second."""

    groups: int
    each: int = 10
    due_at_once: int = 5


async def fill(engine: AsyncEngine, policy: Policy, stock: Stock) -> None:
    """Create route's tables and put the stock into them; all of it has been told."""
    await create_tables(engine, METADATA)
    given = {
        "many": stock.groups,
        "due_at_once": stock.due_at_once,
        "shuffle": _SHUFFLE,
        "opened": micros(OPENED),
        "due": micros(FIRST_DUE),
        "body": msgspec.json.encode(_group(policy)).decode(),
        "key": _KEY,
        "at": FIRST_DUE.isoformat().replace("+00:00", "Z"),
    }
    body = msgspec.json.encode(_member()).decode()
    asked = {"each": stock.each, "body": body, "key": _KEY, "base": _BASE}
    async with engine.begin() as connection:
        await connection.execute(_GROUPS, given)
        await connection.execute(_MEMBERS, asked)
    async with alone(engine).connect() as connection:
        await connection.execute(text("vacuum analyze"))


def _group(policy: Policy) -> AlertGroup:
    way = policy.alerting.root
    return AlertGroup(
        key=_KEY,
        identity=_KEY,
        way=way.id,
        kind=AlertKind.case,
        brand=BRAND,
        team=TEAM,
        called=TEAM,
        partition=0,
        channel="care-alerts",
        pace=way.pace,
        chain=(),
        opened_at=OPENED,
        ticks_at=FIRST_DUE,
        told_at=OPENED,
        tellings=1,
        flushed=True,
        reached=("care-alerts",),
        about=About(lang="en", team=TEAM),
    )


def _member() -> Member:
    return Member(
        group_key=_KEY,
        base=_BASE,
        labels={"brand": BRAND, "team": TEAM, "kind": AlertKind.case.value},
        kind=AlertKind.case,
        severity=PriorityBand.critical,
        need="Somebody needs an answer",
        about=About(lang="en", team=TEAM),
        starts_at=OPENED,
        ends_at=None,
        announced=1,
        told=AlertState.raised,
    )
