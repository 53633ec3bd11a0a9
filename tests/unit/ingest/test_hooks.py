"""What is answered over HTTP, on the real app and a broker in memory.

The inputs that break the easy version: a body that claims less than it is, an account whose
secret is not set, a signed body that is no JSON at all.
"""

import asyncio
import gzip
import hmac
import secrets
from collections.abc import AsyncIterator, Mapping

import httpx
import msgspec
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from services.ingest.api import Door, Limits
from services.ingest.app import web
from services.ingest.domain.inflate import BODY_BYTES
from services.ingest.domain.request_file import Standing
from services.ingest.domain.short_memory import ShortMemory
from services.ingest.guarded import Guarded
from services.ingest.handlers import Keeping, Receiving
from services.ingest.installation import Doors, Measures, doors_of
from services.ingest.platforms.table import PLATFORMS
from stream.flow import Publish
from stream.memory_pump import MemoryBroker
from stream.probes import probe_app
from stream.settings import BadSettings
from tests.unit.ingest.deliveries import (
    BANK,
    KEYS,
    NOW,
    OTHER_SECRET,
    SECRET,
    Failing,
    Hanging,
    body_of,
    posts_on,
    said,
    signed,
    signed_bytes,
)

PATH = "/v1/hooks/generic/bank"
CLOCK = Standing(at=NOW)
LIMITS = Limits()
SHOP = msgspec.structs.replace(BANK, brand="lavka", id="shop", secrets=("LAVKA_HOOK_SECRET",))


def app(
    publish: Publish,
    measures: Measures | None = None,
    *,
    ack_seconds: float = 5,
    limits: Limits = LIMITS,
    doors: Doors | None = None,
) -> FastAPI:
    measures = measures or Measures(CLOCK)
    accounts = {(one.source, one.id): one for one in (BANK, SHOP)}
    keeping = Keeping(partitions=12, ack_seconds=ack_seconds, version="1")
    receiving = Receiving(publish, keeping, measures.metrics, measures.shared, ShortMemory())
    doors = doors or doors_of(accounts, {"SEVERBANK_HOOK_SECRET": SECRET})
    return web(receiving, doors, CLOCK, measures, limits)


def client(application: FastAPI) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(application), base_url="http://ingest")


async def sent(
    application: FastAPI, body: bytes, headers: Mapping[str, str], path: str = PATH
) -> Response:
    async with client(application) as session:
        return await session.post(path, content=body, headers=dict(headers))


async def test_a_signed_post_is_accepted_and_its_replay_known() -> None:
    broker = MemoryBroker()
    application, body = app(broker), body_of([said(), {"no": "id"}])

    first = await sent(application, body, signed(body))
    replay = await sent(application, body, signed(body))

    assert (first.status_code, first.json()) == (
        202,
        {"accepted": 1, "duplicates": 0, "dead_lettered": 1},
    )
    assert (replay.status_code, replay.json()) == (
        200,
        {"accepted": 0, "duplicates": 2, "dead_lettered": 0},
    )
    assert [post.received_at for post in posts_on(broker)] == [NOW]


@pytest.mark.parametrize(
    "body", [b"not json at all", '{"id": "b999", "text": "обрыв'.encode(), b""]
)
async def test_poison_is_ours_not_the_senders(body: bytes) -> None:
    broker = MemoryBroker()

    answer = await sent(app(broker), body, signed(body))

    assert (answer.status_code, answer.json()["dead_lettered"]) == (202, 1)
    assert posts_on(broker) == []


async def test_what_is_not_authentic_gets_401_and_no_reason() -> None:
    broker = MemoryBroker()
    body = body_of(said())
    stale = signed(body, at=NOW.replace(hour=9))
    missing = {"content-type": "application/json"}

    for headers in (signed(body, secret=OTHER_SECRET), stale, missing):
        answer = await sent(app(broker), body, headers)
        assert (answer.status_code, answer.content) == (401, b"")

    assert broker.log("posts.raw.v1") == []


