"""What does a tick read and cost while many clocks run? By PostgreSQL's own counters."""

import asyncio
from datetime import datetime, timedelta

import msgspec
from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.database_meter import Meter
from bench.open_clocks import FIRST_DUE, PARTITIONS, Stock, fill
from schemas.topics import TICKETS
from services.notify.handlers import Timing
from services.notify.metrics import Metrics
from services.notify.store.cases import NotifyStore
from stream.database import open_engine
from stream.flow import Batch

_JUST_AFTER = timedelta(milliseconds=500)


class Ticked(msgspec.Struct, frozen=True, kw_only=True):
    """Means of a tick; CPU in microseconds, of notify and of its database connection."""

    announced: float
    entries: float
    """Entries of the index on the next instant that were looked at, dead ones among them."""
    rows: float
    """Rows that were fetched in all tables of notify, those to be written among them."""
    cpu_us: float


def stocked(database_url: str, stock: Stock) -> None:
    """Put the stock of open clocks into an empty database."""
    asyncio.run(fill(open_engine(database_url), stock))


def ticked(database_url: str, turns: range) -> Ticked:
    """Let these turns of ticks pass, one of each partition a turn, and compare the counters."""
    return asyncio.run(_ticked(open_engine(database_url), turns))


async def _ticked(engine: AsyncEngine, turns: range) -> Ticked:
    timing = Timing(Metrics(CollectorRegistry()))
    await _turn(engine, timing, turns[0])  # it pays for connections and plans
    async with Meter(engine, service="notify", index="notify_tickets_next") as meter:
        announced = sum([await _turn(engine, timing, turn) for turn in turns[1:]])
    await engine.dispose()
    ticks = PARTITIONS * len(turns[1:])
    return Ticked(
        announced=announced / ticks,
        entries=meter.entries / ticks,
        rows=meter.rows / ticks,
        cpu_us=meter.cpu_seconds / ticks * 1e6,
    )


async def _turn(engine: AsyncEngine, timing: Timing, turn: int) -> int:
    """The next tick of every partition; returns how much they announced."""
    at = FIRST_DUE + timedelta(seconds=turn) + _JUST_AFTER
    return sum([await _tick(engine, timing, number, at) for number in range(PARTITIONS)])


async def _tick(engine: AsyncEngine, timing: Timing, partition: int, at: datetime) -> int:
    batch = Batch(topic=TICKETS.name, partition=partition, messages=(), tick=at)
    async with engine.begin() as connection:
        return len(await timing.handle([batch], NotifyStore(connection)))
