"""How does a subscriber that came late learn of an old case? Every open one is told once a day."""

from datetime import timedelta

from sqlalchemy import Row, bindparam, select, update

from schemas.topics import TICKETS as TOPIC
from services.route.domain.records import refreshed
from services.route.store.cases import decode_ticket
from services.route.store.tables import TICKETS
from stream.clock import Clock
from stream.database import from_micros, micros
from stream.flow import Origin, Outgoing, outgoing
from stream.outbox import Outbox

EVERY = timedelta(days=1)
"""Real time; tickets.v1 keeps what it holds for seven days."""
AT_ONCE = 100

_STALE = (
    select(TICKETS.c.id, TICKETS.c.body, TICKETS.c.partition, TICKETS.c.told_at)
    .where(TICKETS.c.state != "closed", TICKETS.c.told_at < bindparam("before"))
    .order_by(TICKETS.c.told_at)
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
)
_TOLD = update(TICKETS).where(TICKETS.c.id == bindparam("of")).values(told_at=bindparam("now"))


class Refreshing:
    """Repeats open tickets as they stand; whoever owns their partitions publishes them."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox, self._clock = outbox, clock

    async def turn(self) -> int:
        """Repeat some that nobody was told of for a day; how many."""
        now = self._clock.real()
        async with self._outbox.engine.begin() as connection:
            rows = (await connection.execute(_STALE, {"before": micros(now - EVERY)})).all()
            if rows:
                told = [{"of": row.id, "now": micros(now)} for row in rows]
                await connection.execute(_TOLD, told)
                await self._outbox.store(connection, list(map(_event, rows)))
        return len(rows)


def _event(row: Row[str, bytes, int, int]) -> Outgoing:
    event = refreshed(decode_ticket(row.body), from_micros(row.told_at))
    origin = Origin(service="route", brand=event.ticket.brand)
    return outgoing(event, topic=TOPIC, key=row.id, partition=row.partition, origin=origin)
