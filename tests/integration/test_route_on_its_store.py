"""Route through its real store: cases, alerts and commands, on SQLite and on PostgreSQL.

The inputs that break the easy version: the whole log again after a restart; a channel that refuses
at first; two people who close the same ticket.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec
import pytest
from fastapi import APIRouter
from httpx import ASGITransport
from prometheus_client import CollectorRegistry

from schemas.alerts import AlertChanged
from schemas.classified import ClassifiedPost
from schemas.states import AlertState, Change
from schemas.tickets import Ticket, TicketEvent
from schemas.topics import ALERTS, CLASSIFIED, DECISIONS, TICKETS, dead_letters
from schemas.vocabulary import CaseTopic
from services.route.api import api
from services.route.api.access import Bearer
from services.route.app import flow
from services.route.channels.delivering import Delivering, Means, Patience, Wording
from services.route.domain.alerting import Undelivered
from services.route.domain.desk import Rules
from services.route.domain.message import Sending
from services.route.domain.needs import words_of
from services.route.domain.policy_file import read_policy
from services.route.domain.rulebook import Installed, Rulebook
from services.route.handlers import Routing
from services.route.metrics import Metrics
from services.route.settings import read_needs, typical_replies
from services.route.store.alerts import AlertStore
from services.route.store.deliveries import Deliveries, Delivery
from services.route.store.desks import StoredDesks
from services.route.store.rota import StoredRota
from services.route.store.tables import LEDGER, METADATA
from stream.database import create_tables, open_engine
from stream.ledger import Ledger
from stream.memory_pump import MemoryBroker, MemoryPump
from stream.metrics import StreamMetrics
from stream.process import Process
from stream.tokens import Tokens
from tests.builders import MONDAY, a_classified, a_post, a_record, a_reply, minutes
from tests.hands import hands
from tests.tokens import bearing, tokens_file

TEXT = Path("services/route/policy/default.yaml").read_text(encoding="utf-8")
POLICY = read_policy(TEXT)
INSTALLED = Installed(
    channels=("fraud-alerts", "care-alerts", "lead-alerts"), replies=typical_replies()
)
HEADERS = bearing("vera")
WORDS = words_of(read_needs())


@dataclass
class Refusing:
    """A channel that refuses as often as it is told, then takes everything."""

    times: int
    ids: list[str] = field(default_factory=list)
    alerts: list[AlertChanged] = field(default_factory=list)

    async def send(self, sending: Sending) -> str | None:
        self.ids.append(sending.id)
        if self.times:
            self.times -= 1
            raise Undelivered("status 503", retry_after=0.0)
        self.alerts.append(sending.alert)
        return None


class Running:
    """One replica of route on a broker in memory and a real database."""

    def __init__(self, url: str, broker: MemoryBroker, folder: Path) -> None:
        self.engine, self.broker = open_engine(url), broker
        self.clock = hands(MONDAY + minutes(20))
        self.metrics = Metrics(CollectorRegistry())
        shared = StreamMetrics(CollectorRegistry(), "route", "test")
        self.ledger = Ledger(self.engine, LEDGER, broker, shared)
        rules = Rules(policy=POLICY, seq=1, needs=read_needs())
        self.alerts = AlertStore(self.engine, self.ledger, self.clock, lambda: rules)
        self.deliveries = Deliveries(self.engine, self.clock)
        self.desks = StoredDesks(self.ledger, self.alerts, lambda: rules, INSTALLED, self.clock)
        tokens = Tokens(str(tokens_file(folder, vera="agent")))
        self.rota = StoredRota(self.engine, lambda: rules, self.clock)
        app = api(self.desks, self.rota, Bearer(tokens, self.clock), self.metrics, APIRouter())
        self.http = httpx.AsyncClient(transport=ASGITransport(app=app), base_url="http://route")
        process = Process(
            flow(Routing(Rulebook(rules), self.metrics)),
            effects=self.ledger,
            letters=dead_letters("route"),
            metrics=shared,
        )
        self.pump = MemoryPump(process, self.ledger, broker)

    async def take(self, *events: ClassifiedPost) -> None:
        """Read these events as classify would write them."""
        await self.broker([a_record(event, topic=CLASSIFIED.name) for event in events])
        await self.pump.run_until_idle()

    def changes(self) -> list[TicketEvent]:
        """What tickets.v1 holds."""
        return [
            msgspec.json.decode(r.value or b"", type=TicketEvent)
            for r in self.broker.log(TICKETS.name)
        ]

    def told(self) -> list[AlertChanged]:
        """What alerts.v1 holds."""
        return [
            msgspec.json.decode(r.value or b"", type=AlertChanged)
            for r in self.broker.log(ALERTS.name)
        ]

    async def calls(self) -> None:
        """Take in what decisions have left, and tell what is due."""
        while await self.alerts.turn():
            pass

    async def delivered(self, channel: Refusing, name: str) -> None:
        """Let one channel send what is due, until nothing is."""
        means = Means(Wording(WORDS, self.clock), Patience(chance=lambda: 0.0), self.metrics)
        sending: Delivering[Delivery] = Delivering(name, channel, self.deliveries, means)
        while await sending.turn():
            pass


@asynccontextmanager
async def running(url: str, folder: Path) -> AsyncIterator[Running]:
    """One replica with its tables; closed at the end."""
    found = Running(url, MemoryBroker(), folder)
    await create_tables(found.engine, METADATA)
    yield found
    await found.http.aclose()
    await found.engine.dispose()


@pytest.fixture
async def route(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path) as found:
        yield found


def outage(count: int) -> Sequence[ClassifiedPost]:
    """Customers who write about one outage within minutes."""
    posts = [a_post(f"p{n}", author=f"c{n}", at=MONDAY + minutes(n / 2)) for n in range(count)]
    return [a_classified(post, topic=CaseTopic.outage_availability) for post in posts]


async def test_the_whole_log_again_after_a_restart_changes_nothing(
    route: Running, database_url: str, tmp_path: Path
) -> None:
    await route.take(*outage(30), a_classified(a_reply("r1", "p7", at=MONDAY + minutes(40))))
    before = [(r.key, r.value) for r in route.broker.log(TICKETS.name)]
    assert len(before) == 31

    again = Running(database_url, route.broker, tmp_path)
    await again.pump.run_until_idle()

    assert [(r.key, r.value) for r in route.broker.log(TICKETS.name)] == before
    assert len(route.broker.log(DECISIONS.name)) == 31
    await again.engine.dispose()


async def test_an_outage_is_one_alert_that_is_acknowledged_once(
    route: Running,
) -> None:
    await route.take(*outage(30))

    await route.calls()
    await route.ledger.drain([0])
    (key,) = {alert.group_key for alert in route.told()}
    first = await route.http.post(f"/v1/alerts/{key}/ack", headers=HEADERS)
    second = await route.http.post(f"/v1/alerts/{key}/ack", headers=HEADERS)
    await route.ledger.drain([0])

    assert [alert.state for alert in route.told()] == [
        AlertState.raised,
        AlertState.acknowledged,
    ]
    assert [alert.count for alert in route.told()] == [30, 30]
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json()["acknowledged_by"] == "vera"


async def test_a_refused_alert_is_sent_again_under_the_same_id(route: Running) -> None:
    stolen = a_classified(a_post(), topic=CaseTopic.fraud_security, urgency=90)
    await route.take(stolen)
    await route.calls()
    channel = Refusing(times=2)

    await route.delivered(channel, "fraud-alerts")
    await route.delivered(Refusing(times=0), "care-alerts")

    assert len(channel.ids) == 3
    assert len(set(channel.ids)) == 1
    assert [alert.count for alert in channel.alerts] == [1]


async def test_of_two_who_close_a_ticket_one_is_told_that_it_changed(route: Running) -> None:
    await route.take(a_classified(a_post()))
    (listed,) = (await route.http.get("/v1/tickets", headers=HEADERS)).json()
    url = f"/v1/tickets/{listed['id']}"
    etag = (await route.http.get(url, headers=HEADERS)).headers["etag"]

    answers = [
        await route.http.post(f"{url}/close", headers={**HEADERS, "if-match": etag})
        for _ in range(2)
    ]
    await route.ledger.drain([0])

    assert [answer.status_code for answer in answers] == [200, 409]
    assert [event.change for event in route.changes()] == [Change.opened, Change.closed]
    assert route.changes()[-1].by == "vera"
    assert (await route.http.get("/v1/tickets", headers=HEADERS)).json() == []


async def test_no_token_no_answer(route: Running) -> None:
    for headers in ({}, {"authorization": "Bearer wrong"}):
        assert (await route.http.get("/v1/tickets", headers=headers)).status_code == 401


async def test_a_stored_ticket_reads_back_as_it_was(route: Running) -> None:
    await route.take(a_classified(a_post(text="Къде е парцелът ми? ёЁ 🙂")))

    (event,) = route.changes()
    answer = await route.http.get(f"/v1/tickets/{event.ticket.id}", headers=HEADERS)

    assert msgspec.json.decode(answer.content, type=Ticket) == event.ticket
