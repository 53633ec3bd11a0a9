"""Which clocks run while ticks are measured? Tickets as notify stores them, made by PostgreSQL."""

from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.promised import BRAND, promised
from services.notify.domain.announce import Case
from services.notify.domain.settle import impersonal
from services.notify.store.tables import METADATA
from stream.database import alone, create_tables, micros

PARTITIONS = 12
_OPENED = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
_TARGET = timedelta(hours=8)
_SHARES = (0.75, 1.0, 1.5)
FIRST_DUE = _OPENED + _SHARES[0] * _TARGET

_NAME = "ticket-" + "0" * 29
_SHUFFLE = 7919
"""A prime: what falls due together does not lie side by side in the table."""

_TICKETS = text("""
    insert into notify_tickets
    select
        id, 1, n % partitions, :brand, 'care', 'high', 'open', opened + after, due + after,
        convert_to(replace(replace(:body, :name, id), :at, to_char(
            timestamp '1970-01-01' + make_interval(secs => (opened + after) / 1000000),
            'YYYY-MM-DD"T"HH24:MI:SS"Z"')), 'UTF8')
    from (
        select
            *, 'ticket-' || lpad(n::text, 29, '0') as id,
            n / partitions / due_at_once * 1000000 as after
        from (
            select
                k * cast(:shuffle as bigint) % many as n, cast(:opened as bigint) as opened,
                cast(:due as bigint) as due, partitions, due_at_once
            from (
                select cast(:many as bigint) as many, cast(:partitions as bigint) as partitions,
                cast(:due_at_once as bigint) as due_at_once
            ) as given, generate_series(1, many) as k
        ) as numbers
    ) as made""")
_CLOCKS = text("""
    insert into notify_clocks
    select
        id, 'first_response', 1, partition, brand, team, priority, target, opened_at, opened_at,
        opened_at, opened_at + target * 1000000, opened_at + target * 1000000, null, null,
        'open', 0
    from notify_tickets, (select cast(:target as bigint) as target) as given""")


class Stock(msgspec.Struct, frozen=True, kw_only=True):
    """So many open clocks, of which so many fall due each second in each partition."""

    clocks: int
    due_at_once: int


async def fill(engine: AsyncEngine, stock: Stock) -> None:
    """Create notify's tables and put the stock into them."""
    await create_tables(engine, METADATA)
    given = {
        "many": stock.clocks,
        "due_at_once": stock.due_at_once,
        "partitions": PARTITIONS,
        "shuffle": _SHUFFLE,
        "brand": BRAND,
        "opened": micros(_OPENED),
        "due": micros(FIRST_DUE),
        "body": case_body(_NAME),
        "name": _NAME,
        "at": _OPENED.isoformat().replace("+00:00", "Z"),
    }
    async with engine.begin() as connection:
        await connection.execute(_TICKETS, given)
        await connection.execute(_CLOCKS, {"target": int(_TARGET.total_seconds())})
    async with alone(engine).connect() as connection:
        await connection.execute(text("vacuum analyze"))
    await engine.dispose()


def case_body(name: str) -> str:
    """What notify keeps of the ticket of that name, as JSON."""
    ticket = promised(name, _OPENED, _TARGET, _SHARES)
    case = Case(ticket=impersonal(ticket), cause_id="bench", traceparent=None, seen_at=_OPENED)
    return msgspec.json.encode(case).decode()
