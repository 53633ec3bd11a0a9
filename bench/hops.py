"""What does route's hop cost beside a bare loop that asks the same database as often?"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.bare import Way, loop
from bench.judged import record
from bench.window import Window
from schemas.classified import ClassifiedPost
from schemas.topics import CLASSIFIED, DECISIONS, dead_letters
from services.route.app import flow
from services.route.domain.desk import Rules
from services.route.domain.policy_file import read_policy
from services.route.domain.rulebook import Rulebook
from services.route.handlers import Routing
from services.route.metrics import Metrics
from services.route.settings import read_needs
from services.route.store.tables import LEDGER, METADATA
from stream.aiokafka_pump import AiokafkaPump
from stream.clock import parse_clock
from stream.database import create_tables, open_engine
from stream.flow import Outgoing, Publish, Received
from stream.ledger import Ledger
from stream.member import KafkaSource
from stream.metrics import StreamMetrics
from stream.probes import Probes
from stream.process import Process
from stream.publisher import KafkaPublisher
from stream.topic_admin import Cluster

STEP = 200
NOWHERE = 999
"""A partition that no broker has: counting trips needs none."""
_POLICY = Path("services/route/policy/default.yaml")


async def route_hop(cluster: Cluster, database_url: str, group: str, window: Window) -> None:
    """Decide on all posts until the window closes."""
    engine, clock = open_engine(database_url), parse_clock("")
    await create_tables(engine, METADATA)
    metrics, stop = StreamMetrics(CollectorRegistry(), "route", "bench"), asyncio.Event()
    async with KafkaPublisher(cluster, cluster.prefix, metrics) as publish:
        ledger = Ledger(engine, LEDGER, _Counting(publish, window, stop), metrics)
        source = KafkaSource(bootstrap=cluster.bootstrap, prefix=cluster.prefix, group=group)
        pump = AiokafkaPump(
            _process(ledger, metrics),
            ledger,
            source=source,
            probes=Probes(clock.monotonic),
            clock=clock,
        )
        await pump.run(stop)
    await engine.dispose()


async def bare_hop(
    cluster: Cluster, database_url: str, group: str, window: Window, trips: int
) -> None:
    """Hand on all posts, with so many round trips a poll, until the window closes."""
    engine = open_engine(database_url)

    async def ask() -> None:
        async with engine.begin() as connection:
            for _ in range(trips):
                await connection.execute(_NOTHING)

    way = Way(
        read=CLASSIFIED.under(cluster.prefix),
        written=DECISIONS.under(cluster.prefix),
        group=group,
        kind=ClassifiedPost,
    )
    await loop(cluster.bootstrap, way, window.acked, ask)
    await engine.dispose()


async def trips_of_a_step(database_url: str) -> int:
    """How often route asks its database in a step of two hundred posts, once warm."""
    engine = open_engine(database_url)
    await create_tables(engine, METADATA)
    metrics = StreamMetrics(CollectorRegistry(), "route", "bench")
    ledger = Ledger(engine, LEDGER, _nowhere, metrics)
    process = _process(ledger, metrics)
    asked = _asked(engine)
    for start in (0, STEP):
        asked.clear()
        await process.batch([_received(number) for number in range(start, start + STEP)])
    await engine.dispose()
    return len(asked)


_NOTHING = text("select 1")


def _process(ledger: Ledger, metrics: StreamMetrics) -> Process[Any]:
    rules = Rules(policy=read_policy(_POLICY.read_text("utf-8")), seq=1, needs=read_needs())
    routing = Routing(Rulebook(rules), Metrics(CollectorRegistry()))
    letters = dead_letters("route")
    return Process(flow(routing), effects=ledger, letters=letters, metrics=metrics)


def _asked(engine: AsyncEngine) -> list[str]:
    statements: list[str] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        statements.append(statement)

    return statements


class _Counting:
    """The publisher, telling the window how many posts are decided."""

    def __init__(self, publish: Publish, window: Window, stop: asyncio.Event) -> None:
        self._publish, self._window, self._stop = publish, window, stop

    async def __call__(self, outputs: Sequence[Outgoing]) -> Sequence[int]:
        offsets = await self._publish(outputs)
        if self._window.acked(sum(one.topic == DECISIONS.name for one in outputs)):
            self._stop.set()
        return offsets


async def _nowhere(outputs: Sequence[Outgoing]) -> Sequence[int]:
    return range(len(outputs))


def _received(number: int) -> Received:
    one = record(number, NOWHERE)
    return Received(
        topic=CLASSIFIED.name,
        partition=NOWHERE,
        offset=number,
        timestamp_ms=0,
        key=one.key,
        value=one.value,
        headers=one.headers,
    )
