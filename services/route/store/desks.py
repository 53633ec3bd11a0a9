"""How does a person's command take hold? One transaction: the ticket and its event."""

from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy import select

from schemas.tickets import Ticket
from schemas.topics import TICKETS
from services.route.domain.alerting import AlertGroup
from services.route.domain.book import Customer, Sighting
from services.route.domain.carry_out import Said, carry_out
from services.route.domain.commands import Command, HandOver, Refusal
from services.route.domain.desk import Rules
from services.route.store.alerts import AlertStore
from services.route.store.cases import decode_ticket, keep_ticket, ticket_by_id, tickets_after
from services.route.store.erasing import forgotten_of
from services.route.store.tables import POSTS
from services.route.store.tables import TICKETS as TICKETS_TABLE
from stream.clock import Clock
from stream.database import alone
from stream.flow import Origin, outgoing
from stream.ledger import Ledger


class StoredDesks:
    """The API's view of the store."""

    def __init__(
        self, ledger: Ledger, alerts: AlertStore, rules: Callable[[], Rules], clock: Clock
    ) -> None:
        self._engine, self._ledger, self._alerts = ledger.engine, ledger, alerts
        self._rules, self._clock = rules, clock

    async def tickets(self, after: str, limit: int) -> Sequence[Ticket]:
        """Open tickets in id order."""
        async with alone(self._engine).connect() as connection:
            return await tickets_after(connection, after, limit=limit)

    async def ticket(self, ticket_id: str) -> Ticket | None:
        """One ticket."""
        async with alone(self._engine).connect() as connection:
            found = await ticket_by_id(connection, ticket_id)
        return found[0] if found else None

    async def customer(self, author_hash: str) -> Customer:
        """All that route holds of a customer, by the hash that ingest tells."""
        tickets = select(TICKETS_TABLE.c.body).where(TICKETS_TABLE.c.customer_hash == author_hash)
        posts = select(POSTS.c.body).where(POSTS.c.author_hash == author_hash)
        async with self._engine.begin() as connection:
            gone = await forgotten_of(connection, {author_hash})
            return Customer(
                author_hash=author_hash,
                forgotten=bool(gone),
                tickets=[decode_ticket(b) for b in (await connection.execute(tickets)).scalars()],
                posts=[
                    msgspec.json.decode(body, type=Sighting)
                    for body in (await connection.execute(posts)).scalars()
                ],
            )

    async def carry_out(
        self, ticket_id: str, command: Command, *, expected: int, by: str
    ) -> Ticket | Refusal:
        """Change a case; the member that owns its partition publishes the event."""
        async with self._engine.begin() as connection:
            found = await ticket_by_id(connection, ticket_id)
            if found is None:
                return Refusal.not_found
            ticket, partition = found
            if isinstance(command, HandOver) and command.team not in self._rules().policy.teams:
                return Refusal.unknown_team
            said = Said(by=by, at=self._clock.now(), expected=expected)
            event = carry_out(ticket, command, said)
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
