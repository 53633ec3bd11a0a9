"""How long until a broken promise is told? Notify as a process, and a tick every second."""

import asyncio
import sys
import time
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from prometheus_client import CollectorRegistry

from bench.figures import percentile
from bench.processor import cpu_seconds
from bench.promised import BRAND, answered, promised, told
from deploy.demo.stack import READY_SECONDS, ROOT, Stack, free_ports, is_ready
from deploy.local.process import LaunchError, Lifetime, spawn
from schemas.event import Event, PipelineTick, header, partition_of
from schemas.sla import SlaChanged
from schemas.tickets import TicketEvent
from schemas.topics import SLA, TICKETS, TOPICS
from services.ingest.domain.ticks import ticks
from stream.clock import Clock, parse_clock
from stream.flow import Origin, Outgoing, Publish, outgoing
from stream.metrics import StreamMetrics
from stream.publisher import KafkaPublisher
from stream.reading import read_all
from stream.topic_admin import Cluster, create

AT_ONCE = 10
"""Ticket events that are written together."""
OF_THREE = 3
"""Of three events two open a case, the third answers the second of them."""
SHARES = (0.75, 1.0, 1.5)
PATIENCE = 60.0
LOOK_SECONDS = 0.1


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """How many ticket events, how fast, and how soon the cases are to be answered."""

    events: int
    per_second: float
    target: timedelta = timedelta(seconds=8)

    @property
    def overdue(self) -> int:
        """Cases that nobody answers: in the end the last threshold of each is told."""
        return len(range(0, self.events, OF_THREE))


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from the instant, and the tick behind it, to sla.v1, by the broker's stamps."""

    told: int
    p50_ms: float
    p99_ms: float
    sent_per_second: float
    cpu_us: float
    """Microseconds of notify's CPU per ticket event."""


def telling(cluster: Cluster, database_url: str, folder: Path, load: Load) -> Telling:
    """Start notify on an empty installation, write tickets and ticks, and read what it told."""
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(create(cluster, TOPICS))
    stack = Stack(cluster=cluster, addresses={}, folder=folder)
    stack.settings = {"DATABASE_URL": database_url, "LOG_LEVEL": "WARNING"}
    try:
        _start(stack)
        before = cpu_seconds(stack.children["notify"].pid)
        kept = asyncio.run(_play(stack, load))
        used = cpu_seconds(stack.children["notify"].pid) - before
    finally:
        stack.stop()
    waits = [wait for share in asyncio.run(waits_of(cluster)).values() for wait in share]
    return Telling(
        told=len(waits),
        p50_ms=percentile(waits, 50),
        p99_ms=percentile(waits, 99),
        sent_per_second=kept,
        cpu_us=used * 1e6 / load.events,
    )


async def waits_of(cluster: Cluster) -> Mapping[float, Sequence[float]]:
    """Milliseconds from each instant, or the first tick behind it if later; by its share."""
    passed: dict[int, list[tuple[datetime, int]]] = {}
    for one in await read_all(cluster, TICKETS):
        if header(one.headers, "ce_type") == PipelineTick.__name__:
            tick = msgspec.json.decode(one.value or b"", type=PipelineTick)
            passed.setdefault(one.partition, []).append((tick.received_before, one.timestamp_ms))
    waits: dict[float, list[float]] = {share: [] for share in SHARES}
    for one in await read_all(cluster, SLA):
        event = msgspec.json.decode(one.value or b"", type=SlaChanged)
        if event.threshold:
            mine, at = passed[one.partition], event.occurred_at
            _, tick_ms = mine[bisect_right(mine, at, key=lambda tick: tick[0])]
            wait = one.timestamp_ms - max(at.timestamp() * 1000, tick_ms)
            waits[event.threshold].append(wait)
    return waits


def _start(stack: Stack) -> None:
    (port,) = free_ports(1)
    stack.children["notify"] = spawn(
        [sys.executable, "-m", "services.notify", "serve"],
        stack.folder / "notify.log",
        Lifetime.TIED,
        cwd=ROOT,
        environment={**stack.environment("notify"), "PORT": str(port)},
    )
    deadline = time.monotonic() + READY_SECONDS
    while not is_ready(f"http://127.0.0.1:{port}"):
        if stack.failed() or time.monotonic() > deadline:
            raise LaunchError(stack.failed() or f"notify is not ready in {READY_SECONDS:.0f} s")
        time.sleep(LOOK_SECONDS)  # a process starts in its own time


async def _play(stack: Stack, load: Load) -> float:
    """Write all events at the pace asked for, and ticks until all is told; returns that pace."""
    cluster, clock = stack.cluster, parse_clock("")
    metrics = StreamMetrics(CollectorRegistry(), "bench", "bench")
    async with KafkaPublisher(cluster, cluster.prefix, metrics) as publish:
        ticking = asyncio.create_task(_tick(publish, cluster, clock))
        try:
            kept = await _write(publish, cluster, load, clock)
            last = load.target.total_seconds() * SHARES[-1]
            await asyncio.sleep(last)  # it runs out in real time: that is what is measured
            await _told(stack, load.overdue)
        finally:
            ticking.cancel()
    return kept


async def _write(publish: Publish, cluster: Cluster, load: Load, clock: Clock) -> float:
    first, began = clock.real(), clock.monotonic()
    for start in range(0, load.events, AT_ONCE):
        due = began + start / load.per_second
        await asyncio.sleep(max(0.0, due - clock.monotonic()))  # the pace that is asked for
        numbers = range(start, min(start + AT_ONCE, load.events))
        events = [event_of(number, load, first) for number in numbers]
        await publish([_record(cluster, event) for event in events])
    return load.events / (clock.monotonic() - began)


def event_of(number: int, load: Load, first: datetime) -> TicketEvent:
    """The ticket event of that number, of a run whose first one is said at that instant."""
    at, opened = _said(number, load, first), number - number % OF_THREE // 2
    ticket = promised(f"ticket-{opened}", _said(opened, load, first), load.target, SHARES)
    return told(ticket if opened == number else answered(ticket, at), at)


def _said(number: int, load: Load, first: datetime) -> datetime:
    """When it was said: as it is written, those that are written together at the same instant."""
    return first + timedelta(seconds=number // AT_ONCE * AT_ONCE / load.per_second)


async def _tick(publish: Publish, cluster: Cluster, clock: Clock) -> None:
    """Every second a tick of each partition; what was written before lies ahead of it."""
    while True:
        every = ticks(clock.real(), cluster.partitions)
        await publish([_outgoing(tick, "tick", number) for number, tick in enumerate(every)])
        await asyncio.sleep(1)  # ticks come in real time


async def _told(stack: Stack, expected: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while len((await waits_of(stack.cluster))[SHARES[-1]]) < expected:
        if stack.failed() or time.monotonic() > deadline:
            raise LaunchError(stack.failed() or f"not all was told in {PATIENCE:.0f} s")
        await asyncio.sleep(1)  # each look reads the whole topic


def _record(cluster: Cluster, event: TicketEvent) -> Outgoing:
    name = event.ticket.id
    return _outgoing(event, name, partition_of(name, cluster.partitions))


def _outgoing(event: Event, key: str, partition: int) -> Outgoing:
    origin = Origin(service="route", brand=BRAND)
    return outgoing(event, topic=TICKETS, key=key, partition=partition, origin=origin)
