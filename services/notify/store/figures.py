"""What does the store add up to? Counts of a period and of what is open now, from the rows."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.states import ClockName
from services.notify.domain.clocks import ClockState
from services.notify.domain.figures import Count, Counts, Facts, Period
from services.notify.domain.stretches import stretches
from services.notify.store.answers import answered, attainment
from services.notify.store.running import oldest, open_clocks, running
from services.notify.store.tables import CLOCKS, NOT_CLOSED, TICKETS, TICKS
from stream.database import alone, from_micros, micros, of_one_instant

_AGES = (("1h", timedelta(hours=1)), ("6h", timedelta(hours=6)), ("24h", timedelta(hours=24)))
_OLDER = "older"
_OPEN = CLOCKS.c.state == ClockState.open.value
_MET = CLOCKS.c.state == ClockState.met.value
_BROKEN = CLOCKS.c.state == ClockState.breached.value
_OVERDUE = and_(_OPEN, func.coalesce(CLOCKS.c.late_after < TICKS.c.received_before, false()))


class Figures:
    """Reads what notify's transactions wrote; changes nothing."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._snapshots = alone(engine), of_one_instant(engine)

    async def counts(self, period: Period) -> Counts:
        """Clocks that started in the period; an open one is overdue by its partition's tick."""
        slowest = select(func.min(TICKS.c.received_before))
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_counted(period))).all()
            as_of = (await connection.execute(slowest)).scalar_one_or_none()
        return Counts(
            rows=tuple(
                Count(
                    brand=row.brand,
                    team=row.team,
                    clock=ClockName(row.clock),
                    within=int(row.within),
                    due=int(row.due),
                    running=int(row.running),
                )
                for row in rows
            ),
            as_of=None if as_of is None else from_micros(as_of),
        )

    async def facts(self, now: datetime) -> Facts:
        """What is open, and how many answers came within their bounds; all as of one instant.

        A clock that stops meanwhile would else be counted as open and as answered, or as neither.
        """
        spans = stretches(now)
        async with self._snapshots.connect() as connection:
            tickets = (await connection.execute(_open_tickets(now))).all()
            clocks = (await connection.execute(running(spans, now))).all()
            answers = (await connection.execute(answered(spans))).all()
        return Facts(
            open_tickets={(b, t, p, age): count for b, t, p, age, count in tickets},
            open_clocks=open_clocks(clocks),
            attainment=attainment(spans, answers, clocks),
            oldest=oldest(clocks),
        )


def _counted(period: Period) -> Select[str, str, str, int, int, int]:
    by = (CLOCKS.c.brand, CLOCKS.c.team, CLOCKS.c.clock)
    started = and_(
        CLOCKS.c.started_at >= micros(period.since), CLOCKS.c.started_at < micros(period.until)
    )
    return (
        select(
            *by,
            _sum(_MET).label("within"),
            _sum(or_(_MET, _BROKEN, _OVERDUE)).label("due"),
            _sum(and_(_OPEN, ~_OVERDUE)).label("running"),
        )
        .select_from(CLOCKS.outerjoin(TICKS, TICKS.c.partition == CLOCKS.c.partition))
        .where(started)
        .group_by(*by)
        .order_by(*by)
    )


def _open_tickets(now: datetime) -> Select[str, str, str, str, int]:
    age = case(
        *((TICKETS.c.opened_at > micros(now - limit), name) for name, limit in _AGES), else_=_OLDER
    ).label("age")
    by = (TICKETS.c.brand, TICKETS.c.team, TICKETS.c.priority, age)
    return select(*by, func.count()).where(NOT_CLOSED).group_by(*by)


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
