"""A stranger's topic is read as a group; its offsets move on only behind our own acks.

The inputs that break the easy version: our broker is away once the records were read, a value that
nobody can decode, a stranger's broker that does not answer.
"""

import asyncio
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec
from aiokafka import AIOKafkaProducer
from prometheus_client import CollectorRegistry

from deploy.local.process import Child, tail
from schemas.dead_letters import DeadLetter
from schemas.event import Topic
from schemas.posts import SocialPost
from schemas.topics import POSTS, TOPICS, dead_letters
from services.ingest.domain.polls import TopicPoll
from services.ingest.domain.short_memory import ShortMemory
from services.ingest.handlers import Keeping, Receiving
from services.ingest.metrics import Metrics
from services.ingest.pollers.topic import TopicReading
from stream.clock import parse_clock
from stream.flow import Outgoing, Publish
from stream.member import KafkaSource, Member
from stream.memory_pump import MemoryBroker
from stream.metrics import StreamMetrics
from stream.probes import Probes
from stream.reading import read_all
from stream.topic_admin import Cluster, create
from tests.processes import committed, start_module
from tests.unit.ingest.deliveries import BANK, posts_on, said

PARTNER = Topic(
    name="partner", key="post id", events=(), written_by="partner", read_by=("ingest",), kept_days=1
)
CLOCK = parse_clock("")
BRANDS = """
brands:
  severbank:
    accounts:
      - source: kafka
        id: partner
        channel_role: service
        poll: {{topic: {prefix}.partner, group: {prefix}.reading}}
"""


WRITTEN = (
    (0, "p1", json.dumps(said(id="p1")).encode()),
    (0, "poison", b"\x00\xff"),
    (0, "p1", None),
    (1, "p2", json.dumps(said(id="p2", text="Къде е поръчката?")).encode()),
)
"""What the partner wrote: partition, key, value."""


async def written(cluster: Cluster) -> None:
    """The partner writes with a client of its own."""
    producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, acks="all")
    await producer.start()
    try:
        for partition, key, value in WRITTEN:
            topic = PARTNER.under(cluster.prefix)
            await producer.send_and_wait(topic, value, key=key.encode(), partition=partition)
    finally:
        await producer.stop()


class Until:
    """A broker that ends the reading: at its first refusal, or once it holds so many posts."""

    def __init__(self, broker: MemoryBroker, stop: asyncio.Event, posts: int) -> None:
        self._broker, self._stop, self._posts = broker, stop, posts

    async def __call__(self, outputs: Sequence[Outgoing]) -> Sequence[int]:
        if not self._posts:
            self._stop.set()
            raise ConnectionError("the broker is away")
        acks = await self._broker(outputs)
        if len(posts_on(self._broker)) >= self._posts:
            self._stop.set()
        return acks


async def read(cluster: Cluster, publish: Publish, stop: asyncio.Event) -> None:
    """Read the partner's topic until the stop."""
    registry, name = CollectorRegistry(), PARTNER.under(cluster.prefix)
    keeping = Keeping(partitions=cluster.partitions, ack_seconds=5, version="1")
    shared = StreamMetrics(registry, "ingest", "1")
    receiving = Receiving(publish, keeping, Metrics(registry), shared, ShortMemory())
    group = f"{cluster.prefix}.reading"
    account = msgspec.structs.replace(
        BANK, source="kafka", id="partner", poll=TopicPoll(topic=name, group=group)
    )
    source = KafkaSource(bootstrap=cluster.bootstrap, prefix="", group=group)
    member, probes = partial(Member, source, (name,)), Probes(CLOCK.monotonic)
    await TopicReading(account, member, receiving, CLOCK, probes).run(stop)


async def test_offsets_are_committed_behind_our_acks(cluster: Cluster) -> None:
    await create(cluster, (PARTNER,))
    await written(cluster)
    broker, refused, done = MemoryBroker(), asyncio.Event(), asyncio.Event()

    await read(cluster, Until(broker, refused, 0), refused)
    assert await committed(cluster, "reading", PARTNER) == {0: 0, 1: 0, 2: 0}

    await read(cluster, Until(broker, done, 3), done)
    after = await committed(cluster, "reading", PARTNER)

    assert after == {0: 3, 1: 1, 2: 0}
    assert sorted((post.id, post.op.value) for post in posts_on(broker)) == [
        ("p1", "created"),
        ("p1", "deleted"),
        ("p2", "created"),
    ]


async def serving(role: str, cluster: Cluster, folder: Path) -> tuple[Child, Path]:
    """A process of that role, with the partner's topic to read, and its log."""
    await create(cluster, (*TOPICS, PARTNER))
    await written(cluster)
    brands, log = folder / "brands.yaml", folder / "ingest.log"
    brands.write_text(BRANDS.format(prefix=cluster.prefix), encoding="utf-8")
    where = {"BRANDS": str(brands), "DATABASE_URL": f"sqlite:///{folder}/ingest.db"}
    return start_module("services.ingest", f"serve --role {role}", cluster, log, **where), log


async def test_a_process_that_polls_reads_the_topic_and_takes_no_webhook(
    cluster: Cluster, tmp_path: Path
) -> None:
    child, log = await serving("poll", cluster, tmp_path)
    posts = await read_all(cluster, POSTS, at_least=3)
    letters = await read_all(cluster, dead_letters("ingest"), at_least=1)
    child.terminate()
    code = child.process.wait(10)
    child.stop()

    (letter,) = [msgspec.json.decode(one.value or b"", type=DeadLetter) for one in letters]
    place = msgspec.json.decode(letter.value or b"")
    found = {msgspec.json.decode(one.value or b"", type=SocialPost).id for one in posts}
    assert code == 0, tail(log)
    assert found == {"p1", "p2"}
    assert (place["topic"], place["partition"], place["offset"]) == (
        PARTNER.under(cluster.prefix),
        0,
        1,
    )
    assert await committed(cluster, "reading", PARTNER) == {0: 3, 1: 1, 2: 0}
    listeners = [line["listener"] for line in lines(log) if "listener" in line]
    assert listeners == ["metrics"]


async def test_a_process_that_serves_the_web_polls_nothing(
    cluster: Cluster, tmp_path: Path
) -> None:
    child, log = await serving("web", cluster, tmp_path)
    ticks = await read_all(cluster, POSTS, at_least=cluster.partitions)
    child.terminate()
    code = child.process.wait(10)
    child.stop()

    assert code == 0, tail(log)
    assert {one.key for one in ticks} == {b"tick"}
    assert {line["listener"] for line in lines(log) if "listener" in line} == {
        "hooks",
        "admin",
        "metrics",
    }


def lines(log: Path) -> list[dict[str, object]]:
    """What the process logged."""
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
