"""How is ingest put together? Wiring only: publisher, store, three listeners, ticks."""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path

from aiokafka.errors import KafkaError
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.admin import admin
from services.ingest.api import Clock, Door, Hooks, Limits, api
from services.ingest.data_deletion import SOURCE, data_deletion
from services.ingest.domain.brands import Accounts, BadBrands, pages_of, read_brands
from services.ingest.domain.breaker import PROBE_SECONDS, Breaker
from services.ingest.domain.inflate import BODY_BYTES
from services.ingest.domain.receipt import Keys
from services.ingest.erasing import Erasing
from services.ingest.handlers import Guarded, Keeping, Receiving, Ticking
from services.ingest.metrics import Metrics
from services.ingest.office import StaffedOffice
from services.ingest.platforms.table import LARGE_BODIES
from services.ingest.plugins import platforms
from services.ingest.settings import Settings, keys_of
from services.ingest.store.memory import StoredMemory
from services.ingest.store.tables import METADATA
from stream.clock import Clock as RealClock
from stream.clock import parse_clock
from stream.database import create_tables, let_go, only_replica, open_engine
from stream.metrics import StreamMetrics
from stream.probes import Probes, probe_app
from stream.publisher import KafkaPublisher
from stream.service import Part, http, insisting, repeated, run
from stream.settings import VERSION, BadSettings
from stream.tokens import Tokens
from stream.topic_admin import Cluster

FLUSH_SECONDS = 1.0
FORGET_SECONDS = 3600.0
LEARN_SECONDS = 2.0

Doors = Mapping[tuple[str, str], Door]


class Measures:
    """What one process measures and reports."""

    def __init__(self, clock: Clock) -> None:
        self.registry = CollectorRegistry()
        self.shared = StreamMetrics(self.registry, "ingest", VERSION)
        self.metrics = Metrics(self.registry)
        self.probes = Probes(clock.monotonic)
        self.breaker = Breaker()


async def serve(settings: Settings, environment: Mapping[str, str]) -> None:
    """Run ingest until SIGTERM."""
    accounts = accounts_of(settings)
    doors = doors_of(accounts, environment)
    engine = open_engine(settings.database_url)
    try:
        with only_replica(settings.database_url):
            await insisting(lambda: create_tables(engine, METADATA))
            await _run(settings, accounts, doors, engine)
    finally:
        await let_go(engine)


async def _run(settings: Settings, accounts: Accounts, doors: Doors, engine: AsyncEngine) -> None:
    clock = parse_clock(settings.clock)
    memory = StoredMemory(engine, settings.erasure_key.encode())
    await memory.refresh()
    measures, keeping, tokens = Measures(clock), keeping_of(settings), _tokens(settings)
    async with publisher(settings, measures) as broker:
        publish = Guarded(broker, measures.breaker, clock.monotonic)
        receiving = Receiving(publish, keeping, measures.metrics, measures.shared, memory)
        office = StaffedOffice(receiving, accounts, frozenset(doors), memory.sources, clock)
        erasing = Erasing(publish, keeping, memory, accounts, clock.now)
        public = web(receiving, doors, clock, measures, limits_of(settings))
        public.include_router(data_deletion(erasing, deletion_keys(doors)))
        margin = clock.business(settings.tick_margin_seconds)
        ticking = Ticking(publish, keeping, now=clock.now, margin=margin)
        measures.probes.ready = True
        await run(
            http(public, host=settings.hooks_host, port=settings.hooks_port, name="hooks"),
            http(
                admin(office, erasing, tokens),
                host=settings.admin_host,
                port=settings.admin_port,
                name="admin",
            ),
            http(
                probe_app(measures.probes, measures.registry),
                host=settings.host,
                port=settings.port,
                name="metrics",
            ),
            _ticks(ticking, measures, settings.tick_seconds),
            *_housekeeping(memory, tokens, clock),
        )


