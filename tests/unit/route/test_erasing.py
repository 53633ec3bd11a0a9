"""A customer is forgotten in route: the tickets stay, and lead to nobody.

The inputs that break the easy version: a private dialogue whose id is the customer's own, a post
that still lay in the backlog when the wish came, a wish that comes on another partition.
"""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.classified import ClassifiedPost
from schemas.erasures import AuthorErased
from schemas.event import encode
from schemas.posts import Author
from schemas.states import Change, MomentKind, TicketState
from schemas.tickets import Ticket, TicketEvent
from schemas.topics import ERASURES, TICKETS
from schemas.vocabulary import CaseTopic, Op, Visibility
from services.route.domain.desk import Rules
from services.route.domain.ending import close
from services.route.domain.erasing import forgotten
from services.route.settings import read_needs
from services.route.store.alerts import AlertStore
from services.route.store.tables import ALERTS, DELIVERIES, INTENTS, LEDGER, METADATA, POSTS
from services.route.store.tables import TICKETS as ROWS
from stream.flow import Outgoing
from stream.ledger import Ledger
from stream.memory_pump import MemoryBroker
from stream.metrics import StreamMetrics
from tests.builders import MONDAY, a_classified, a_post, a_reply, minutes
from tests.hands import hands
from tests.stored import everything_in, opened
from tests.unit.route.test_desk_again import POLICY, batch, route_batches

IVAN = "ivan-7"
HASH = "b7" * 32
NOON = MONDAY + minutes(60)
WISH = AuthorErased(
    event_id="w1",
    occurred_at=NOON,
    author_hash=HASH,
    sources=("generic",),
    requested_at=NOON,
    receipt_id="receipt",
)
WISHES = batch(WISH, partition=2, topic=ERASURES.name)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with opened(f"sqlite:///{tmp_path / 'route.db'}", METADATA) as store:
        yield store


def of_ivan(native: str = "p1", **changes: Any) -> ClassifiedPost:
    """What Ivan writes in a private dialogue that is named by his own id."""
    private = {
        "author": Author(id=IVAN, hash=HASH, name="Иван"),
        "conversation_id": f"dm-{IVAN}",
        "thread_id": f"dm-{IVAN}",
        "parent_id": None,
        "visibility": Visibility.private,
        "url": f"https://generic.example/{IVAN}/{native}",
    }
    axes = {name: changes.pop(name) for name in ("topic", "urgency") if name in changes}
    return a_classified(a_post(native, **{**private, **changes}), **axes)


def tickets_of(outputs: Sequence[Outgoing]) -> list[TicketEvent]:
    """The changes of tickets among what route sends."""
    return [
        msgspec.json.decode(out.value, type=TicketEvent)
        for out in outputs
        if out.topic == TICKETS.name
    ]


async def a_ticket(engine: AsyncEngine) -> Ticket:
    """Ivan's ticket, followed up and answered once."""
    reply = a_reply("r1", "p1", thread_id=f"dm-{IVAN}", at=MONDAY + minutes(20))
    outputs = await route_batches(
        engine, batch(of_ivan(), of_ivan("p2", at=MONDAY + minutes(10)), a_classified(reply))
    )
    return tickets_of(outputs)[-1].ticket


async def test_what_is_left_of_a_ticket_are_its_times_and_figures(engine: AsyncEngine) -> None:
    ticket = await a_ticket(engine)

    event = forgotten(ticket, WISH)

    left = event.ticket
    assert IVAN.encode() not in encode(event)
    assert (left.excerpt, left.url, {moment.by for moment in left.moments}) == (None, None, {None})
    same = ("id", "episode", "brand", "source", "topic", "team", "terms", "opened_at", "rule_id")
    assert [getattr(left, name) for name in same] == [getattr(ticket, name) for name in same]
    assert [m.at for m in left.moments][:-1] == [m.at for m in ticket.moments]
    assert (event.change, left.version) == (Change.erased, ticket.version + 1)


