"""How is notify put together? Wiring only: pump, HTTP and the facts that SQL recomputes."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.decisions import Decision
from schemas.tickets import TicketEvent
from schemas.topics import DECISIONS, SLA, TICKETS, dead_letters, retry
from services.notify.api import Readable, api
from services.notify.domain.figures import Period
from services.notify.domain.hearing import Hearing
from services.notify.domain.report import Report, report
from services.notify.handlers import SERVICE, Timing, decisions_of
from services.notify.metrics import FactsCollector, Metrics, Pairs, TimedPublish
from services.notify.settings import Settings, bound_goals_of, goals_of, goals_of_figures, wanted
from services.notify.store.cases import NotifyStore
from services.notify.store.figures import Figures
from services.notify.store.posts import forget_posts, note_decisions
from services.notify.store.reports import Reports
from services.notify.store.tables import LEDGER, METADATA
from stream.clock import Clock, parse_clock
from stream.database import create_tables, let_go, only_replica, open_engine
from stream.flow import Batch, Flow, Outgoing
from stream.ledger import Ledger
from stream.member import KafkaSource
from stream.metrics import StreamMetrics
from stream.probes import Probes, probe_routes
from stream.process import Process
from stream.publisher import KafkaPublisher
from stream.pumps import pump_named
from stream.quarantine import Quarantine
from stream.service import Part, http, insisting, repeated, run
from stream.settings import VERSION
from stream.tokens import Tokens

LOG = logging.getLogger(__name__)

LISTEN_SECONDS = 1.0
"""Real seconds between two looks at whether the pipeline still tells us something."""
FACTS_SECONDS = 5.0
"""Real seconds between two refreshes of the facts."""
WATCH_SECONDS = 1.0
"""Real seconds between two looks at the file of tokens."""
FORGET_SECONDS = 60.0
"""Real seconds between two looks for posts that are too old; at once again while there are some."""


def _ignored(_: int) -> None:
    """Nobody listens for silence."""


async def serve(settings: Settings) -> None:
    """Run notify until SIGTERM."""
    engine = open_engine(settings.database_url)
    try:
        with only_replica(settings.database_url):
            await insisting(lambda: create_tables(engine, METADATA))
            await _run(settings, engine)
    finally:
        await let_go(engine)


class Reporter:
    """Makes reports from the store, whether notify runs or not."""

    def __init__(self, engine: AsyncEngine, settings: Settings) -> None:
        self._reports, self._goals = Reports(engine, wanted(settings)), goals_of_figures(settings)

    async def report(self, period: Period, against: Period) -> Report:
        """A period beside another."""
        found, before = await self._reports.of(period), await self._reports.figures(against)
        return report(period, found, against, before, self._goals)


async def report_of(settings: Settings, period: Period, against: Period) -> Report:
    """The report of a period beside another."""
    engine = open_engine(settings.database_url)
    try:
        return await Reporter(engine, settings).report(period, against)
    finally:
        await let_go(engine)


def flow_of(timing: Timing, on_tick: Callable[[int], None] = _ignored) -> Flow[AsyncConnection]:
    """Notify's flow: tickets and ticks in, what became of promises out; decisions for reports."""

    async def handle(batches: Sequence[Batch], connection: AsyncConnection) -> Sequence[Outgoing]:
        for batch in batches:
            if batch.tick:
                on_tick(batch.partition)
        await note_decisions(connection, decisions_of(batches))
        return await timing.handle(batches, NotifyStore(connection))

    return Flow(
        name=SERVICE,
        reads=(TICKETS, DECISIONS, retry(SERVICE)),
        events=(TicketEvent, Decision),
        writes=(SLA,),
        handle=handle,
    )


async def _run(settings: Settings, engine: AsyncEngine) -> None:
    registry, clock, pairs = CollectorRegistry(), parse_clock(settings.clock), Pairs()
    shared = StreamMetrics(registry, SERVICE, VERSION, clock.real)
    metrics = Metrics(registry, pairs)
    metrics.promise(goals_of(settings), bound_goals_of(settings))
    probes, figures, tokens = Probes(clock.monotonic), Figures(engine), Tokens(settings.api_tokens)
    reporter, routes = Reporter(engine, settings), probe_routes(probes, registry)
    web = api(reporter, Readable(tokens, clock), routes)
    server = http(web, host=settings.host, port=settings.port)
    facts = FactsCollector(pairs, clock.real, FACTS_SECONDS)
    registry.register(facts)
    bootstrap, prefix = settings.kafka_bootstrap_servers, settings.topic_prefix
    async with KafkaPublisher(bootstrap, prefix, shared) as publish:

        def real_age(at: datetime) -> float:
            return (clock.now() - at).total_seconds() / clock.factor

        ledger = Ledger(engine, LEDGER, TimedPublish(publish, metrics, real_age), shared)
        timing, hearing = Timing(metrics), Hearing(settings.max_pipeline_age)
        process = Process(
            flow_of(timing, lambda partition: hearing.heard(partition, clock.monotonic())),
            effects=ledger,
            letters=dead_letters(SERVICE),
            metrics=shared,
            quarantine=Quarantine(settings.quarantine),
        )
        source = KafkaSource(bootstrap=bootstrap, prefix=prefix, group=f"{prefix}.{SERVICE}")
        pump = pump_named(settings.pump)(process, ledger, source=source, probes=probes, clock=clock)

        async def listen() -> int:
            read = {
                number
                for (topic, number), left in pump.left.items()
                if topic == TICKETS.name and not left
            }
            silent = hearing.silent(read, clock.monotonic())
            return await announce_blind(timing, ledger, silent, clock) if silent else 0

        parts = _housekeeping(engine, tokens, settings.figures_days, clock)
        refreshed = _refreshed(figures, facts, clock)
        await run(pump.run, server, repeated(listen, LISTEN_SECONDS), refreshed, *parts)


async def announce_blind(
    timing: Timing, ledger: Ledger, silent: Mapping[int, float], clock: Clock
) -> int:
    """Put what fell due in these partitions into the outbox; whoever owns them publishes it."""
    over = {partition: clock.business(seconds) for partition, seconds in silent.items()}
    async with ledger.engine.begin() as connection:
        outputs = await timing.unheard(over, NotifyStore(connection))
        await ledger.store(connection, outputs)
    if outputs:
        LOG.warning("announced blind, no tick for too long", extra={"count": len(outputs)})
    return 0


def _housekeeping(
    engine: AsyncEngine, tokens: Tokens, days: int, clock: Clock
) -> tuple[Part, Part]:
    """Tokens are read when they change; posts that no report will count any more go."""

    async def watch() -> int:
        tokens.refreshed()
        return 0

    async def forget() -> int:
        async with engine.begin() as connection:
            return await forget_posts(connection, clock.now() - timedelta(days=days))

    return repeated(watch, WATCH_SECONDS), repeated(forget, FORGET_SECONDS)


def _refreshed(figures: Figures, facts: FactsCollector, clock: Clock) -> Part:
    async def refresh() -> int:
        facts.put(await figures.facts(clock.now()))
        return 0

    return repeated(refresh, FACTS_SECONDS)
