"""How is route put together? Wiring only: pump, HTTP face, and what calls people."""

from collections.abc import Awaitable, Callable, Sequence

from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.classified import ClassifiedPost
from schemas.erasures import AuthorErased
from schemas.sla import SlaChanged
from schemas.topics import CLASSIFIED, DECISIONS, ERASURES, SLA, TICKETS, dead_letters, retry
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
from services.route.store.policies import PolicyFile, running
from services.route.store.refreshing import Refreshing
from services.route.store.tables import LEDGER, METADATA
from stream.aiokafka_pump import AiokafkaPump
from stream.clock import Clock, parse_clock
from stream.database import create_tables, let_go, only_replica, open_engine
from stream.flow import Batch, Flow, Outgoing
from stream.ledger import Ledger
from stream.member import KafkaSource
from stream.metrics import StreamMetrics
from stream.probes import Probes, probe_routes
from stream.process import Process
from stream.publisher import KafkaPublisher
from stream.quarantine import Quarantine
from stream.service import http, insisting, repeated, run
from stream.settings import VERSION
from stream.tokens import Tokens

REFRESH_SECONDS = 60.0
"""Real seconds between two looks for cases that nobody was told of for a day."""
WATCH_SECONDS = 5.0


async def serve(settings: Settings) -> None:
    """Run route until SIGTERM; ``BadFile`` where the typical replies are not fit."""
    channels = names(settings.channels, "CHANNELS")
    installed = Installed(channels=channels, replies=typical_replies())
    engine = open_engine(settings.database_url)
    try:
        with only_replica(settings.database_url):
            await insisting(lambda: create_tables(engine, METADATA))
            clock = parse_clock(settings.clock)
            file = PolicyFile(settings.policy, installed, engine, clock)
            await _run(settings, await _rulebook(file, engine), file, clock)
    finally:
        await let_go(engine)


async def _rulebook(file: PolicyFile, engine: AsyncEngine) -> Rulebook:
    """The policy that runs: the file's, or the last one that was fit where the file is not."""
    await insisting(file.refresh)
    version = await insisting(lambda: running(engine))
    if version is None:
        raise AssertionError("a file that was read without a complaint is a version")
    return Rulebook(rules_of(version, read_needs()))


async def _run(settings: Settings, rulebook: Rulebook, file: PolicyFile, clock: Clock) -> None:
    registry, engine = CollectorRegistry(), file.engine
    shared, metrics = StreamMetrics(registry, "route", VERSION, clock.real), Metrics(registry)
    probes = Probes(clock.monotonic)
    shared.config_ok.labels("route", "policy").set_function(lambda: file.ok)
    async with (
        KafkaPublisher(settings.kafka_bootstrap_servers, settings.topic_prefix, shared) as publish,
        targets_client() as client,
    ):
        ledger = Ledger(engine, LEDGER, publish, shared)
        alerts = AlertStore(engine, ledger, clock, lambda: rulebook.current)
        process = Process(
            flow(Routing(rulebook, metrics)),
            effects=ledger,
            letters=dead_letters("route"),
            metrics=shared,
            quarantine=Quarantine(settings.quarantine),
        )
        source = _source(settings)
        pump = AiokafkaPump(process, ledger, source=source, probes=probes, clock=clock)
        desks = StoredDesks(ledger, alerts, lambda: rulebook.current, file.installed, clock)
        front = Front(settings, engine, lambda: rulebook.current, clock)
        held = HoldWatch(engine, metrics, clock)
        phones = front.phones(alerts, client, metrics)
        web = front.web(desks, held, metrics, probe_routes(probes, registry), *phones)
        channels = channels_of(settings, client)
        means = means_of(settings, rulebook, metrics, clock)
        calls = (
            *dispatch(alerts, channels, Deliveries(engine, clock), means),
            *canary_calls(engine, clock, means, lambda: shared.passed("channel")),
        )
        await run(
            pump.run,
            http(web, host=settings.host, port=settings.port),
            repeated(Refreshing(ledger, clock).turn, REFRESH_SECONDS),
            repeated(_watching(file, front.tokens), WATCH_SECONDS),
            repeated(held.turn, WATCH_SECONDS),
            looking_ahead(engine, rulebook, clock, metrics),
            *calls,
        )


def _source(settings: Settings) -> KafkaSource:
    return KafkaSource(
        bootstrap=settings.kafka_bootstrap_servers,
        prefix=settings.topic_prefix,
        group=f"{settings.topic_prefix}.route",
    )


def _watching(file: PolicyFile, tokens: Tokens) -> Callable[[], Awaitable[int]]:
    """One look at the files that may change while route runs; there is never more at once."""

    async def look() -> int:
        tokens.refreshed()
        await file.refresh()
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
