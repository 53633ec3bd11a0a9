"""How is notify put together? Wiring only: the pump, and HTTP with the facts of SQL; or one."""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.decisions import Decision
from schemas.tickets import TicketEvent
from schemas.topics import DECISIONS, SLA, TICKETS, TOPICS, dead_letters, retry
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
from services.notify.store.tables import HISTORY, LEDGER
from stream.allowed import publishing
from stream.clock import Clock, parse_clock
from stream.database import let_go, only_replica, open_engine
from stream.flow import Batch, Flow, Outgoing, Publish
from stream.ledger import Ledger
from stream.member import source_of
from stream.metrics import StreamMetrics
from stream.migrations import ready
from stream.probes import Probes, probe_app, probe_routes, turning
from stream.process import Process
from stream.pumps import pump_named
from stream.quarantine import Quarantine
from stream.service import Part, http, insisting, repeated, run
from stream.settings import VERSION
from stream.tokens import Tokens
from stream.trace import tracing

LOG = logging.getLogger(__name__)

LISTEN_SECONDS = 1.0
"""Real seconds between two looks at whether the pipeline still tells us something."""
FACTS_SECONDS = 5.0
"""Real seconds between two refreshes of the facts."""
WATCH_SECONDS = 1.0
"""Real seconds between two looks at the file of tokens."""
FORGET_SECONDS = 60.0
"""Real seconds between two looks for posts that are too old; at once again while there are some."""


Role = Literal["all", "clocks", "web"]
"""What a process does: a rebalance of the clocks must not take reports and figures away."""


def _ignored(_: int) -> None:
    """Nobody listens for silence."""


async def serve(settings: Settings, role: Role = "all") -> None:
    """Run notify, or one role of it, until SIGTERM; raises ``BadSettings``."""
    engine = open_engine(settings.database_url)
    try:
        with tracing(settings, SERVICE), only_replica(settings.database_url):
            await insisting(lambda: ready(engine, HISTORY, settings.migrate))
            await _run(_running(settings, engine), role)
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


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """What the parts of a process share."""

    settings: Settings
    engine: AsyncEngine
    clock: Clock
    registry: CollectorRegistry
    shared: StreamMetrics
    metrics: Metrics
    pairs: Pairs
    probes: Probes


def _running(settings: Settings, engine: AsyncEngine) -> Running:
    registry, clock, pairs = CollectorRegistry(), parse_clock(settings.clock), Pairs()
    return Running(
        settings=settings,
        engine=engine,
        clock=clock,
        registry=registry,
        shared=StreamMetrics(registry, SERVICE, VERSION, clock.real),
        metrics=Metrics(registry, pairs),
        pairs=pairs,
        probes=Probes(clock.monotonic),
    )


async def _run(here: Running, role: Role) -> None:
    does = {"clocks", "web"} if role == "all" else {role}
    settings, parts = here.settings, list[Part]()
    async with AsyncExitStack() as held:
        if "clocks" in does:
            publisher = publishing(settings, here.shared, TOPICS)
            parts += _clock_parts(here, await held.enter_async_context(publisher))
        else:
            here.probes.ready = True
            parts.append(repeated(turning(here.probes), WATCH_SECONDS))
        if "web" in does:
            parts += _web_parts(here)
        else:
            probes = probe_app(here.probes, here.registry)
            parts.append(http(probes, host=settings.host, port=settings.port))
        await run(*parts)


def _clock_parts(here: Running, publish: Publish) -> Sequence[Part]:
    """Tickets and ticks in, what became of promises out; what is old forgotten."""
    settings, clock, metrics = here.settings, here.clock, here.metrics

    def real_age(at: datetime) -> float:
        return (clock.now() - at).total_seconds() / clock.factor

    ledger = Ledger(here.engine, LEDGER, TimedPublish(publish, metrics, real_age), here.shared)
    timing, hearing = Timing(metrics), Hearing(settings.max_pipeline_age)
    process = Process(
        flow_of(timing, lambda partition: hearing.heard(partition, clock.monotonic())),
        effects=ledger,
        letters=dead_letters(SERVICE),
        metrics=here.shared,
        quarantine=Quarantine(settings.quarantine),
    )
    source, made = source_of(settings, SERVICE), pump_named(settings.pump)
    pump = made(process, ledger, source=source, probes=here.probes, clock=clock)

    async def listen() -> int:
        read = {
            number
            for (topic, number), left in pump.left.items()
            if topic == TICKETS.name and not left
        }
        silent = hearing.silent(read, clock.monotonic())
        return await announce_blind(timing, ledger, silent, clock) if silent else 0

    async def forget() -> int:
        async with here.engine.begin() as connection:
            return await forget_posts(connection, clock.now() - timedelta(settings.figures_days))

    return pump.run, repeated(listen, LISTEN_SECONDS), repeated(forget, FORGET_SECONDS)


def _web_parts(here: Running) -> Sequence[Part]:
    """What systems ask, with the probes, and the facts behind the business metrics."""
    settings, clock = here.settings, here.clock
    tokens, figures = Tokens(settings.api_tokens), Figures(here.engine)
    here.metrics.promise(goals_of(settings), bound_goals_of(settings))
    facts = FactsCollector(here.pairs, clock.real, FACTS_SECONDS)
    here.registry.register(facts)
    routes = probe_routes(here.probes, here.registry)
    web = api(Reporter(here.engine, settings), Readable(tokens, clock), routes)

    async def watch() -> int:
        tokens.refreshed()
        return 0

    async def refresh() -> int:
        facts.put(await figures.facts(clock.now()))
        return 0

    return (
        http(web, host=settings.host, port=settings.port),
        repeated(watch, WATCH_SECONDS),
        repeated(refresh, FACTS_SECONDS),
    )


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
