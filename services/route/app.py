"""How is route put together? Wiring only: pump, HTTP face, what calls people; or one of them."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Literal

import httpx
import msgspec
from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.classified import ClassifiedPost
from schemas.erasures import AuthorErased
from schemas.sla import SlaChanged
from schemas.topics import (
    CLASSIFIED,
    DECISIONS,
    ERASURES,
    SLA,
    TICKETS,
    TOPICS,
    dead_letters,
    retry,
)
from services.route.channels.reaching import targets_client
from services.route.dispatch import canary_calls, channels_of, dispatch, looking_ahead, means_of
from services.route.domain.rulebook import Installed, Rulebook, rules_of
from services.route.front import Front
from services.route.handlers import Routing
from services.route.metrics import Metrics
from services.route.settings import Settings, names, read_needs, typical_replies
from services.route.store.alerts import AlertStore
from services.route.store.cases import RouteStore
from services.route.store.deliveries import Deliveries
from services.route.store.desks import StoredDesks
from services.route.store.holding import HoldWatch
from services.route.store.policies import PolicyFile, newest_rules, running
from services.route.store.refreshing import Refreshing
from services.route.store.tables import HISTORY, LEDGER
from stream.aiokafka_pump import AiokafkaPump
from stream.allowed import publishing
from stream.clock import Clock, parse_clock
from stream.database import alone, let_go, only_replica, open_engine
from stream.flow import Batch, Flow, Outgoing, Publish
from stream.ledger import Ledger
from stream.member import source_of
from stream.metrics import StreamMetrics
from stream.migrations import ready
from stream.outbox import Outbox
from stream.probes import Probes, probe_app, probe_routes, turning
from stream.process import Process
from stream.quarantine import Quarantine
from stream.service import Part, http, insisting, repeated, run
from stream.settings import VERSION
from stream.tokens import Tokens
from stream.trace import commands, tracing

REFRESH_SECONDS = 60.0
"""Real seconds between two looks for cases that nobody was told of for a day."""
WATCH_SECONDS = 5.0

Role = Literal["all", "posts", "api", "dispatch"]
"""What a process does: a rebalance of the posts must not take the API away, nor hold up a call."""


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """What the parts of a process share."""

    settings: Settings
    clock: Clock
    file: PolicyFile
    rulebook: Rulebook
    registry: CollectorRegistry
    shared: StreamMetrics
    metrics: Metrics
    probes: Probes
    outbox: Outbox
    alerts: AlertStore
    tokens: Tokens

    @property
    def engine(self) -> AsyncEngine:
        """The store that all roles meet in."""
        return self.outbox.engine


async def serve(settings: Settings, role: Role = "all") -> None:
    """Run route, or one role of it, until SIGTERM; ``BadFile`` for replies that are not fit."""
    channels = names(settings.channels, "CHANNELS")
    installed = Installed(channels=channels, replies=typical_replies())
    engine = open_engine(settings.database_url)
    try:
        with tracing(settings, "route"), only_replica(settings.database_url):
            await insisting(lambda: ready(engine, HISTORY, settings.migrate))
            clock = parse_clock(settings.clock)
            file = PolicyFile(settings.policy, installed, engine, clock)
            await _run(_running(settings, await _rulebook(file, engine), file, clock), role)
    finally:
        await let_go(engine)


async def _rulebook(file: PolicyFile, engine: AsyncEngine) -> Rulebook:
    """The policy that runs: the file's, or the last one that was fit where the file is not."""
    await insisting(file.refresh)
    version = await insisting(lambda: running(engine))
    if version is None:
        raise AssertionError("a file that was read without a complaint is a version")
    return Rulebook(rules_of(version, read_needs()))


def _running(settings: Settings, rulebook: Rulebook, file: PolicyFile, clock: Clock) -> Running:
    registry, outbox = CollectorRegistry(), Outbox(file.engine, LEDGER)
    shared = StreamMetrics(registry, "route", VERSION, clock.real)
    shared.config_ok.labels("route", "policy").set_function(lambda: file.ok)
    return Running(
        settings=settings,
        clock=clock,
        file=file,
        rulebook=rulebook,
        registry=registry,
        shared=shared,
        metrics=Metrics(registry),
        probes=Probes(clock.monotonic),
        outbox=outbox,
        alerts=AlertStore(file.engine, outbox, clock, lambda: rulebook.current),
        tokens=Tokens(settings.api_tokens),
    )


