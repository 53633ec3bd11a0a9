"""How long from a post to its ticket? Four services as processes, posts by signed webhook."""

import asyncio
import base64
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from bench.figures import percentile
from bench.processor import cpu_seconds
from deploy.demo.script import BRANDS
from deploy.demo.settings import SECRET, settings
from deploy.demo.stack import Stack, start_services, wait_ready
from deploy.local.process import LaunchError
from schemas.event import Topic, header
from schemas.posts import SocialPost
from schemas.tickets import TicketEvent
from schemas.topics import DECISIONS, POSTS, TICKETS, TOPICS
from services.route.channels.webhook import sign
from stream.clock import parse_clock
from stream.flow import Received
from stream.reading import read_all
from stream.topic_admin import Cluster, create

PER_REQUEST = 10
"""Posts of one request: the generator must not need the processor that the services run on."""

PATIENCE = 60.0
"""Real seconds that the last ticket may take."""

LOOK_SECONDS = 0.2

TEXTS = (
    "Приложение не открывается с утра, а оплатить надо сегодня. Почините!",
    "С меня дважды списали деньги за заказ 48213, верните вторую оплату",
    "Пратката ми закъснява вече седмица, къде е?",
    "I was charged twice for order 77120, please refund the second payment",
    "Загубихте ми багажа, никой не вдига телефона!",
    "Why was my card blocked without a word? I cannot pay for anything",
)
CANNOT_WAIT = "Украли карту, деньги списывают прямо сейчас, срочно заблокируйте!"


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """What one run of the whole chain measured; CPU in microseconds per post, by service."""

    posts: int
    tickets: int
    p50_ms: float
    p99_ms: float
    sent_per_second: float
    per_second: float
    cpu_us: Mapping[str, float]


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """How many posts, how fast; ``name`` sets their ids apart.

    One of so many as ``calling`` says cannot wait; 0 for none.
    """

    name: str
    posts: int
    per_second: float
    calling: int = 0

    @property
    def calls(self) -> int:
        """How many of them cannot wait."""
        return len(range(0, self.posts, self.calling)) if self.calling else 0

    def text(self, number: int) -> str:
        """What the post of that number says."""
        if self.calling and number % self.calling == 0:
            return CANNOT_WAIT
        return TEXTS[number % len(TEXTS)]


WARM = Load(name="warm", posts=200, per_second=200)


def passage(cluster: Cluster, database_url: str, folder: Path, load: Load) -> Passage:
    """Start the services on an empty installation, send the posts, and see the tickets come."""
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(create(cluster, TOPICS))
    stack = Stack(cluster=cluster, addresses={}, folder=folder)
    own = {"DATABASE_URL": database_url, "TICK_SECONDS": "5", "LOG_LEVEL": "WARNING"}
    try:
        start_services(stack, {**settings(folder, alerts="log:"), **own})
        wait_ready(stack)
        asyncio.run(_warmed(stack))
        before = _cpu(stack)
        kept = asyncio.run(send(stack, load))
        asyncio.run(settled(stack, WARM.posts + load.posts))
        used = {name: total - before[name] for name, total in _cpu(stack).items()}
    finally:
        stack.stop()
    waits, per_second = asyncio.run(_waits(cluster, load))
    return Passage(
        posts=load.posts,
        tickets=len(waits),
        p50_ms=percentile(waits, 50),
        p99_ms=percentile(waits, 99),
        sent_per_second=kept,
        per_second=per_second,
        cpu_us={name: seconds * 1e6 / load.posts for name, seconds in used.items()},
    )


