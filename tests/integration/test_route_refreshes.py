"""Open cases are told again once a day, for who came late (design 2).

Three inputs break the easy version: two replicas that look at the same moment, a case that changed
an hour ago (it was told then), and a subscriber who counts a repeated version as news.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from schemas.states import Change
from services.notify.domain.settle import merged
from services.route.domain.ending import close
from services.route.store.cases import keep_ticket
from services.route.store.refreshing import Refreshing
from services.route.store.tables import TICKETS
from stream.database import micros
from tests.builders import a_classified, a_post
from tests.integration.test_route_on_its_store import Running, running

DAY = timedelta(days=1)


@pytest.fixture
async def route(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path) as found:
        yield found


async def opened(route: Running, *natives: str) -> None:
    await route.take(*(a_classified(a_post(name, author=name)) for name in natives))


async def told_before(route: Running, ago: timedelta) -> None:
    """As if every case had been told of so long ago."""
    then = micros(route.clock.real() - ago)
    async with route.engine.begin() as connection:
        await connection.execute(update(TICKETS).values(told_at=then))


async def refreshed(route: Running) -> int:
    """One look, and what the outbox then has is published."""
    count = await Refreshing(route.ledger, route.clock).turn()
    await route.pump.run_until_idle()
    return count


async def test_an_open_case_is_told_again_after_a_day_and_once(route: Running) -> None:
    await opened(route, "p1", "p2")
    assert await refreshed(route) == 0

    await told_before(route, DAY + timedelta(minutes=1))
    assert [await refreshed(route) for _ in range(2)] == [2, 0]

    first, again = route.changes()[:2], route.changes()[2:]
    assert {event.change for event in again} == {Change.refreshed}
    assert {e.ticket.id: e.ticket for e in again} == {e.ticket.id: e.ticket for e in first}
    assert len({event.event_id for event in (*first, *again)}) == 4


async def test_the_next_day_has_an_event_of_its_own(route: Running) -> None:
    await opened(route, "p1")
    for ago in (3 * DAY, 2 * DAY):
        await told_before(route, ago)
        await refreshed(route)

    assert len({event.event_id for event in route.changes()}) == 3


async def test_what_is_closed_or_was_told_today_is_not_repeated(route: Running) -> None:
    await opened(route, "p1", "p2")
    await told_before(route, DAY - timedelta(minutes=1))
    assert await refreshed(route) == 0

    ticket = route.changes()[0].ticket
    closed = close(ticket, at=ticket.opened_at, by="vera", outcome="silent").ticket
    async with route.engine.begin() as connection:
        await keep_ticket(connection, closed, 0)
    await told_before(route, 2 * DAY)
    assert await refreshed(route) == 1


async def test_for_a_reader_that_knows_the_version_it_is_no_news(route: Running) -> None:
    await opened(route, "p1")
    await told_before(route, 2 * DAY)
    await refreshed(route)
    first, again = route.changes()

    known = merged(None, first, None, None)
    assert merged(known, again, None, None) is None
    assert again.occurred_at == first.ticket.moments[-1].at
