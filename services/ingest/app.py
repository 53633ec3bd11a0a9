"""How is ingest put together? Wiring only: publisher, store, three listeners, ticks, pollers."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.event import CANARY
from schemas.topics import TOPICS
from services.ingest.admin import OPERATOR, Bearer, admin
from services.ingest.api import Clock, Hooks, Limits, Receiver, api
from services.ingest.canary import Canary
from services.ingest.data_deletion import data_deletion
from services.ingest.domain.breaker import PROBE_SECONDS
from services.ingest.domain.heard import What
from services.ingest.drilling import Drilling, drill_routes
from services.ingest.erasing import Erasing
from services.ingest.guarded import Guarded
from services.ingest.handlers import Keeping, Receiving
from services.ingest.installation import (
    Doors,
    Installation,
    Measures,
    deletion_keys,
    installed,
    keeping_of,
    lanes_of,
    limits_of,
    scenarios,
)
from services.ingest.office import StaffedOffice
from services.ingest.pollers.fetch import web_client
from services.ingest.pollers.parts import Polls, poll_parts
from services.ingest.settings import Settings
from services.ingest.spooling import Spooling
from services.ingest.store.memory import StoredMemory
from services.ingest.store.tables import HISTORY
from services.ingest.ticking import Ticking
from stream.allowed import publishing
from stream.broker import broker_of
from stream.clock import Clock as RealClock
from stream.clock import parse_clock
from stream.database import let_go, only_replica, open_engine
from stream.hurry import pause
from stream.migrations import ready
from stream.probes import probe_app
from stream.service import Part, http, insisting, repeated, run
from stream.settings import BadSettings
from stream.tokens import Tokens
from stream.trace import tracing

LOG = logging.getLogger(__name__)

FLUSH_SECONDS = 1.0
FORGET_SECONDS = 3600.0
LEARN_SECONDS = 2.0
DRAIN_SECONDS = 1.0

Role = Literal["all", "web", "poll"]
"""What a process does: more replicas for webhooks are not more pollers."""


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
        with tracing(settings, "ingest"), only_replica(settings.database_url):
            await insisting(lambda: ready(engine, HISTORY, settings.migrate))
            await _run(here, engine, role)
    finally:
        await let_go(engine)


async def _run(here: Installation, engine: AsyncEngine, role: Role) -> None:
    settings = here.settings
    clock, keeping = parse_clock(settings.clock), keeping_of(settings)
    memory, measures = StoredMemory(engine, settings.erasure_key.encode()), Measures(clock)
    await memory.refresh()
    if not settings.erasure_key:
        LOG.warning("ERASURE_KEY is not set: who writes now can never be forgotten")
    tokens = _tokens(settings)
    async with publishing(settings, measures.shared, TOPICS) as broker, web_client() as client:
        publish = Guarded(broker, measures.breaker, clock.monotonic)
        live = Running(
            clock=clock,
            memory=memory,
            measures=measures,
            keeping=keeping,
            publish=publish,
            receiving=Receiving(publish, keeping, measures.metrics, measures.shared, memory),
        )
        await _tell_of_sources(here, live)
        parts = list(_housekeeping(memory, tokens, clock))
        if role != "poll":
            parts += _web_parts(here, live, tokens)
        if role != "web":
            polls = Polls(
                accounts=here.polled,
                environment=here.environment,
                broker=broker_of(settings),
                engine=engine,
                client=client,
            )
            parts += await poll_parts(polls, live.receiving, clock, measures.probes)
        measures.probes.ready = True
        probes = probe_app(measures.probes, measures.registry)
        await run(http(probes, host=settings.host, port=settings.port, name="metrics"), *parts)


async def _tell_of_sources(here: Installation, live: Running) -> None:
    """Every account has its series, the polled ones too; a restart is no news of a source."""
    accounts = [*(door.account for door in here.doors.values()), *here.polled.values()]
    live.measures.metrics.start(accounts)
    latest = await insisting(live.memory.sources.latest)
    heard = {(one.source, one.account): at for one, at in latest.items() if one.what is What.event}
    known = [one for one in accounts if (one.source, one.id) in heard]
    for one in sorted(known, key=lambda one: heard[one.source, one.id]):
        live.measures.metrics.heard(one.brand, one.source, heard[one.source, one.id])


def _web_parts(here: Installation, live: Running, tokens: Tokens) -> Iterator[Part]:
    settings, clock, measures = here.settings, live.clock, live.measures
    enabled = frozenset((*here.doors, *here.polled))
    office = StaffedOffice(live.receiving, here.accounts, enabled, live.memory.sources, clock)
    erasing = Erasing(live.publish, live.keeping, live.memory, here.accounts, clock.now)
    lanes = lanes_of(here)
    spooling = Spooling(live.receiving, lanes, here.accounts, measures.metrics, clock.now)
    canary = Canary(clock, measures.shared)
    doors = {**here.doors, **canary.doors} if settings.canary_seconds else here.doors
    public = web(spooling, doors, clock, measures, limits_of(settings))
    if lanes:  # who is sent nothing can keep nothing
        measures.probes.blocked = lambda: False
    public.include_router(data_deletion(erasing, deletion_keys(here.doors)))
    inside = admin(office, erasing, tokens)
    drilling = Drilling(live.receiving, here.accounts, clock, scenarios())
    inside.include_router(drill_routes(drilling, Bearer(office, tokens, OPERATOR)))
    margin = clock.business(settings.tick_margin_seconds)
    ticking = Ticking(live.publish, live.keeping, now=clock.now, margin=margin)
    yield http(
        public,
        host=settings.hooks_host,
        port=settings.hooks_port,
        name="hooks",
        on_listening=canary.listening,
    )
    yield http(inside, host=settings.admin_host, port=settings.admin_port, name="admin")
    yield _ticks(ticking, measures, settings.tick_seconds)
    yield repeated(spooling.drain, DRAIN_SECONDS)
    if settings.canary_seconds:
        yield canary.every(settings.canary_seconds)


def web(
    receiving: Receiver, doors: Doors, clock: Clock, measures: Measures, limits: Limits
) -> FastAPI:
    """The public app, with every known series of its metrics in place."""
    measures.metrics.start(one.account for one in doors.values() if one.account.brand != CANARY)
    measures.probes.blocked = lambda: measures.breaker.is_open
    return api(Hooks(receiving, doors, clock, measures.metrics, limits))


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
            await pause(stop, min(seconds, PROBE_SECONDS) if measures.breaker.is_open else seconds)

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
