"""What comes again, late or in bulk changes nothing and calls nobody.

The inputs that break the easy version: an old revision that comes twice after a newer one; an
import of an outage that is hot by its numbers; a second batch in a second transaction.
"""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.classified import ClassifiedPost
from schemas.decisions import Decision
from schemas.event import Event
from schemas.posts import Author
from schemas.states import MomentKind
from schemas.tickets import TicketEvent
from schemas.vocabulary import CaseTopic, Op, SeenAs
from services.route.domain.book import Book
from services.route.domain.desk import Desk, Rules, Seat
from services.route.domain.policy_file import read_policy
from services.route.domain.rulebook import Rulebook
from services.route.handlers import Routing
from services.route.metrics import Metrics
from services.route.settings import read_needs
from services.route.store.cases import RouteStore
from services.route.store.tables import METADATA, TICKETS, WINDOWS
from stream.database import open_engine
from stream.flow import Batch, Message, Outgoing, Received
from tests.builders import MONDAY, a_classified, a_post, a_record, minutes
from tests.stored import opened

POLICY = read_policy(Path("services/route/policy/default.yaml").read_text(encoding="utf-8"))
RULES = Rules(policy=POLICY, seq=1, needs=read_needs())
OLD = a_classified(a_post(revision=1))
EDITED = a_classified(a_post(revision=2, op=Op.edited, text="Уже два дня!"))


def settle(book: Book, *events: ClassifiedPost) -> list[object]:
    """What comes out when these events pass the desk in this order."""
    return [out for event in events for out in Desk(event, book, RULES, Seat(partition=3)).settle()]


def batch(*events: Event, partition: int = 5, topic: str = "classified.v1") -> Batch:
    """A batch of one partition."""
    records = [a_record(event, topic=topic, partition=partition) for event in events]
    messages = tuple(
        Message(
            event=event,
            received=Received(
                topic=record.topic,
                partition=record.partition,
                offset=offset,
                timestamp_ms=0,
                key=record.key,
                value=record.value,
                headers=record.headers,
            ),
        )
        for offset, (event, record) in enumerate(zip(events, records, strict=True))
    )
    return Batch(topic=topic, partition=partition, messages=messages)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with opened(f"sqlite:///{tmp_path / 'route.db'}", METADATA) as store:
        yield store


async def route(engine: AsyncEngine, *events: ClassifiedPost) -> Sequence[Outgoing]:
    """What route sends for a batch of its own transaction."""
    return await route_batches(engine, batch(*events))


async def route_batches(engine: AsyncEngine, *batches: Batch) -> Sequence[Outgoing]:
    """What route sends for the batches of one transaction."""
    routing = Routing(Rulebook(RULES), Metrics(CollectorRegistry()))
    async with engine.begin() as connection:
        return await routing.handle(batches, RouteStore(connection))


def test_an_old_revision_that_comes_twice_is_decided_once() -> None:
    outputs = settle(Book(), EDITED, OLD, OLD)

    assert [out.revision for out in outputs if isinstance(out, Decision)] == [2, 1]


def test_a_late_first_revision_weighs_as_it_would_have_in_order_and_overwrites_no_words() -> None:
    book = Book()

    outputs = settle(book, EDITED, a_classified(OLD.post, urgency=90))

    assert [type(out) for out in outputs] == [Decision, TicketEvent, Decision, TicketEvent]
    (ticket,) = book.tickets.values()
    assert (ticket.priority, ticket.excerpt) == (90, EDITED.post.text)
    assert len(ticket.moments) == 1
    assert book.sightings[f"severbank:{OLD.post.id}"].revision == 2


def test_an_import_of_an_outage_pages_nobody() -> None:
    book = Book()
    outage = {"topic": CaseTopic.outage_availability}
    posts = [
        a_post(f"p{n}", author=f"c{n}", at=MONDAY + minutes(n / 2), backfill=True)
        for n in range(30)
    ]

    outputs = settle(book, *(a_classified(post, **outage) for post in posts))

    assert any(isinstance(out, Decision) and out.inputs.hot for out in outputs)
    assert {intent.late for intent in book.intents} == {True}, "it is summed up instead"