def web(
    receiving: Receiving, doors: Doors, clock: Clock, measures: Measures, limits: Limits
) -> FastAPI:
    """The public app, with every known series of its metrics in place."""
    measures.metrics.start(door.account for door in doors.values())
    measures.probes.blocked = lambda: measures.breaker.is_open
    return api(Hooks(receiving, doors, clock, measures.metrics, limits))


def limits_of(settings: Settings) -> Limits:
    """How much this installation takes in hand."""
    return Limits(
        in_flight=settings.in_flight,
        in_flight_bytes=settings.in_flight_bytes,
        source_rate=settings.source_rate,
        source_burst=settings.source_burst,
    )


def accounts_of(settings: Settings) -> Accounts:
    """The configured accounts; raises ``BadSettings`` with the place of what is wrong."""
    try:
        return read_brands(Path(settings.brands).read_text(encoding="utf-8"), platforms())
    except (OSError, UnicodeDecodeError, BadBrands) as error:
        raise BadSettings(f"BRANDS {settings.brands}: {error}") from error


def doors_of(accounts: Accounts, environment: Mapping[str, str]) -> Doors:
    """The accounts that may be written to; one without a secret is disabled, never unchecked."""
    keys = {where: keys_of(account, environment) for where, account in accounts.items()}
    known = platforms()
    return {
        where: Door(
            platform=known[account.source],
            account=account,
            keys=keys[where],
            pages=pages_of(account, accounts.values()),
            body_bytes=LARGE_BODIES.get(account.source, BODY_BYTES),
        )
        for where, account in accounts.items()
        if keys[where].secrets
    }


def deletion_keys(doors: Doors) -> Mapping[str, Keys]:
    """What proves that a deletion was asked for by Meta, by account."""
    return {name: door.keys for (source, name), door in doors.items() if source == SOURCE}


def keeping_of(settings: Settings) -> Keeping:
    """How this installation keeps events."""
    return Keeping(
        partitions=settings.partitions,
        ack_seconds=settings.ack_seconds,
        version=VERSION,
        broker_errors=(KafkaError, OSError),
    )


def cluster_of(settings: Settings) -> Cluster:
    """The installation that ingest belongs to."""
    return Cluster(
        bootstrap=settings.kafka_bootstrap_servers,
        prefix=settings.topic_prefix,
        partitions=settings.partitions,
    )


def publisher(settings: Settings, measures: Measures) -> KafkaPublisher:
    """The producer of this process."""
    servers, prefix = settings.kafka_bootstrap_servers, settings.topic_prefix
    return KafkaPublisher(servers, prefix, measures.shared)


def _tokens(settings: Settings) -> Tokens:
    if settings.admin_tokens and not Path(settings.admin_tokens).exists():
        raise BadSettings(f"ADMIN_TOKENS: expected a file, there is no {settings.admin_tokens}")
    return Tokens(settings.admin_tokens)


def _ticks(ticking: Ticking, measures: Measures, seconds: float) -> Part:
    """Ticks at their pace; while the breaker is open, one a second is its probe."""

    async def tick(stop: asyncio.Event) -> None:
        while not stop.is_set():
            await ticking.tick()
            measures.probes.turned()
            pause = min(seconds, PROBE_SECONDS) if measures.breaker.is_open else seconds
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    return tick


def _housekeeping(memory: StoredMemory, tokens: Tokens, clock: RealClock) -> tuple[Part, ...]:
    """What was noted is written, what is old forgotten, whom others forgot, a token file read."""

    async def write() -> int:
        return await memory.flush(clock.now())

    async def forget() -> int:
        return await memory.places.forget(clock.now())

    async def read() -> int:
        return int(tokens.refreshed())

    return (
        repeated(write, FLUSH_SECONDS),
        repeated(forget, FORGET_SECONDS),
        repeated(memory.refresh, LEARN_SECONDS),
        repeated(read, FLUSH_SECONDS),
    )
