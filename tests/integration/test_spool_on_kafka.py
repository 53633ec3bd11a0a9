"""A 202 from the spool survives a frozen broker and a SIGKILL of the process that gave it.

The inputs that break the easy version: a broker that is frozen and never says no, a process killed
before it could publish anything, a deployment that takes an unready replica out of reach.
"""

import base64
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from deploy.local import kafka
from deploy.local.node import free_ports
from deploy.local.process import Child, tail
from schemas.posts import SocialPost
from schemas.topics import POSTS, TOPICS
from services.route.channels.webhook import sign
from stream.clock import parse_clock
from stream.reading import read_all
from stream.topic_admin import Cluster, create
from tests.processes import start

SECRET = base64.b64encode(b"0123456789abcdef0123456789abcdef")
CLOCK = parse_clock("")
BRANDS = """
brands:
  severbank:
    accounts:
      - {source: generic, id: bank, channel_role: service, secrets: [BANK_SECRET], spool: true}
"""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[kafka.Broker]:
    started = kafka.start(kafka.CACHE, tmp_path / "kafka")
    yield started
    started.resume()
    started.stop()


class Ingest:
    """One process, and the address of its hooks."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.port, probes = free_ports().client, free_ports().client
        (folder / "brands.yaml").write_text(BRANDS, encoding="utf-8")
        self.log = folder / "ingest.log"
        self.ready = f"http://127.0.0.1:{probes}/readyz"
        self.child: Child = start(
            "ingest",
            cluster,
            folder,
            BRANDS=str(folder / "brands.yaml"),
            DATABASE_URL=f"sqlite:///{folder / 'ingest.db'}",
            SPOOL=str(folder / "spool"),
            HOOKS_PORT=str(self.port),
            PORT=str(probes),
            BANK_SECRET=f"whsec_{SECRET.decode()}",
        )

    async def post(self, number: int) -> int:
        """The status of one signed delivery; the process may still be starting."""
        body = msgspec.json.encode({"id": f"p{number}", "text": "Къде са парите ми?"})
        headers = sign(base64.b64decode(SECRET), f"m{number}", CLOCK.real(), body)
        transport = httpx.AsyncHTTPTransport(retries=8)
        async with httpx.AsyncClient(transport=transport, timeout=30) as client:
            url = f"http://127.0.0.1:{self.port}/v1/hooks/generic/bank"
            return (await client.post(url, content=body, headers=headers)).status_code

    async def is_ready(self) -> bool:
        async with httpx.AsyncClient() as client:
            return (await client.get(self.ready)).status_code == 200


async def test_what_was_answered_202_is_published_after_a_freeze_and_a_kill(
    broker: kafka.Broker, tmp_path: Path
) -> None:
    cluster = Cluster(bootstrap=broker.bootstrap, prefix="spool", partitions=1)
    await create(cluster, TOPICS)
    killed = Ingest(cluster, tmp_path)
    assert await killed.post(0) == 202, tail(killed.log)

    broker.pause()
    answers = [await killed.post(number) for number in range(1, 21)]
    ready = await killed.is_ready()
    killed.child.process.kill()
    killed.child.stop()
    broker.resume()
    follower = Ingest(cluster, tmp_path)
    answers.append(await follower.post(21))
    posts = await posts_of(cluster, 22)
    follower.child.stop()

    assert ready
    assert answers == [202] * 21
    firsts = list(dict.fromkeys(post.id for post in posts))
    assert firsts == [f"p{number}" for number in range(22)]


async def posts_of(cluster: Cluster, count: int) -> list[SocialPost]:
    """The posts in order, once so many different ones are there."""
    records = await read_all(cluster, POSTS)
    while True:
        posts = [
            msgspec.json.decode(one.value or b"", type=SocialPost)
            for one in records
            if one.key != b"tick"
        ]
        if len({post.id for post in posts}) >= count:
            return posts
        records = await read_all(cluster, POSTS, at_least=len(records) + 1)