async def test_a_later_batch_remembers_what_an_earlier_one_has_seen(engine: AsyncEngine) -> None:
    await route(engine, EDITED, OLD)

    assert await route(engine, OLD, EDITED) == []


async def test_what_a_post_causes_goes_to_its_own_partition(engine: AsyncEngine) -> None:
    outputs = await route(engine, OLD)

    assert [(out.topic, out.partition) for out in outputs] == [
        ("decisions.v1", 5),
        ("tickets.v1", 5),
    ]


async def test_batches_of_one_step_keep_their_tickets_and_counts_on_their_own_partitions(
    engine: AsyncEngine,
) -> None:
    here, there = a_post("p1", author="c1"), a_post("p2", author="c2")

    outputs = await route_batches(
        engine, batch(a_classified(here)), batch(a_classified(there), partition=6)
    )

    assert [out.partition for out in outputs] == [5, 5, 6, 6]
    async with engine.connect() as connection:
        tickets = await connection.execute(select(TICKETS.c.customer, TICKETS.c.partition))
        counted = await connection.execute(select(WINDOWS.c.partition, WINDOWS.c.count))
    assert sorted(map(tuple, tickets)) == [("c1", 5), ("c2", 6)]
    assert sorted(map(tuple, counted)) == [(5, 1), (6, 1)]


async def test_the_same_batch_gives_the_same_bytes_on_another_replica(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    other = open_engine(f"sqlite:///{tmp_path / 'other.db'}")
    async with other.begin() as connection:
        await connection.run_sync(METADATA.create_all)

    one, two = await route(engine, OLD, EDITED), await route(other, OLD, EDITED)
    await other.dispose()

    assert msgspec.json.encode(one) == msgspec.json.encode(two)


def a_reply(
    post_id: str,
    *,
    reported: bool = False,
    at: int = 5,
    fingerprint: str = "5fa8",
    parent: str = "p1",
) -> ClassifiedPost:
    """The brand's own words to the first post, as seen or as told to us."""
    post = a_post(
        post_id,
        author=Author(id="severbank", is_brand=True),
        parent_id=parent,
        at=MONDAY + minutes(at),
        seen_as=SeenAs.reported if reported else SeenAs.observed,
    )
    return msgspec.structs.replace(a_classified(post), fingerprint=fingerprint)


@pytest.mark.parametrize("reported_first", [True, False])
def test_a_reply_that_is_reported_and_seen_is_one(*, reported_first: bool) -> None:
    told, echo = a_reply("desk-17", reported=True), a_reply("p9", at=6)
    replies = (told, echo) if reported_first else (echo, told)

    outputs = settle(Book(), a_classified(a_post("p1")), *replies)

    tickets = [out.ticket for out in outputs if isinstance(out, TicketEvent)]
    answers = [one for one in tickets[-1].moments if one.kind is MomentKind.answered_publicly]
    assert [one.reported for one in answers] == [reported_first]
    assert len([out for out in outputs if isinstance(out, Decision)]) == 3


@pytest.mark.parametrize(
    "other",
    [
        a_reply("p9", fingerprint="0000"),
        a_reply("p9", at=66),
        a_reply("p9", reported=True),
    ],
)
def test_other_words_another_time_or_a_second_report_are_another_reply(
    other: ClassifiedPost,
) -> None:
    told = a_reply("desk-17", reported=True)

    outputs = settle(Book(), a_classified(a_post("p1")), told, other)

    tickets = [out.ticket for out in outputs if isinstance(out, TicketEvent)]
    answers = [one for one in tickets[-1].moments if one.kind is MomentKind.answered_publicly]
    assert len(answers) == 2
