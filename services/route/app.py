"""How is route put together? Wiring only: pump, API, folding and one sender per channel."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from random import random  # noqa: TID251 - spreads retries, decides nothing

import httpx
from fastapi import APIRouter
from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.classified import ClassifiedPost
from schemas.erasures import AuthorErased
from schemas.sla import SlaChanged
from schemas.topics import CLASSIFIED, DECISIONS, ERASURES, SLA, TICKETS, dead_letters, retry
from services.route.api import api, with_quiet
from services.route.api.access import Bearer
from services.route.api.board import Taking
from services.route.api.doors import doors
from services.route.api.links import Links, Takers, link_routes
from services.route.api.phone import Whisper, callback_routes
from services.route.channels.delivering import Channel, Delivering, Means, Pace, Wording
from services.route.channels.opening import open_channel
from services.route.channels.reaching import targets_client
from services.route.domain.rulebook import Installed, Rulebook, rules_of
from services.route.handlers import Routing
from services.route.metrics import Metrics
from services.route.settings import Settings, names, phones, read_needs, typical_replies
from services.route.store.alerts import AlertStore
from services.route.store.cases import RouteStore
from services.route.store.deliveries import Deliveries, Delivery
from services.route.store.desks import StoredDesks
from services.route.store.gap_watch import GapWatch
from services.route.store.holding import HoldWatch, StoredHold
from services.route.store.policies import PolicyFile, running
from services.route.store.refreshing import Refreshing
from services.route.store.rota import StoredRota
from services.route.store.silencing import StoredSilences
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
from stream.service import Part, http, insisting, repeated, run
from stream.settings import VERSION
from stream.tokens import Tokens

TURN_SECONDS = 0.1
REFRESH_SECONDS = 60.0
"""Real seconds between two looks for cases that nobody was told of for a day."""
WATCH_SECONDS = 5.0
GAP_SECONDS = 60.0
"""Real seconds between two looks for hours to come in which a team has nobody."""


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
    shared, metrics = StreamMetrics(registry, "route", VERSION), Metrics(registry)
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
        calling = repeated(alerts.turn, TURN_SECONDS)
        channels, deliveries = _channels(settings, client), Deliveries(engine, clock)
        means = Means(_wording(settings, rulebook, clock), Pace(chance=random), metrics)
        senders = _senders(channels, deliveries, means)
        desks = StoredDesks(ledger, alerts, lambda: rulebook.current, file.installed, clock)
        tokens = Tokens(settings.api_tokens)
        rota = StoredRota(engine, lambda: rulebook.current, clock)
        bearer, held = Bearer(tokens, clock), HoldWatch(engine, metrics, clock)
        web = api(desks, rota, bearer, metrics, probe_routes(probes, registry))
        silences = StoredSilences(engine, lambda: rulebook.current, clock)
        with_quiet(web, silences, StoredHold(engine, held, clock), bearer)
        server = http(web, host=settings.host, port=settings.port)
        looks = _looks(_watching(file, tokens), held, GapWatch(engine, rulebook, clock))
        refreshing = repeated(Refreshing(ledger, clock).turn, REFRESH_SECONDS)
        await run(pump.run, server, calling, refreshing, *looks, *senders)


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


def _looks(
    files: Callable[[], Awaitable[int]], held: HoldWatch, gaps: GapWatch
) -> tuple[Part, ...]:
    """What every replica looks at again and again."""
    return (
        repeated(files, WATCH_SECONDS),
        repeated(held.turn, WATCH_SECONDS),
        repeated(gaps.turn, GAP_SECONDS),
    )


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


def _senders(
    channels: Mapping[str, Channel], deliveries: Deliveries, means: Means
) -> Sequence[Part]:
    """Two parts for each channel: one that sends, one that measures how long the oldest waits."""
    parts = list[Part]()
    for name, channel in channels.items():
        sending: Delivering[Delivery] = Delivering(name, channel, deliveries, means)
        parts += [repeated(sending.turn, TURN_SECONDS), repeated(sending.watch, WATCH_SECONDS)]
    return parts


def _wording(settings: Settings, rulebook: Rulebook, clock: Clock) -> Wording:
    """What messages are made of."""
    words = {lang: needs.message for lang, needs in rulebook.current.needs.items()}
    return Wording(words, clock, phones(settings))


def phone_routes(
    settings: Settings, taking: Taking, takers: Takers, whisper: Whisper
) -> tuple[APIRouter, APIRouter]:
    """What providers and phones call; raises ``BadSettings`` for a secret that opens no door."""
    reached = phones(settings)
    found = doors(names(settings.channels, "CHANNELS"), reached.callback_secrets)
    links = Links(taking, takers, reached)
    return callback_routes(found, taking, whisper), link_routes(links)


def _channels(settings: Settings, client: httpx.AsyncClient) -> dict[str, Channel]:
    targets = names(settings.channels, "CHANNELS")
    return {
        name: open_channel(name, target, client, settings.channel_secret, smtp=settings.smtp_url)
        for name, target in targets.items()
    }
