"""A drill through three services: ingest writes it, classify judges it, route calls the team.

The inputs that break the easy version: a crisis in each language that the judge takes for talk; a
mark that gets lost between two topics; a judge that counts what nobody wrote.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from schemas.topics import DECISIONS, TICKETS
from services.route.store.drills import StoredDrills
from stream.memory_pump import MemoryBroker
from stream.tokens import Tokens
from tests.builders import MONDAY
from tests.integration.test_route_on_its_store import Refusing, Running, running
from tests.tokens import tokens_file
from tests.unit.classify.batches import batch, event_of, handler
from tests.unit.ingest.deliveries import posts_on
from tests.unit.ingest.test_drilling import MARK, Began


@pytest.fixture
async def route(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path) as found:
        found.clock.move(MONDAY)
        yield found


async def test_a_stolen_card_of_each_language_calls_the_team_through_all_services(
    route: Running, tmp_path: Path
) -> None:
    entrance, judged = MemoryBroker(), CollectorRegistry()
    tokens = Tokens(str(tokens_file(tmp_path, operator="operator")))
    begun = await Began(entrance, tokens).wish(count=3)
    posts = posts_on(entrance)
    outputs = await handler(judged).handle([batch(*posts)], None)
    await route.take(*map(event_of, outputs))
    await route.calls()
    route.clock.passes(seconds=2)
    channel = Refusing(times=0)
    await route.delivered(channel, "fraud-alerts")

    found = await StoredDrills(route.engine, route.clock).drill(MARK, None)

    assert begun.json()["drill"] == MARK
    assert [post.lang for post in posts] == ["ru", "bg", "en"]
    assert all(alert.exercise for alert in channel.alerts)
    assert sum(alert.count for alert in found.alerts) == len(channel.alerts) == 3
    assert {one.seconds for alert in found.alerts for one in alert.heard} == {2.0}
    assert route.broker.log(TICKETS.name) == route.broker.log(DECISIONS.name) == []
    assert 'brand="severbank"' not in generate_latest(judged).decode()
