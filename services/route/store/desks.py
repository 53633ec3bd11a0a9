"""How does a person's command take hold? One transaction: the ticket and its event."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tickets import Ticket
from schemas.topics import TICKETS
from services.route.domain.alerting import AlertGroup
from services.route.domain.commands import Close, Refusal, closed
from services.route.store.alerts import AlertStore
from services.route.store.cases import keep_ticket, ticket_by_id, tickets_after
from stream.clock import Clock
from stream.database import alone
from stream.flow import Origin, outgoing
from stream.ledger import Ledger


class StoredDesks:
    """The API's view of the store."""

    def __init__(
        self, engine: AsyncEngine, ledger: Ledger, alerts: AlertStore, clock: Clock
    ) -> None:
        self._engine, self._ledger, self._alerts, self._clock = engine, ledger, alerts, clock

    async def tickets(self, after: str, limit: int) -> Sequence[Ticket]:
        """Open tickets in id order."""
        async with alone(self._engine).connect() as connection:
            return await tickets_after(connection, after, limit=limit)

    async def ticket(self, ticket_id: str) -> Ticket | None:
        """One ticket."""
        async with alone(self._engine).connect() as connection:
            found = await ticket_by_id(connection, ticket_id)
        return found[0] if found else None

    async def close(
        self, ticket_id: str, command: Close, *, expected: int, by: str
    ) -> Ticket | Refusal:
        """Close a case; the member that owns its partition publishes the event."""
        async with self._engine.begin() as connection:
            found = await ticket_by_id(connection, ticket_id)
            if found is None:
                return Refusal.not_found
            ticket, partition = found
            event = closed(ticket, command, expected=expected, by=by, at=self._clock.now())
            if isinstance(event, Refusal):
                return event
            await keep_ticket(connection, event.ticket, partition)
            out = outgoing(
                event,
                topic=TICKETS,
                key=ticket_id,
                partition=partition,
                origin=Origin(service="route", brand=ticket.brand),
            )
            await self._ledger.store(connection, [out])
        return event.ticket

    async def acknowledge(self, key: str, *, by: str) -> AlertGroup | None:
        """Say "mine" to an alert group."""
        return await self._alerts.acknowledge(key, by=by)
