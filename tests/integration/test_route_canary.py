"""A canary through route on both databases: it goes on, and nothing of it stays or is counted.

The inputs that break the easy version: the same canary again in the step, and in a later one; a
real customer beside it; alerts that are held, and a rota without anybody; a channel's worker whose
lease ran out; a policy under which everything pages; a channel of that name in `CHANNELS`.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from schemas.classified import ClassifiedPost
from schemas.event import CANARY
from schemas.topics import DECISIONS, TICKETS
from schemas.vocabulary import CaseTopic
from services.route.channels.delivering import Delivering, Means, Patience, Wording
from services.route.channels.nobody import NobodyChannel
from services.route.channels.reaching import targets_client
from services.route.dispatch import channels_of
from services.route.settings import Settings
from services.route.store.canaries import CanaryDeliveries
from services.route.store.costs import cost_in
from services.route.store.deliveries import Delivery
from services.route.store.holding import begin_hold
from stream.settings import BadSettings
from tests.builders import MONDAY, a_classified, a_post, minutes
from tests.integration.test_route_on_its_store import HEADERS, WORDS, Running, running
from tests.stored import rows_in

BUSINESS = ("otklik_decisions", "otklik_tickets", "otklik_alerts_total", "otklik_alert_delivery")
LEDGER = ("route_consumed",)
"""What the ledger keeps of any record: how far it has come."""


@pytest.fixture
async def route(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path) as found:
        yield found


class Worker:
    """The sender of the channel that calls nobody."""

    def __init__(self, route: Running) -> None:
        self.passed = 0
        self.calls = CanaryDeliveries(route.engine, route.clock, self._pass)
        means = Means(Wording(WORDS, route.clock), Patience(chance=lambda: 0.0), route.metrics)
        self.sending: Delivering[Delivery] = Delivering(CANARY, NobodyChannel(), self.calls, means)

    def _pass(self) -> None:
        self.passed += 1


def canary(native: str = "k1", **axes: object) -> ClassifiedPost:
    """A canary as classify judged it; here as something that would page anybody."""
    post = a_post(
        native,
        brand=CANARY,
        account=CANARY,
        author=None,
        conversation_id=native,
        parent_id=None,
        at=MONDAY + minutes(19),
    )
    return a_classified(post, **{"topic": CaseTopic.fraud_security, "urgency": 90, **axes})


async def left(route: Running) -> list[str]:
    """The rows of the store, but for how far the ledger has come."""
    return [row for row in await rows_in(route.engine) if not row.startswith(LEDGER)]


async def test_a_canary_leaves_a_ticket_and_passes_its_channel_and_no_row_of_it_stays(
    route: Running,
) -> None:
    before, worker = await left(route), Worker(route)

    await route.take(canary())
    waiting = await left(route)
    await route.calls()
    taken = await worker.sending.turn()

    (event,) = route.changes()
    assert (event.ticket.brand, event.ticket.state, event.ticket.moments) == (CANARY, "closed", ())
    assert set(msgspec.structs.asdict(event.ticket.terms.targets).values()) == {None}
    assert (len(waiting) - len(before), taken, worker.passed) == (1, 1, 1)
    assert await left(route) == before
    assert route.broker.log(DECISIONS.name) == []
    assert route.told() == []


async def test_no_figure_and_no_list_has_it(route: Running, database_url: str) -> None:
    registry, worker = CollectorRegistry(), Worker(route)
    for family in vars(route.metrics).values():
        registry.register(family)

    await route.take(canary())
    await route.calls()
    await worker.sending.turn()
    listed = await route.http.get("/v1/tickets", headers=HEADERS)
    cost = await cost_in(database_url, MONDAY, MONDAY + minutes(60))

    lines = generate_latest(registry).decode().splitlines()
    assert [one for one in lines if one.startswith(BUSINESS) and one.endswith(" 1.0")] == []
    attempts = {"channel": CANARY, "outcome": "delivered"}
    assert registry.get_sample_value("otklik_alert_attempts_total", attempts) == 1
    assert listed.json() == []
    assert cost.load.alerts == 0


async def test_one_that_comes_again_passes_again_under_the_same_ids(route: Running) -> None:
    worker = Worker(route)

    await route.take(canary(), canary())
    in_one_step = len(route.broker.log(TICKETS.name))
    await route.take(canary())
    await route.calls()
    while await worker.sending.turn():
        pass

    first, again = route.changes()
    assert in_one_step == 1
    assert first == again
    assert worker.passed == 1
    assert [row for row in await left(route) if CANARY in row] == []


async def test_two_canaries_of_one_step_both_pass(route: Running) -> None:
    worker = Worker(route)

    await route.take(canary("k1"), canary("k2"))
    await route.calls()
    while await worker.sending.turn():
        pass

    assert len({event.ticket.id for event in route.changes()}) == worker.passed == 2


async def test_a_real_customer_beside_it_is_decided_on_as_if_it_were_not_there(
    route: Running,
) -> None:
    real = a_classified(a_post("p1"), topic=CaseTopic.fraud_security, urgency=90)

    await route.take(*(canary(f"k{n}") for n in range(20)), real)

    (decided,) = route.broker.log(DECISIONS.name)
    inputs = msgspec.json.decode(decided.value or b"")["inputs"]
    assert (inputs["topic_count"], inputs["hot"], inputs["earlier_contacts"]) == (1, False, 0)
    assert [row for row in await left(route) if row.startswith("route_windows _canary")] == []


async def test_it_passes_while_alerts_are_held(route: Running) -> None:
    worker = Worker(route)
    async with route.engine.begin() as connection:
        await begin_hold(connection, now=route.clock.now(), by="boss", reason="a rehearsal")

    await route.take(canary())
    await route.calls()
    await worker.sending.turn()

    assert worker.passed == 1


async def test_one_that_no_worker_takes_is_seen_to_wait(route: Running) -> None:
    worker = Worker(route)

    await route.take(canary())
    await route.calls()
    route.clock.passes(seconds=200)
    await worker.sending.watch()

    (sample,) = [
        one
        for family in route.metrics.alert_oldest_pending_seconds.collect()
        for one in family.samples
    ]
    assert (sample.labels["channel"], sample.value) == (CANARY, 200)


async def test_a_worker_whose_lease_ran_out_has_passed_nothing(route: Running) -> None:
    worker = Worker(route)
    await route.take(canary())
    await route.calls()
    (held,) = await worker.calls.take(CANARY, limit=5)
    stale = msgspec.structs.replace(held, row=Overtaken(held.id, held.attempt - 1))

    await worker.calls.delivered(stale, None)
    early = worker.passed
    await worker.calls.delivered(held, None)

    assert (early, worker.passed) == (0, 1)


class Overtaken:
    """A row as one held it whom another has overtaken."""

    def __init__(self, name: str, attempt: int) -> None:
        self.id, self.attempt = name, attempt


async def test_no_channel_of_the_deployment_has_its_name() -> None:
    settings = Settings(channels=msgspec.json.encode({CANARY: "log:"}).decode())

    async with targets_client() as client:
        with pytest.raises(BadSettings, match=rf"CHANNELS\.{CANARY}: expected another name"):
            channels_of(settings, client)