@pytest.mark.parametrize(
    "path", ["/v1/hooks/fax/bank", "/v1/hooks/generic/nobody", "/v1/hooks/generic/shop"]
)
async def test_an_unknown_or_disabled_account_is_not_there(path: str) -> None:
    body = body_of(said())

    assert (await sent(app(MemoryBroker()), body, signed(body), path)).status_code == 404


async def test_only_post_is_allowed() -> None:
    async with client(app(MemoryBroker())) as session:
        asked, put = await session.get(PATH), await session.put(PATH)

    assert (asked.status_code, asked.headers["allow"]) == (405, "POST")
    assert (put.status_code, put.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": ""},
        {"content-type": "application/jsonp"},
        {"content-encoding": "br"},
    ],
)
async def test_only_plain_json_is_read(headers: dict[str, str]) -> None:
    body = body_of(said())

    answer = await sent(app(MemoryBroker()), body, {**signed(body), **headers})

    assert answer.status_code == 415


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "application/cloudevents+json"]
)
async def test_json_by_any_of_its_names_is_read(kind: str) -> None:
    body = body_of(said())

    answer = await sent(app(MemoryBroker()), body, {**signed(body), "content-type": kind})

    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (gzip.compress(body_of(said())), 202),
        (gzip.compress(b" " * 900_000), 413),
        (gzip.compress(secrets.token_bytes(900_000).hex().encode()), 413),
        (gzip.compress(body_of(said()))[:-4], 400),
        (gzip.compress(body_of(said())) + b"more", 400),
        (body_of(said()), 400),
    ],
)
async def test_a_packed_body_is_signed_as_it_came_and_inflates_to_no_flood(
    body: bytes, status: int
) -> None:
    packed = {"content-encoding": "gzip"}

    answer = await sent(app(MemoryBroker()), body, {**signed_bytes(body), **packed})

    assert answer.status_code == status


async def test_a_large_body_is_refused_before_it_is_read() -> None:
    headers = {"content-type": "application/json", "content-length": str(BODY_BYTES + 1)}

    assert (await sent(app(MemoryBroker()), b"{}", headers)).status_code == 413


async def test_a_source_that_batches_may_send_more() -> None:
    page = msgspec.structs.replace(BANK, source="meta", secrets=("SEVERBANK_HOOK_SECRET",))
    broker, where = MemoryBroker(), ("meta", "bank")
    doors = doors_of({where: page}, {"SEVERBANK_HOOK_SECRET": "app secret"})
    body = b'{"object": "page", "entry": []}' + b" " * BODY_BYTES
    mac = hmac.new(b"app secret", body, "sha256").hexdigest()
    headers = {"content-type": "application/json", "x-hub-signature-256": f"sha256={mac}"}

    taken = await sent(app(broker, doors=doors), body, headers, "/v1/hooks/meta/bank")

    assert (taken.status_code, taken.content) == (200, b"")


async def test_a_body_without_a_length_is_read_no_further_than_the_limit() -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 100 * BODY_BYTES:
            read += 65_536
            yield b" " * 65_536

    async with client(app(MemoryBroker())) as session:
        headers = {"content-type": "application/json"}
        answer = await session.post(PATH, content=endless(), headers=headers)

    assert answer.status_code == 413


async def test_without_acks_the_answer_is_503_and_when_to_come_again() -> None:
    broker, body = MemoryBroker(), body_of(said())
    for application in (app(Failing(broker)), app(Hanging(broker), ack_seconds=0.01)):
        answer = await sent(application, body, signed(body))

        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert 5 <= int(answer.headers["retry-after"]) <= 30
    assert posts_on(broker) == []


async def test_a_source_that_sends_too_much_is_told_when_to_come_again() -> None:
    application, body = app(MemoryBroker(), limits=Limits(source_rate=0.1, source_burst=2)), b"[]"

    answers = [await sent(application, body, signed(body)) for _ in range(3)]

    assert [one.status_code for one in answers] == [202, 202, 429]
    assert answers[-1].headers["retry-after"] == "10"


