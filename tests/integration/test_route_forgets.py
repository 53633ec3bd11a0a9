"""A wish and a post of the same person at the same moment: whoever is first, nothing is left.

The input that breaks the easy version: a member has looked who is forgotten, the wish is taken by
another one, and only then the first one writes the case.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.route.domain.rulebook import Rulebook
from services.route.handlers import Routing
from services.route.metrics import Metrics
from services.route.store.cases import RouteStore
from services.route.store.tables import METADATA
from tests.stored import everything_in, opened
from tests.unit.route.test_desk_again import RULES, batch, route_batches
from tests.unit.route.test_erasing import IVAN, WISHES, of_ivan

WAITING = text(
    "select count(*) from pg_locks join pg_database on pg_database.oid = pg_locks.database "
    "where datname = current_database() and locktype = 'advisory' and not granted"
)


class Looking(RouteStore):
    """The real store; between its look and its write something else may happen."""

    def __init__(
        self, connection: AsyncConnection, meanwhile: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(connection)
        self._meanwhile = meanwhile

    async def forgotten(self, authors: Collection[str]) -> frozenset[str]:
        found = await super().forgotten(authors)
        await self._meanwhile()
        return found


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    async with opened(database_url, METADATA) as store:
        yield store


async def is_waiting(engine: AsyncEngine) -> bool:
    """Does a session wait for the lock? On SQLite every writer waits for the one before it."""
    if engine.dialect.name == "sqlite":
        return True
    async with engine.connect() as connection:
        return bool((await connection.execute(WAITING)).scalar_one())


async def test_a_wish_waits_for_a_step_that_has_looked_before_it(engine: AsyncEngine) -> None:
    wishes: list[asyncio.Task[object]] = []

    async def wish() -> None:
        wishes.append(asyncio.create_task(_erase(engine)))
        while not (wishes[0].done() or await is_waiting(engine)):
            pass

    async with engine.begin() as connection:
        routing = Routing(Rulebook(RULES), Metrics(CollectorRegistry()))
        await routing.handle([batch(of_ivan())], Looking(connection, wish))
    await asyncio.gather(*wishes)

    assert "route_tickets" in await everything_in(engine)
    assert IVAN not in await everything_in(engine)


async def _erase(engine: AsyncEngine) -> object:
    return await route_batches(engine, WISHES)


async def test_a_step_that_looks_after_the_wish_writes_nothing(engine: AsyncEngine) -> None:
    await route_batches(engine, WISHES)

    await route_batches(engine, batch(of_ivan()))

    assert "route_tickets" not in await everything_in(engine)
