"""What does the store add up to? What is open now, and rolling spans, from the rows."""

from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.notify.domain.figures import Facts
from services.notify.domain.stretches import stretches
from services.notify.store.answers import answered, attainment
from services.notify.store.counting import age
from services.notify.store.running import oldest, open_clocks, running
from services.notify.store.tables import NOT_CLOSED, TICKETS
from stream.database import of_one_instant


class Figures:
    """Reads what notify's transactions wrote; changes nothing."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._snapshots = of_one_instant(engine)

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


def _open_tickets(now: datetime) -> Select[str, str, str, str, int]:
    by = (TICKETS.c.brand, TICKETS.c.team, TICKETS.c.priority, age(TICKETS.c.opened_at, now))
    return select(*by, func.count()).where(NOT_CLOSED).group_by(*by)