async def test_beyond_the_room_there_is_the_answer_503_at_once() -> None:
    broker = Hanging(MemoryBroker())
    application, body = app(broker, limits=Limits(in_flight=2)), body_of(said())
    waiting = [asyncio.create_task(sent(application, body, signed(body))) for _ in range(2)]
    for _ in waiting:
        await broker.asked.get()

    refused = await sent(application, body, signed(body))
    broker.thawed.set()
    taken = await asyncio.gather(*waiting)
    after = await sent(application, body, signed(body))

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert {one.status_code for one in taken} <= {200, 202}
    assert after.status_code == 200


async def test_the_breaker_answers_for_a_broker_that_acks_nothing() -> None:
    measures, broker = Measures(CLOCK), Failing(MemoryBroker())
    guarded = Guarded(broker, measures.breaker, lambda: 100.0)
    application, body = app(guarded, measures), body_of(said())
    measures.probes.ready = True

    answers = [await sent(application, body, signed(body)) for _ in range(5)]

    assert [one.status_code for one in answers] == [503] * 5
    assert broker.calls == 3
    async with client(probe_app(measures.probes, measures.registry)) as session:
        assert (await session.get("/readyz")).status_code == 503
        assert (await session.get("/livez")).status_code == 200


async def test_a_trace_goes_on_where_it_is_one() -> None:
    broker, body = MemoryBroker(), body_of(said())
    trace = f"00-{'a' * 32}-{'b' * 16}-01"

    await sent(app(broker), body, {**signed(body), "traceparent": trace})

    (record,) = broker.log("posts.v1")
    assert ("traceparent", trace.encode()) in record.headers


async def test_outcomes_are_counted_without_a_word_of_the_sender() -> None:
    measures = Measures(CLOCK)
    application, body = app(MemoryBroker(), measures), body_of(said())
    await sent(application, body, signed(body))
    await sent(application, body, {"content-type": "application/json"})
    await sent(application, body, {}, "/v1/hooks/secret-name/x")

    async with client(probe_app(measures.probes, measures.registry)) as session:
        text = (await session.get("/metrics")).text

    assert 'otklik_requests_total{outcome="accepted",source="generic"} 1.0' in text
    assert 'otklik_requests_total{outcome="auth",source="generic"} 1.0' in text
    assert 'otklik_requests_total{outcome="invalid",source="other"} 1.0' in text
    assert 'otklik_posts_total{brand="severbank",op="created",source="generic"} 1.0' in text
    assert "secret-name" not in text
    assert "anna" not in text


async def test_ready_once_the_producer_is() -> None:
    measures = Measures(CLOCK)
    app(MemoryBroker(), measures)
    async with client(probe_app(measures.probes, measures.registry)) as session:
        before = (await session.get("/readyz")).status_code
        measures.probes.ready = True
        assert (before, (await session.get("/readyz")).status_code) == (503, 200)
        assert (await session.get("/livez")).status_code == 200


def test_a_malformed_secret_is_named_never_shown() -> None:
    with pytest.raises(BadSettings) as caught:
        doors_of({("generic", "bank"): BANK}, {"SEVERBANK_HOOK_SECRET": "whsec_c2hvcnQ="})

    assert "SEVERBANK_HOOK_SECRET" in str(caught.value)
    assert "c2hvcnQ" not in str(caught.value)


def test_a_door_has_the_secrets_that_are_set() -> None:
    both = msgspec.structs.replace(BANK, secrets=("OLD", "NEW"))

    doors = doors_of({("generic", "bank"): both}, {"NEW": SECRET, "OLD": ""})

    assert doors == {
        ("generic", "bank"): Door(
            platform=PLATFORMS["generic"], account=both, keys=KEYS, pages={"severbank": both}
        )
    }
