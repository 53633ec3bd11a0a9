"""How is ingest put together? Wiring only: publisher, store, three listeners, ticks, pollers."""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec
from aiokafka.errors import KafkaError
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.admin import admin
from services.ingest.api import Clock, Door, Hooks, Limits, Receiver, api
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
from services.ingest.pollers.fetch import web_client
from services.ingest.pollers.parts import Polls, poll_parts
from services.ingest.pollers.sources import polled_of
from services.ingest.settings import Settings, keys_of
from services.ingest.spool import Spool
from services.ingest.spooling import Lane, Spooling
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
DRAIN_SECONDS = 1.0

Role = Literal["all", "web", "poll"]
"""What a process does: more replicas for webhooks are not more pollers."""

Doors = Mapping[tuple[str, str], Door]


class Measures:
    """What one process measures and reports."""

    def __init__(self, clock: Clock) -> None:
        self.registry = CollectorRegistry()
        self.shared = StreamMetrics(self.registry, "ingest", VERSION)
        self.metrics = Metrics(self.registry)
        self.probes = Probes(clock.monotonic)
        self.breaker = Breaker()


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """What is configured: accounts, those with an open door, those that are polled."""

    settings: Settings
    environment: Mapping[str, str]
    accounts: Accounts
    doors: Doors
    polled: Accounts


def installed(settings: Settings, environment: Mapping[str, str]) -> Installation:
    """What is configured; raises ``BadSettings``."""
    accounts = accounts_of(settings)
    return Installation(
        settings=settings,
        environment=environment,
        accounts=accounts,
        doors=doors_of(accounts, environment),
        polled=polled_of(accounts, environment),
    )


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """What the parts of a process share."""

    clock: RealClock
    memory: StoredMemory
    measures: Measures
    keeping: Keeping
    publish: Guarded
    receiving: Receiving


async def serve(settings: Settings, environment: Mapping[str, str], role: Role = "all") -> None:
    """Run ingest, or one role of it, until SIGTERM."""
    here = installed(settings, environment)
    engine = open_engine(settings.database_url)
    try:
        with only_replica(settings.database_url):
            await insisting(lambda: create_tables(engine, METADATA))
            await _run(here, engine, role)
    finally:
        await let_go(engine)


async def _run(here: Installation, engine: AsyncEngine, role: Role) -> None:
    settings, clock, keeping = (
        here.settings,
        parse_clock(here.settings.clock),
        keeping_of(here.settings),
    )
    memory, measures = StoredMemory(engine, settings.erasure_key.encode()), Measures(clock)
    await memory.refresh()
    tokens = _tokens(settings)
    async with publisher(settings, measures) as broker, web_client() as client:
        publish = Guarded(broker, measures.breaker, clock.monotonic)
        live = Running(
            clock=clock,
            memory=memory,
            measures=measures,
            keeping=keeping,
            publish=publish,
            receiving=Receiving(publish, keeping, measures.metrics, measures.shared, memory),
        )
        parts = list(_housekeeping(memory, tokens, clock))
        if role != "poll":
            parts += _web_parts(here, live, tokens)
        if role != "web":
            polls = Polls(
                accounts=here.polled,
                environment=here.environment,
                bootstrap=settings.kafka_bootstrap_servers,
                engine=engine,
                client=client,
            )
            parts += await poll_parts(polls, live.receiving, clock, measures.probes)
        measures.probes.ready = True
        probes = probe_app(measures.probes, measures.registry)
        await run(http(probes, host=settings.host, port=settings.port, name="metrics"), *parts)


def _web_parts(here: Installation, live: Running, tokens: Tokens) -> Iterator[Part]:
    settings, clock, measures = here.settings, live.clock, live.measures
    enabled = frozenset((*here.doors, *here.polled))
    office = StaffedOffice(live.receiving, here.accounts, enabled, live.memory.sources, clock)
    erasing = Erasing(live.publish, live.keeping, live.memory, here.accounts, clock.now)
    lanes = lanes_of(here)
    spooling = Spooling(live.receiving, lanes, here.accounts, measures.metrics, clock.now)
    public = web(spooling, here.doors, clock, measures, limits_of(settings))
    if lanes:  # who is sent nothing can keep nothing
        measures.probes.blocked = lambda: False
    public.include_router(data_deletion(erasing, deletion_keys(here.doors)))
    inside = admin(office, erasing, tokens)
    margin = clock.business(settings.tick_margin_seconds)
    ticking = Ticking(live.publish, live.keeping, now=clock.now, margin=margin)
    yield http(public, host=settings.hooks_host, port=settings.hooks_port, name="hooks")
    yield http(inside, host=settings.admin_host, port=settings.admin_port, name="admin")
    yield _ticks(ticking, measures, settings.tick_seconds)
    yield repeated(spooling.drain, DRAIN_SECONDS)


def web(
    receiving: Receiver, doors: Doors, clock: Clock, measures: Measures, limits: Limits
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
        if keys[where].secrets and not account.poll
    }


def lanes_of(here: Installation) -> Mapping[tuple[str, str], Lane]:
    """The accounts that asked for a spool, each with its own file."""
    folder = Path(here.settings.spool)
    return {
        (source, name): Lane(
            account=door.account,
            platform=door.platform,
            spool=Spool(folder / f"{source}-{name}.spool"),
        )
        for (source, name), door in here.doors.items()
        if door.account.spool
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
