"""How long does a refresh of the facts take? Of a store that knows two months of tickets."""

import asyncio
import time

from sqlalchemy.ext.asyncio import AsyncEngine

from bench.past_clocks import NOW, Past, fill
from services.notify.domain.figures import Facts
from services.notify.store.figures import Figures
from stream.database import open_engine


def stocked(database_url: str, past: Past) -> None:
    """Put the past into an empty database."""
    asyncio.run(_stocked(open_engine(database_url), past))


def refreshed(database_url: str) -> tuple[float, Facts]:
    """Seconds of a refresh by a notify that has made one before, and the facts."""
    return asyncio.run(_refreshed(open_engine(database_url)))


async def _stocked(engine: AsyncEngine, past: Past) -> None:
    await fill(engine, past)
    await engine.dispose()


async def _refreshed(engine: AsyncEngine) -> tuple[float, Facts]:
    figures = Figures(engine)
    await figures.facts(NOW)  # it pays for connections and plans
    started = time.perf_counter()
    facts = await figures.facts(NOW)
    seconds = time.perf_counter() - started
    await engine.dispose()
    return seconds, facts
