"""A 2xx means that the broker has it; without acks the answer is 503, in time.

The inputs that break the easy version: a broker that is frozen and never says no, the same post
again after a 503, and poison that is signed.
"""

import base64
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import msgspec
import pytest
from httpx import ASGITransport

from deploy.local import kafka
from schemas.posts import SocialPost
from schemas.topics import POSTS, POSTS_RAW, TOPICS, dead_letters
from services.ingest.api import Limits
from services.ingest.app import web
from services.ingest.domain.short_memory import ShortMemory
from services.ingest.handlers import Receiving
from services.ingest.installation import Measures, accounts_of, doors_of, keeping_of
from services.ingest.settings import Settings
from services.route.channels.webhook import sign
from stream.clock import parse_clock
from stream.publisher import KafkaPublisher
from stream.reading import read_all
from stream.topic_admin import Cluster, create

SECRET = base64.b64encode(b"0123456789abcdef0123456789abcdef")
CLOCK = parse_clock("")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[kafka.Broker]:
    started = kafka.start(kafka.CACHE, tmp_path / "kafka")
    yield started
    started.resume()
    started.stop()


@pytest.fixture
def own_cluster(broker: kafka.Broker) -> Cluster:
    return Cluster(bootstrap=broker.bootstrap, prefix="ingest", partitions=2)


@pytest.fixture
async def client(own_cluster: Cluster) -> AsyncIterator[httpx.AsyncClient]:
    await create(own_cluster, TOPICS)
    settings = Settings(
        kafka_bootstrap_servers=own_cluster.bootstrap,
        topic_prefix=own_cluster.prefix,
        partitions=own_cluster.partitions,
        brands="services/ingest/brands.example.yaml",
        ack_seconds=1.0,
    )
    measures = Measures(CLOCK)
    secrets = {
        f"{brand}_HOOK_SECRET": f"whsec_{SECRET.decode()}"
        for brand in ("SEVERBANK", "BALKANAIR", "LAVKA")
    }
    async with KafkaPublisher(own_cluster, own_cluster.prefix, measures.shared) as publish:
        keeping, metrics, shared = keeping_of(settings), measures.metrics, measures.shared
        receiving = Receiving(publish, keeping, metrics, shared, ShortMemory())
        doors = doors_of(accounts_of(settings), secrets)
        app = web(receiving, doors, CLOCK, measures, Limits())
        async with httpx.AsyncClient(
            transport=ASGITransport(app=app), base_url="http://ingest"
        ) as http:
            yield http


async def post(client: httpx.AsyncClient, body: bytes, message: str = "m1") -> httpx.Response:
    """One signed request."""
    headers = sign(base64.b64decode(SECRET), message, CLOCK.real(), body)
    return await client.post("/v1/hooks/generic/bank", content=body, headers=headers)


BODY = msgspec.json.encode(
    {"id": "p1", "author": {"id": "anna"}, "text": "Где мои деньги? Звоните 8 916 123-45-67"}
)


async def test_a_2xx_means_that_raw_and_post_are_on_the_broker(
    client: httpx.AsyncClient, own_cluster: Cluster
) -> None:
    answer = await post(client, BODY)

    (record,) = await read_all(own_cluster, POSTS)
    (raw,) = await read_all(own_cluster, POSTS_RAW)
    written = msgspec.json.decode(record.value or b"", type=SocialPost)
    assert answer.status_code == 202
    assert written.id == "p1"
    assert "916" not in written.text
    assert written.raw is not None
    assert (written.raw.partition, written.raw.offset) == (raw.partition, raw.offset)


async def test_a_frozen_broker_is_a_503_and_the_same_post_is_taken_later(
    client: httpx.AsyncClient, own_cluster: Cluster, broker: kafka.Broker
) -> None:
    assert (await post(client, BODY, "m0")).status_code == 202
    second = BODY.replace(b'"p1"', b'"p2"')

    broker.pause()
    refused = await post(client, second, "m2")
    broker.resume()
    taken = await post(client, second, "m2")

    assert refused.status_code == 503
    assert 5 <= int(refused.headers["retry-after"]) <= 30
    assert taken.status_code == 202
    ids = {
        msgspec.json.decode(r.value or b"", type=SocialPost).event_id
        for r in await read_all(own_cluster, POSTS)
    }
    assert len(ids) == 2


async def test_signed_poison_is_kept_with_its_reason_and_answered_2xx(
    client: httpx.AsyncClient, own_cluster: Cluster
) -> None:
    answer = await post(client, b'{"id": "p1", "text": "\xd0')

    (letter,) = await read_all(own_cluster, dead_letters("ingest"))
    assert answer.is_success
    assert b"not_json" in (letter.value or b"")
    assert await read_all(own_cluster, POSTS) == []