async def send(stack: Stack, load: Load) -> float:
    """Send all posts at the pace asked for; returns the pace that was kept, in posts a second."""
    clock, secret = parse_clock(""), base64.b64decode(SECRET.removeprefix("whsec_"))
    began = clock.monotonic()
    async with httpx.AsyncClient(timeout=10) as client, asyncio.TaskGroup() as requests:
        for start in range(0, load.posts, PER_REQUEST):
            due = began + start / load.per_second
            await asyncio.sleep(max(0.0, due - clock.monotonic()))  # the pace that is asked for
            name = list(BRANDS)[start // PER_REQUEST % len(BRANDS)]
            numbers = range(start, min(start + PER_REQUEST, load.posts))
            at = clock.real()
            body = msgspec.json.encode([_post(load, n, name, at.isoformat()) for n in numbers])
            headers = sign(secret, f"{load.name}-{start}", at, body)
            url = f"{stack.addresses['hooks']}/v1/hooks/generic/{name}"
            requests.create_task(_accepted(client, url, body, headers))
    return load.posts / (clock.monotonic() - began)


async def _accepted(
    client: httpx.AsyncClient, url: str, body: bytes, headers: dict[str, str]
) -> None:
    answer = await client.post(url, content=body, headers=headers)
    answer.raise_for_status()


def _post(load: Load, number: int, account: str, at: str) -> dict[str, object]:
    """A customer's own complaint that names the brand: a case of its own."""
    return {
        "id": f"{load.name}-{number}",
        "author": {"id": f"{load.name}-author-{number}"},
        "text": f"@{BRANDS[account]} {load.text(number)}",
        "posted_at": at,
        "mentions": [BRANDS[account]],
        "kind": "post",
        "space": "mention",
        "visibility": "public",
    }


async def _warmed(stack: Stack) -> None:
    """The first posts pay for imports, pools and plans; they are not measured."""
    await send(stack, WARM)
    await settled(stack, WARM.posts)


async def settled(stack: Stack, decided: int) -> None:
    """Return once so many posts were decided and notify has committed what came of them."""
    cluster = stack.cluster
    deadline = time.monotonic() + PATIENCE
    consumer = AIOKafkaConsumer(bootstrap_servers=cluster.bootstrap, enable_auto_commit=False)
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    async with consumer:
        await admin.start()
        try:
            while not await _is_done(cluster, consumer, admin, decided):
                if stack.failed() or time.monotonic() > deadline:
                    raise LaunchError(stack.failed() or f"not done in {PATIENCE:.0f} s")
                await asyncio.sleep(LOOK_SECONDS)  # others' work; nothing tells of its end
        finally:
            await admin.close()


async def _is_done(
    cluster: Cluster, consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient, decided: int
) -> bool:
    decisions = await consumer.end_offsets(_partitions(cluster, DECISIONS))
    if sum(decisions.values()) < decided:
        return False
    ends = await consumer.end_offsets(_partitions(cluster, TICKETS))
    done = await admin.list_consumer_group_offsets(f"{cluster.prefix}.notify")
    return all(not end or (tp in done and done[tp].offset >= end) for tp, end in ends.items())


def _partitions(cluster: Cluster, topic: Topic) -> list[TopicPartition]:
    name = topic.under(cluster.prefix)
    return [TopicPartition(name, number) for number in range(cluster.partitions)]


async def _waits(cluster: Cluster, load: Load) -> tuple[Sequence[int], float]:
    """Milliseconds from each post to its first ticket event, and tickets a second.

    Both by the broker's own stamps.
    """
    came, left = dict[str, int](), dict[str, int]()
    for one in await read_all(cluster, POSTS):
        if header(one.headers, "ce_type") == SocialPost.__name__:
            came[_id(one, SocialPost)] = one.timestamp_ms
    for one in await read_all(cluster, TICKETS):
        if header(one.headers, "ce_type") == TicketEvent.__name__:
            left.setdefault(_id(one, TicketEvent), one.timestamp_ms)
    mine = [post for post in came if post.startswith(f"{load.name}-") and post in left]
    took = (max(left[post] for post in mine) - min(came[post] for post in mine)) / 1000
    return [left[post] - came[post] for post in mine], len(mine) / took


def _id(record: Received, kind: type[SocialPost | TicketEvent]) -> str:
    event = msgspec.json.decode(record.value or b"", type=kind)
    return str(event.id if isinstance(event, SocialPost) else event.post_id)


def _cpu(stack: Stack) -> dict[str, float]:
    """Seconds of CPU that each service has used."""
    return {name: cpu_seconds(child.pid) for name, child in stack.children.items()}
