"""Which promises does a store know of two months? Tickets of sixty teams, made by its database."""

from datetime import UTC, datetime

import msgspec
from sqlalchemy import BigInteger, LargeBinary, bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.open_clocks import PARTITIONS, case_body
from services.notify.domain.figures import SPANS
from services.notify.store.tables import METADATA
from stream.database import alone, create_tables, micros

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
_KNOWN = 2 * max(SPANS.values())
"""What a refresh looks at: the longest span, and the one before it."""
_SHUFFLE = 7919
"""A prime: a ticket's name, its team and its outcome have nothing to do with its age."""

_TICKETS = text("""
    insert into notify_tickets (
        id, version, partition, brand, team, priority, state, opened_at, next_at, body)
    with recursive numbers (n) as (
        select cast(0 as bigint) union all select n + 1 from numbers where n + 1 < :many
    )
    select
        'ticket-' || cast(1000000000 + k as varchar(10)), 1, n % :partitions,
        'brand-' || cast(k % :pairs / 6 as varchar(10)),
        'team-' || cast(k % :pairs % 6 as varchar(10)),
        case n / 11 % 4
            when 0 then 'low' when 1 then 'normal' when 2 then 'high' else 'critical'
        end,
        case when k / :pairs % 100 = 0 then 'open' else 'closed' end,
        :since + n * :apart, null, :body
    from (select n, n * :shuffle % :many as k from numbers) as shuffled
    """).bindparams(
    bindparam("body", type_=LargeBinary),
    *(
        bindparam(name, type_=BigInteger)
        for name in ("many", "partitions", "pairs", "since", "apart", "shuffle")
    ),
)
_CLOCKS = text("""
    insert into notify_clocks (
        ticket, clock, cycle, partition, brand, team, priority, target,
        started_at, posted_at, received_at, due_at, late_after,
        stopped_at, elapsed, state, reached)
    select
        id, clock, cycle, partition, brand, team, priority, 14400,
        at, at, at, at + target, at + target,
        case when not waits then at + waited end, case when not waits then waited end,
        case
            when waits then 'open'
            when k / 7 % 20 = 0 then 'cancelled'
            when waited > target then 'breached' else 'met'
        end,
        case when waits and :now > at + target or not waits and waited > target then 1 else 0 end
    from (
        select
            known.*, clock, cycle, opened_at + (cycle - 1) * 3600000000 as at,
            14400000000 as target, state = 'open' and cycle = 1 + k / 3 % 2 as waits,
            1000000 * case when k % 997 < 850 then k % 997 * 16 else (k % 997 - 827) * 600 end
                as waited
        from (
            select *, cast(substr(id, 8) as bigint) - 1000000000 as k from notify_tickets
        ) as known
        join (
            select 'first_response' as clock, 1 as cycle union all select 'next_response', 2
        ) as clocks on cycle <= 1 + k / 3 % 2
    ) as made
    """).bindparams(bindparam("now", type_=BigInteger))


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """So many tickets of so many brand-teams: half of them with two clocks, one in a hundred open.

    They are spread evenly over all that a refresh looks at.
    """

    tickets: int
    pairs: int = 60


def pair_of(number: int) -> tuple[str, str]:
    """The brand and the team of that number; six teams a brand."""
    return f"brand-{number // 6}", f"team-{number % 6}"


async def fill(engine: AsyncEngine, past: Past) -> None:
    """Create notify's tables and put the past into them."""
    await create_tables(engine, METADATA)
    given = {
        "many": past.tickets,
        "partitions": PARTITIONS,
        "pairs": past.pairs,
        "since": micros(NOW - _KNOWN),
        "apart": (micros(NOW) - micros(NOW - _KNOWN)) // past.tickets,
        "shuffle": _SHUFFLE,
        "body": case_body("ticket-1000000000").encode(),
    }
    async with engine.begin() as connection:
        if engine.dialect.name == "sqlite":  # with its own 2 MB it would fill the indexes from disk
            await connection.exec_driver_sql("pragma cache_size = -500000")
        await connection.execute(_TICKETS, given)
        await connection.execute(_CLOCKS, {"now": micros(NOW)})
    if engine.dialect.name == "postgresql":  # it does so by itself, some time later
        async with alone(engine).connect() as connection:
            await connection.exec_driver_sql("vacuum analyze")