async def test_an_open_case_ends_with_the_wish_and_a_closed_one_stays_as_it_ended(
    engine: AsyncEngine,
) -> None:
    ticket = await a_ticket(engine)
    done = close(ticket, at=MONDAY + minutes(30), by="vera", outcome="solved")
    assert done is not None

    opened, closed = forgotten(ticket, WISH).ticket, forgotten(done.ticket, WISH).ticket

    assert (opened.state, opened.closed_at, opened.outcome) == (TicketState.closed, NOON, "erased")
    assert opened.moments[-1].kind is MomentKind.closed
    assert (closed.outcome, closed.closed_at) == ("solved", MONDAY + minutes(30))
    assert len(closed.moments) == len(done.ticket.moments)


async def test_a_wish_leaves_nothing_of_the_customer_in_any_table(engine: AsyncEngine) -> None:
    ticket = await a_ticket(engine)
    before = await everything_in(engine)
    assert [word for word in (IVAN, "Приложение") if word not in before] == []

    outputs = await route_batches(engine, WISHES)

    (event,) = tickets_of(outputs)
    assert (event.change, event.ticket.id) == (Change.erased, ticket.id)
    after = await everything_in(engine)
    assert [word for word in (IVAN, "Приложение", HASH[:20]) if word in after] == [HASH[:20]]


async def test_the_change_is_told_on_the_tickets_own_partition(engine: AsyncEngine) -> None:
    await a_ticket(engine)

    (out,) = await route_batches(engine, WISHES)

    assert (out.topic, out.partition) == (TICKETS.name, 5)


async def test_other_customers_keep_everything(engine: AsyncEngine) -> None:
    await route_batches(engine, batch(a_classified(a_post("b1", author="boris"))))
    before = await everything_in(engine)
    await a_ticket(engine)

    await route_batches(engine, WISHES)

    after = await everything_in(engine)
    boris = [[row for row in rows.splitlines() if "boris" in row] for rows in (before, after)]
    assert len(boris[0]) == 2
    assert boris[1] == boris[0]


async def test_what_lay_in_the_backlog_brings_nobody_back(engine: AsyncEngine) -> None:
    backlog = batch(of_ivan("p8"), a_classified(a_post("b1", author="boris")))

    together = await route_batches(engine, backlog, WISHES)
    later = await route_batches(engine, batch(of_ivan("p9"), of_ivan("p8", op=Op.edited)))

    assert {event.ticket.case.customer for event in tickets_of(together)} == {"boris"}
    assert later == []
    assert IVAN not in await everything_in(engine)


async def test_a_wish_that_comes_again_changes_nothing(engine: AsyncEngine) -> None:
    await a_ticket(engine)
    await route_batches(engine, WISHES)
    before = await everything_in(engine)

    again = await route_batches(engine, WISHES)

    assert again == []
    assert await everything_in(engine) == before


async def test_alerts_go_on_without_the_address_of_the_post(engine: AsyncEngine) -> None:
    stolen: dict[str, Any] = {"topic": CaseTopic.fraud_security, "urgency": 90}
    shared = StreamMetrics(CollectorRegistry(), "route", "test")
    ledger = Ledger(engine, LEDGER, MemoryBroker(), shared)
    rules = Rules(policy=POLICY, seq=1, needs=read_needs())
    alerts = AlertStore(engine, ledger, hands(MONDAY + minutes(20)), lambda: rules)
    await route_batches(engine, batch(of_ivan(**stolen)))
    await alerts.turn()
    await ledger.drain([5])
    assert [IVAN in body for body in await bodies(engine)] == [True] * 3

    await route_batches(engine, WISHES)

    assert [(IVAN in body, "link" in body) for body in await bodies(engine)] == [(False, True)] * 3
    assert IVAN not in await everything_in(engine)


async def bodies(engine: AsyncEngine) -> list[str]:
    """The intent, the alert and the delivery of the one alert."""
    async with engine.connect() as connection:
        return [
            (await connection.execute(select(table.c.body))).scalar_one().decode()
            for table in (INTENTS, ALERTS, DELIVERIES)
        ]


async def test_what_is_matched_by_is_gone_and_the_ticket_still_there(engine: AsyncEngine) -> None:
    ticket = await a_ticket(engine)

    await route_batches(engine, WISHES)

    async with engine.connect() as connection:
        assert (await connection.execute(select(POSTS))).all() == []
        assert (await connection.execute(select(ROWS.c.id))).scalars().all() == [ticket.id]
    late = await route_batches(engine, batch(a_classified(a_reply("r2", "p1"))))
    assert tickets_of(late) == []
