"""What does a turn read and cost while many alerts are open? By PostgreSQL's own counters."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.database_meter import Meter
from bench.open_alerts import FIRST_DUE, Stock, fill
from services.route.domain.desk import Rules
from services.route.domain.policy_file import read_policy
from services.route.settings import read_needs
from services.route.store.alerts import AlertStore
from services.route.store.tables import LEDGER
from stream.clock import parse_clock
from stream.database import open_engine
from stream.flow import Outgoing
from stream.ledger import Ledger
from stream.metrics import StreamMetrics

_POLICY = Path("services/route/policy/default.yaml")


class Turned(msgspec.Struct, frozen=True, kw_only=True):
    """Means of a turn; CPU in microseconds, of route and of its database connection."""

    due: float
    entries: float
    """Entries of the index on what is due that were looked at, dead ones among them."""
    rows: float
    """Rows that were fetched in all tables of route, those to be written among them."""
    cpu_us: float


def stocked(database_url: str, stock: Stock) -> None:
    """Put the stock of open alerts into an empty database."""
    asyncio.run(_stocked(database_url, stock))


def turned(database_url: str, seconds: range) -> Turned:
    """Take the turn of each of these seconds, and compare the counters."""
    return asyncio.run(_turned(open_engine(database_url), seconds))


async def _stocked(database_url: str, stock: Stock) -> None:
    engine = open_engine(database_url)
    await fill(engine, _rules().policy, stock)
    await engine.dispose()


async def _turned(engine: AsyncEngine, seconds: range) -> Turned:
    rules = _rules()
    await _turn(engine, rules, seconds[0])  # it pays for connections and plans
    async with Meter(engine, service="route", index="route_alert_groups_due") as meter:
        due = sum([await _turn(engine, rules, second) for second in seconds[1:]])
    await engine.dispose()
    turns = len(seconds[1:])
    return Turned(
        due=due / turns,
        entries=meter.entries / turns,
        rows=meter.rows / turns,
        cpu_us=meter.cpu_seconds / turns * 1e6,
    )


async def _turn(engine: AsyncEngine, rules: Rules, second: int) -> int:
    """A turn at that second, by a replica that has just come up."""
    at = FIRST_DUE + timedelta(seconds=second)
    metrics = StreamMetrics(CollectorRegistry(), "route", "bench")
    ledger = Ledger(engine, LEDGER, _nowhere, metrics)
    clock = parse_clock(f"{at.isoformat()}@1x")
    return await AlertStore(engine, ledger, clock, lambda: rules).turn()


def _rules() -> Rules:
    return Rules(policy=read_policy(_POLICY.read_text("utf-8")), seq=1, needs=read_needs())


async def _nowhere(outputs: Sequence[Outgoing]) -> Sequence[int]:
    return range(len(outputs))
