"""How long from a post to the channel that it calls? Four services as processes, one in twenty."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from bench.chain import Load, send, settled
from bench.figures import percentile
from bench.processor import cpu_seconds
from bench.sink import Sink
from deploy.demo.settings import POLICY, settings
from deploy.demo.stack import Stack, start_services, wait_ready
from deploy.local.process import LaunchError
from schemas.event import header
from schemas.posts import SocialPost
from schemas.tickets import TicketEvent
from schemas.topics import POSTS, TICKETS, TOPICS
from stream.clock import parse_clock
from stream.reading import read_all
from stream.topic_admin import Cluster, create

CALLING = 20
"""Of so many posts one cannot wait: 5 %."""
PATIENCE = 30.0
LOOK_SECONDS = 0.2
_WARM = Load(name="warm", posts=400, per_second=200, calling=CALLING)


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from when ingest received a post until the channel had its alert."""

    calls: int
    p50_ms: float
    p99_ms: float
    sent_per_second: float
    route_cpu_us: float
    """Microseconds of route's CPU a post."""


def calling(cluster: Cluster, database_url: str, folder: Path, load: Load) -> Called:
    """Start the services on an empty installation, send the posts, and hear the channel ring."""
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(create(cluster, TOPICS))
    stack = Stack(cluster=cluster, addresses={}, folder=folder)
    with Sink(parse_clock("")) as sink:
        own = {"DATABASE_URL": database_url, "TICK_SECONDS": "5", "LOG_LEVEL": "WARNING"}
        try:
            own["POLICY"] = str(_each_alone(folder))
            start_services(stack, {**settings(folder, alerts=sink.address), **own})
            wait_ready(stack)
            asyncio.run(_sent(stack, _WARM, sink, before=0))
            before = cpu_seconds(stack.children["route"].pid)
            kept = asyncio.run(_sent(stack, load, sink, before=_WARM.posts))
            used = cpu_seconds(stack.children["route"].pid) - before
        finally:
            stack.stop()
    waits = asyncio.run(_waits(cluster, load, sink.rang))
    return Called(
        calls=len(waits),
        p50_ms=percentile(waits, 50),
        p99_ms=percentile(waits, 99),
        sent_per_second=kept,
        route_cpu_us=used * 1e6 / load.posts,
    )


def _each_alone(folder: Path) -> Path:
    """The default policy without hot topics: many of one topic would be one call."""
    text = POLICY.read_text(encoding="utf-8").replace("minimum: 10", "minimum: 1000000")
    copy = folder / "each-alone.yaml"
    copy.write_text(text, encoding="utf-8")
    return copy


async def _sent(stack: Stack, load: Load, sink: Sink, *, before: int) -> float:
    """The pace that was kept; returns once all is decided and every call has rung."""
    rang = len(sink.rang)
    kept = await send(stack, load)
    await settled(stack, before + load.posts)
    deadline = time.monotonic() + PATIENCE
    while len(sink.rang) < rang + load.calls:
        if stack.failed() or time.monotonic() > deadline:
            raise LaunchError(stack.failed() or f"{len(sink.rang) - rang} of {load.calls} rang")
        await asyncio.sleep(LOOK_SECONDS)  # others' work; nothing tells of its end
    return kept


async def _waits(cluster: Cluster, load: Load, rang: Mapping[str, float]) -> Sequence[float]:
    received, posts = dict[str, float](), dict[str, str]()
    for one in await read_all(cluster, POSTS):
        if header(one.headers, "ce_type") == SocialPost.__name__:
            post = msgspec.json.decode(one.value or b"", type=SocialPost)
            received[post.id] = post.received_at.timestamp() * 1000
    for one in await read_all(cluster, TICKETS):
        if header(one.headers, "ce_type") == TicketEvent.__name__:
            event = msgspec.json.decode(one.value or b"", type=TicketEvent)
            posts.setdefault(event.ticket.id, event.post_id or "")
    mine = {ticket: posts[ticket] for ticket in rang if posts[ticket].startswith(f"{load.name}-")}
    return [rang[ticket] - received[post] for ticket, post in mine.items()]
