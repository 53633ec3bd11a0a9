"""Who stands in for whom, for how long? Changed by command, looked up with every step."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.route.domain.swaps import Swap
from services.route.domain.views import SwapView
from services.route.store.tables import SWAPS
from stream.database import from_micros, micros

_BETWEEN = (
    select(SWAPS)
    .where(
        SWAPS.c.until > bindparam("since", type_=BigInteger),
        SWAPS.c.since <= bindparam("until", type_=BigInteger),
    )
    .order_by(SWAPS.c.seq)
)


async def swaps_between(
    connection: AsyncConnection, since: datetime, until: datetime
) -> tuple[Swap, ...]:
    """Every swap that holds at some time between these two."""
    return tuple(view.swap for view in await swaps_listed(connection, since, until))


async def swaps_listed(
    connection: AsyncConnection, since: datetime, until: datetime
) -> Sequence[SwapView]:
    """The same with their numbers, who made them, and why."""
    asked = {"since": micros(since), "until": micros(until)}
    return [
        SwapView(
            id=row.seq,
            swap=Swap(
                person=row.person,
                since=from_micros(row.since),
                until=from_micros(row.until),
                instead=row.instead,
            ),
            by=row.author,
            reason=row.reason,
        )
        for row in (await connection.execute(_BETWEEN, asked)).all()
    ]


async def add_swap(connection: AsyncConnection, swap: Swap, *, by: str, reason: str) -> int:
    """Keep a swap; its number."""
    values = {
        "person": swap.person,
        "since": micros(swap.since),
        "until": micros(swap.until),
        "instead": swap.instead,
        "author": by,
        "reason": reason,
    }
    query = insert(SWAPS).values(**values).returning(SWAPS.c.seq)
    return int((await connection.execute(query)).scalar_one())


async def drop_swap(connection: AsyncConnection, seq: int) -> bool:
    """Take a swap back; False where there is none of that number."""
    return bool((await connection.execute(delete(SWAPS).where(SWAPS.c.seq == seq))).rowcount)
