"""A 2xx means that it is kept: the broker freezes, dies and comes back while platforms deliver.

The inputs that break the easy version: 300 deliveries into a frozen broker, a delivery that was
answered 503 and is on the topic nevertheless, a broker that is gone while nothing comes.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec
import pytest

from schemas.posts import SocialPost
from schemas.topics import POSTS, POSTS_RAW, TOPICS
from stream.reading import read_all
from stream.topic_admin import Cluster, create
from tests.faults.servers import Broker
from tests.integration.ingest_process import Ingest, ingest

POSTS_IN_ALL = 600
AT_ONCE = 300
ANSWER_SECONDS = 20.0
"""How long the most patient platform waits; each request's budget is 2.5 s."""

TAKEN = (200, 202)
CUT = 0
"""How a connection counts that was closed while it was idle: what was sent is unknown."""


@dataclass
class Platform:
    """Delivers every post until it is told 2xx, and many at once."""

    ingest: Ingest
    client: httpx.AsyncClient
    left: list[str]
    accepted: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def deliver(self) -> None:
        """All that is left, from as many connections as there are at once."""
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._deliver_one_by_one())

    async def _deliver_one_by_one(self) -> None:
        while self.left:
            post = self.left.pop()
            body = msgspec.json.encode({"id": post, "author": {"id": "анна"}, "text": "Где?"})
            try:
                status = (await self.ingest.post(self.client, body, f"msg_{post}")).status_code
            except (httpx.ReadError, httpx.RemoteProtocolError):
                status = CUT
            await self._note(post, status)

    async def _note(self, post: str, status: int) -> None:
        async with self.changed:
            self.answers[status] += 1
            if status in TAKEN:
                self.accepted.add(post)
            else:
                self.left.insert(0, post)
            self.changed.notify_all()

    async def has_accepted(self, count: int) -> None:
        """Wait until so many were told 2xx."""
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.accepted) >= count)

    async def was_refused(self, times: int) -> None:
        """Wait until so many more were told to come again."""
        async with self.changed:
            before = self.answers[503]
            await self.changed.wait_for(lambda: self.answers[503] >= before + times)


@pytest.fixture
async def running(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Ingest]:
    await create(cluster, TOPICS)
    async with ingest(cluster, tmp_path) as started:
        yield started


async def test_every_2xx_is_on_the_topic_and_every_post_is_one(
    cluster: Cluster, running: Ingest, broker: Broker
) -> None:
    names = [f"p{number}" for number in range(POSTS_IN_ALL)]
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(timeout=ANSWER_SECONDS, limits=limits) as client:
        platform = Platform(running, client, list(names))
        delivering = asyncio.create_task(platform.deliver())

        await platform.has_accepted(POSTS_IN_ALL // 5)
        broker.pause()
        await platform.was_refused(AT_ONCE)
        assert (await client.get(f"{running.probes}/readyz")).status_code == 503
        assert (await client.get(f"{running.probes}/livez")).status_code == 200
        broker.resume()

        await platform.has_accepted(3 * POSTS_IN_ALL // 5)
        broker.kill()
        await platform.was_refused(AT_ONCE)
        broker.restart()
        await delivering

    kept = [
        msgspec.json.decode(record.value or b"", type=SocialPost)
        for record in await read_all(cluster, POSTS)
        if record.key != b"tick"
    ]
    raw = {(one.partition, one.offset) for one in await read_all(cluster, POSTS_RAW)}
    assert set(platform.answers) <= {*TAKEN, 503, CUT}
    assert platform.accepted == set(names)
    assert {post.id for post in kept} == set(names)
    assert len({post.event_id for post in kept}) == POSTS_IN_ALL
    assert {(post.raw.partition, post.raw.offset) for post in kept if post.raw} <= raw
