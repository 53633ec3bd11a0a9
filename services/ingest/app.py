"""How is ingest put together? Wiring only: publisher, webhooks, ticks, and the import of a file."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from aiokafka.errors import KafkaError
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from prometheus_client import CollectorRegistry

from schemas.topics import POSTS, TOPICS, dead_letters, retry
from services.ingest.api import Clock, Door, Hooks, api
from services.ingest.domain.brands import Accounts, BadBrands, pages_of, read_brands
from services.ingest.domain.fate import Receipt, Unavailable
from services.ingest.domain.receipt import Arrived, Native, Seen
from services.ingest.domain.request_file import Standing, WholeRequest
from services.ingest.handlers import Arrival, Keeping, Receiving, Ticking
from services.ingest.metrics import Metrics
from services.ingest.platforms.table import PLATFORMS
from services.ingest.settings import Settings, keys_of
from stream.clock import parse_clock
from stream.dead_letters import Shelf
from stream.doctor import Finding, Ward, bad, examine, ok
from stream.memory_pump import MemoryBroker
from stream.metrics import StreamMetrics
from stream.probes import Probes, probe_routes
from stream.publisher import KafkaPublisher
from stream.service import Part, http, run
from stream.settings import VERSION, BadSettings
from stream.topic_admin import Cluster

IMPORT_ROWS = 200
"""How many rows of a file are kept at once."""

Doors = Mapping[tuple[str, str], Door]


class Measures:
    """What one process measures and reports."""

    def __init__(self, clock: Clock) -> None:
        self.registry = CollectorRegistry()
        self.shared = StreamMetrics(self.registry, "ingest", VERSION)
        self.metrics = Metrics(self.registry)
        self.probes = Probes(clock.monotonic)


async def serve(settings: Settings, environment: Mapping[str, str]) -> None:
    """Run ingest until SIGTERM."""
    doors = doors_of(accounts_of(settings), environment)
    clock = parse_clock(settings.clock)
    measures, keeping = Measures(clock), keeping_of(settings)
    async with _publisher(settings, measures) as publish:
        receiving = Receiving(publish, keeping, measures.metrics, measures.shared)
        app = web(receiving, doors, clock, measures)
        margin = clock.business(settings.tick_margin_seconds)
        ticking = Ticking(publish, keeping, now=clock.now, margin=margin)
        measures.probes.ready = True
        server = http(app, host=settings.host, port=settings.port)
        await run(server, _ticks(ticking, measures.probes, settings.tick_seconds))


def web(receiving: Receiving, doors: Doors, clock: Clock, measures: Measures) -> FastAPI:
    """The HTTP app, with every known series of its metrics in place."""
    measures.metrics.start({(d.account.brand, d.account.source) for d in doors.values()})
    hooks = Hooks(receiving, doors, clock, measures.metrics)
    return api(hooks, probe_routes(measures.probes, measures.registry))


async def rehearse(file: Path, now: datetime) -> dict[str, object]:
    """Send one kept request through the real app onto the memory broker; ``now`` is receipt.

    Raises ``BadSettings`` where the file holds no request of a source that we have.
    """
    requests, broker, clock = _kept_requests(file), MemoryBroker(), Standing(at=now)
    last, measures = requests[-1], Measures(clock)
    door = Door(platform=PLATFORMS[last.source], account=last.account, keys=last.keys)
    keeping = Keeping(partitions=1, ack_seconds=5, version=VERSION)
    receiving = Receiving(broker, keeping, measures.metrics, measures.shared)
    where = (last.source, last.account.id)
    app = web(receiving, {where: door}, clock, measures)
    answers, before = [], 0
    async with AsyncClient(transport=ASGITransport(app), base_url="http://ingest") as client:
        for one in requests:
            before = len(broker.log(POSTS.name))
            headers, body = one.headers, one.body.encode()
            sent = client.request(one.method, one.address, headers=headers, content=body)
            answers.append(await sent)
    posts = [msgspec.Raw(found.value or b"") for found in broker.log(POSTS.name)[before:]]
    return {"status": answers[-1].status_code, "body": answers[-1].text, "posts": posts}


def _kept_requests(file: Path) -> list[WholeRequest]:
    """The request, behind the one that must have gone before it."""
    try:
        found = msgspec.json.decode(file.read_bytes(), type=WholeRequest)
        if found.account.source not in PLATFORMS:
            raise BadSettings(f"{file}: expected a source that we have, got {found.platform}")
    except (ValueError, msgspec.DecodeError) as error:
        raise BadSettings(f"{file}: expected a whole request: {error}") from error
    if not found.expect.after:
        return [found]
    return [_kept_requests(file.parent / f"{found.expect.after}.json")[-1], found]


def accounts_of(settings: Settings) -> Accounts:
    """The configured accounts; raises ``BadSettings`` with the place of what is wrong."""
    try:
        return read_brands(Path(settings.brands).read_text(encoding="utf-8"), PLATFORMS)
    except (OSError, UnicodeDecodeError, BadBrands) as error:
        raise BadSettings(f"BRANDS {settings.brands}: {error}") from error


def doors_of(accounts: Accounts, environment: Mapping[str, str]) -> Doors:
    """The accounts that may be written to; one without a secret is disabled, never unchecked."""
    keys = {where: keys_of(account, environment) for where, account in accounts.items()}
    return {
        where: Door(
            platform=PLATFORMS[account.source],
            account=account,
            keys=keys[where],
            pages=pages_of(account, accounts.values()),
        )
        for where, account in accounts.items()
        if keys[where].secrets
    }


async def examined(settings: Settings, environment: Mapping[str, str]) -> AsyncIterator[Finding]:
    """What ingest needs to run: its accounts with their secrets, the broker, the topics."""
    accounts = accounts_of(settings)
    yield ok(f"BRANDS {settings.brands}: {len(accounts)} accounts")
    for (source, name), account in accounts.items():
        where = f"{source}/{name} of {account.brand}"
        unset = [secret for secret in account.secrets if not environment.get(secret)]
        if unset or not account.secrets:
            then = "set it, or what is sent there is answered 404"
            yield bad(f"{where}: {', '.join(unset) or 'a secret'} is not set", then)
        elif keys_of(account, environment).secrets:
            yield ok(f"{where}: its secrets are set")
    cluster = Cluster(
        bootstrap=settings.kafka_bootstrap_servers,
        prefix=settings.topic_prefix,
        partitions=settings.partitions,
    )
    mine = [topic for topic in TOPICS if topic.written_by == "ingest"]
    shelf = Shelf(service="ingest", letters=dead_letters("ingest"), retry=retry("ingest"))
    async for one in examine(Ward(cluster=cluster, topics=mine, shelves=(shelf,))):
        yield one


def keeping_of(settings: Settings) -> Keeping:
    """How this installation keeps events."""
    return Keeping(
        partitions=settings.partitions,
        ack_seconds=settings.ack_seconds,
        version=VERSION,
        broker_errors=(KafkaError, OSError),
    )


async def import_rows(
    settings: Settings, where: tuple[str, str], natives: Sequence[Native]
) -> AsyncIterator[Receipt | Unavailable]:
    """Keep the rows of a file part by part; the next is read once the last is acked."""
    account = accounts_of(settings).get(where)
    if account is None:
        raise BadSettings(f"expected an account of {settings.brands}, got `{'/'.join(where)}`")
    clock = parse_clock(settings.clock)
    measures = Measures(clock)
    async with _publisher(settings, measures) as publish:
        receiving = Receiving(publish, keeping_of(settings), measures.metrics, measures.shared)
        for start in range(0, len(natives), IMPORT_ROWS):
            seen = Seen(account=account, received_at=clock.now(), backfill=True)
            part = natives[start : start + IMPORT_ROWS]
            arrival = Arrival(
                source=account.source,
                events=tuple(Arrived(native=native, seen=seen) for native in part),
                real_at=clock.real(),
                message_id=f"{'/'.join(where)}#{start}",
            )
            yield await receiving.receive(PLATFORMS["bulk"], arrival)


def _publisher(settings: Settings, measures: Measures) -> KafkaPublisher:
    servers, prefix = settings.kafka_bootstrap_servers, settings.topic_prefix
    return KafkaPublisher(servers, prefix, measures.shared)


def _ticks(ticking: Ticking, probes: Probes, seconds: float) -> Part:
    async def tick(stop: asyncio.Event) -> None:
        while not stop.is_set():
            await ticking.tick()
            probes.turned()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), seconds)

    return tick