async def _run(here: Running, role: Role) -> None:
    does = {"posts", "api", "dispatch"} if role == "all" else {role}
    settings, parts = here.settings, [repeated(_watching(here), WATCH_SECONDS)]
    async with AsyncExitStack() as held, targets_client() as client:
        if "posts" in does:
            publisher = publishing(settings, here.shared, TOPICS)
            parts += _post_parts(here, await held.enter_async_context(publisher))
        else:
            here.probes.ready = True
            parts.append(repeated(turning(here.probes), WATCH_SECONDS))
        parts += _api_parts(here, client) if "api" in does else _probe_parts(here)
        if "dispatch" in does:
            parts += _dispatch_parts(here, client)
        await run(*parts)


def _post_parts(here: Running, publish: Publish) -> Sequence[Part]:
    """Posts in, decisions and tickets out; open cases told again."""
    settings, ledger = here.settings, Ledger(here.engine, LEDGER, publish, here.shared)
    process = Process(
        flow(Routing(here.rulebook, here.metrics)),
        effects=ledger,
        letters=dead_letters("route"),
        metrics=here.shared,
        quarantine=Quarantine(settings.quarantine),
    )
    source = source_of(settings, "route")
    pump = AiokafkaPump(process, ledger, source=source, probes=here.probes, clock=here.clock)
    return pump.run, repeated(Refreshing(here.outbox, here.clock).turn, REFRESH_SECONDS)


def _api_parts(here: Running, client: httpx.AsyncClient) -> Sequence[Part]:
    """What people and systems call, with the probes."""
    settings, rulebook, clock = here.settings, here.rulebook, here.clock
    held = HoldWatch(here.engine, here.metrics, clock)
    installed, alerts = here.file.installed, here.alerts
    desks = StoredDesks(here.outbox, alerts, lambda: rulebook.current, installed, clock)
    front = Front(settings, here.engine, lambda: rulebook.current, here.tokens, clock)
    phones = front.phones(alerts, client, here.metrics)
    probes = probe_routes(here.probes, here.registry)
    web = front.web(desks, held, here.metrics, probes, *phones)
    serving = http(commands(web), host=settings.host, port=settings.port)
    return serving, repeated(held.turn, WATCH_SECONDS)


def _probe_parts(here: Running) -> Sequence[Part]:
    settings = here.settings
    probes = probe_app(here.probes, here.registry)
    return (http(probes, host=settings.host, port=settings.port),)


def _dispatch_parts(here: Running, client: httpx.AsyncClient) -> Sequence[Part]:
    """What calls people."""
    settings, engine, clock, metrics = here.settings, here.engine, here.clock, here.metrics
    means = means_of(settings, here.rulebook, metrics, clock)
    channels, calls = channels_of(settings, client), Deliveries(engine, clock)
    return (
        *dispatch(here.alerts, channels, calls, means),
        *canary_calls(engine, clock, means, lambda: here.shared.passed("channel")),
        looking_ahead(engine, here.rulebook, clock, metrics),
    )


def _watching(here: Running) -> Callable[[], Awaitable[int]]:
    """One look at what may change while route runs; there is never more at once."""
    store = alone(here.engine)

    async def look() -> int:
        here.tokens.refreshed()
        await here.file.refresh()
        async with store.connect() as connection:
            await newest_rules(connection, here.rulebook)
        return 0

    return look


def flow(routing: Routing) -> Flow[AsyncConnection]:
    """What route reads and writes, with its handler bound to a step's connection."""

    async def handle(batches: Sequence[Batch], connection: AsyncConnection) -> Sequence[Outgoing]:
        return await routing.handle(batches, RouteStore(connection))

    return Flow(
        name="route",
        reads=(CLASSIFIED, SLA, ERASURES, retry("route")),
        events=(ClassifiedPost, SlaChanged, AuthorErased),
        writes=(DECISIONS, TICKETS),
        ticks_to=TICKETS,
        handle=handle,
    )
