"""How does a person's command take hold? One transaction: the ticket, its event, and the trail."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.states import PriorityBand
from schemas.tickets import Ticket, TicketEvent
from schemas.topics import TICKETS
from services.route.domain.alerting import AlertGroup
from services.route.domain.assignment import Wish, owner_of
from services.route.domain.book import Customer
from services.route.domain.calling import Cause, about_handed_over, intent
from services.route.domain.carry_out import Said, carry_out
from services.route.domain.case_news import news_of
from services.route.domain.commands import Command, HandOver, Link, Refusal
from services.route.domain.desk import Rules
from services.route.domain.intents import AlertIntent
from services.route.domain.rulebook import Installed, Version, checked
from services.route.domain.suggestion import suggestion
from services.route.domain.views import (
    CUSTOMER,
    Audited,
    Correction,
    Listing,
    PolicyView,
    TicketView,
    differences,
    visibility_of,
)
from services.route.store.alerts import AlertStore
from services.route.store.cases import (
    decode_sighting,
    decode_ticket,
    keep_intents,
    keep_ticket,
    listed,
    load_of,
    ticket_by_id,
)
from services.route.store.erasing import forgotten_of
from services.route.store.links import link
from services.route.store.policies import activate, version, versions
from services.route.store.swaps import swaps_between
from services.route.store.tables import AUDIT, POSTS
from services.route.store.tables import TICKETS as TICKETS_TABLE
from services.route.store.threads import asked_beside, thread_of
from services.route.store.trail import note
from stream.clock import Clock
from stream.database import alone
from stream.flow import Origin, outgoing
from stream.outbox import Outbox
from stream.trace import carried, remembered


class StoredDesks:
    """The API's view of the store."""

    def __init__(
        self,
        outbox: Outbox,
        alerts: AlertStore,
        rules: Callable[[], Rules],
        installed: Installed,
        clock: Clock,
    ) -> None:
        self._engine, self._outbox, self._alerts = outbox.engine, outbox, alerts
        self._rules, self._installed, self._clock = rules, installed, clock

    async def tickets(self, listing: Listing) -> Sequence[Ticket]:
        """Tickets in id order."""
        async with alone(self._engine).connect() as connection:
            return await listed(connection, listing)

    async def ticket(self, ticket_id: str) -> TicketView | None:
        """One ticket with its thread, and what could be said next."""
        async with alone(self._engine).connect() as connection:
            found = await ticket_by_id(connection, ticket_id)
            if found is None:
                return None
            ticket, thread = found[0], await thread_of(connection, found[0])
            others = await asked_beside(connection, ticket)
        seen_by, rules = visibility_of(thread), self._rules()
        text = suggestion(ticket, self._installed.replies, rules.policy, seen_by)
        return TicketView(
            ticket=ticket,
            thread=thread,
            also_asked=tuple(others),
            visibility=seen_by,
            suggestion=text,
        )

    def teams(self) -> Sequence[str]:
        """The teams of the policy that runs."""
        return list(self._rules().policy.teams)

    async def brand(self, ticket_id: str) -> str | None:
        """Whose ticket it is."""
        query = select(TICKETS_TABLE.c.brand).where(TICKETS_TABLE.c.id == ticket_id)
        async with alone(self._engine).connect() as connection:
            brand: str | None = (await connection.execute(query)).scalar_one_or_none()
        return brand

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
                    decode_sighting(body) for body in (await connection.execute(posts)).scalars()
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
            if isinstance(command, HandOver) and not command.owner:
                command = await self._taken(connection, ticket, command)
            said = Said(by=by, at=self._clock.now(), expected=expected)
            event = carry_out(ticket, command, said)
            if isinstance(event, Refusal):
                return event
            if isinstance(command, Link) and not await self._linked(connection, ticket, event):
                return Refusal.unknown_ticket
            await self._keep(connection, ticket, event, partition)
        return event.ticket

    async def _linked(
        self, connection: AsyncConnection, ticket: Ticket, event: TicketEvent
    ) -> bool:
        """Link the other ticket back; False where there is none of that brand."""
        found = await ticket_by_id(connection, event.ticket.related[-1])
        if found is None or found[0].brand != ticket.brand:
            return False
        other, partition = found
        await link(connection, ticket, other)
        back = Link(ticket=ticket.id, reason=event.reason or "linked")
        said = Said(by=event.by or "", at=event.occurred_at, expected=other.version)
        told = carry_out(other, back, said)
        if isinstance(told, TicketEvent):
            await self._keep(connection, other, told, partition)
        return True

    async def _keep(
        self, connection: AsyncConnection, before: Ticket, event: TicketEvent, partition: int
    ) -> None:
        await keep_ticket(connection, event.ticket, partition)
        await keep_intents(
            connection, [*news_of(before, event), *self._called(before, event, partition)]
        )
        await _note(connection, before, event)
        await self._tell(connection, event, partition)

    def _called(self, before: Ticket, event: TicketEvent, partition: int) -> Iterator[AlertIntent]:
        """The team that a critical case is handed over to is called, as its first one was."""
        ticket, rules = event.ticket, self._rules()
        if ticket.team == before.team or ticket.priority_band is not PriorityBand.critical:
            return
        cause = Cause(
            event_id=event.event_id,
            brand=ticket.brand,
            at=event.occurred_at,
            partition=partition,
            link=ticket.url,
            traces=remembered(carried()),
        )
        yield intent(about_handed_over(ticket), cause, rules.policy, rules.needs)

    async def _taken(
        self, connection: AsyncConnection, ticket: Ticket, command: HandOver
    ) -> HandOver:
        """The command with whoever of the other team takes it: on duty, able, with most room."""
        policy, now = self._rules().policy, self._clock.now()
        swaps = await swaps_between(connection, now, now)
        people = policy.teams[command.team].on_duty(now, swaps)
        wish = Wish(ticket_id=ticket.id, lang=ticket.lang, skills=ticket.skills)
        load = await load_of(connection, people)
        owner = owner_of(wish, people, policy.people, load)
        return msgspec.structs.replace(command, owner=owner)

    async def acknowledge(self, key: str, *, by: str) -> AlertGroup | None:
        """Say "mine" to an alert group."""
        return await self._alerts.acknowledge(key, by=by)

    async def policies(self) -> Sequence[PolicyView]:
        """Every version, the newest first."""
        async with alone(self._engine).connect() as connection:
            return await versions(connection)

    async def policy(self, seq: int) -> Version | None:
        """One version in full."""
        async with alone(self._engine).connect() as connection:
            return await version(connection, seq)

    async def put_policy(self, text: str, *, author: str) -> Version:
        """Check a policy and make it the running one; raises ``BadFile``."""
        checked(text, self._installed)
        return await activate(self._engine, text, author=author, clock=self._clock)

    async def audit(
        self, brands: frozenset[str] | None, ticket: str | None, limit: int
    ) -> Sequence[Audited]:
        """What people commanded, the newest first."""
        query = select(AUDIT.c.body).order_by(AUDIT.c.seq.desc()).limit(limit)
        if brands is not None:
            query = query.where(AUDIT.c.brand.in_(brands))
        if ticket:
            query = query.where(AUDIT.c.ticket == ticket)
        async with alone(self._engine).connect() as connection:
            bodies = (await connection.execute(query)).scalars()
            return [msgspec.json.decode(body, type=Audited) for body in bodies]

    async def corrections(self, brands: frozenset[str] | None) -> Sequence[Correction]:
        """Where people decided otherwise, the oldest first."""
        query = select(AUDIT.c.correction).where(AUDIT.c.correction.is_not(None))
        if brands is not None:
            query = query.where(AUDIT.c.brand.in_(brands))
        async with alone(self._engine).connect() as connection:
            bodies = (await connection.execute(query.order_by(AUDIT.c.seq))).scalars()
            return [msgspec.json.decode(body, type=Correction) for body in bodies]

    async def _tell(self, connection: AsyncConnection, event: TicketEvent, partition: int) -> None:
        out = outgoing(
            event,
            topic=TICKETS,
            key=event.ticket.id,
            partition=partition,
            origin=Origin(service="route", brand=event.ticket.brand, traceparent=carried()),
        )
        await self._outbox.store(connection, [out])


async def _note(connection: AsyncConnection, before: Ticket, event: TicketEvent) -> None:
    after, at = event.ticket, event.occurred_at
    audited = Audited(
        at=at,
        by=event.by or "",
        command=event.change.value,
        brand=after.brand,
        ticket_id=after.id,
        version=after.version,
        reason=event.reason,
        changed=differences(before, after),
    )
    await note(connection, audited, await _correction(connection, before, event, at))


async def _correction(
    connection: AsyncConnection, before: Ticket, event: TicketEvent, at: datetime
) -> Correction | None:
    after = event.ticket
    if (before.disposition, before.urgency) == (after.disposition, after.urgency):
        return None
    thread = await thread_of(connection, after)
    posts = [post for post in thread if post.who == CUSTOMER]
    if not posts:
        return None
    return Correction(
        id=posts[-1].post_id,
        brand=after.brand,
        lang=after.lang,
        disposition=after.disposition,
        urgency=after.urgency,
        was_disposition=before.disposition,
        was_urgency=before.urgency,
        by=event.by or "",
        at=at,
        reason=event.reason or "",
    )
