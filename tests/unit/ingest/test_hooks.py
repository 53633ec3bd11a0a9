"""What is answered over HTTP, on the real app and a broker in memory.

The inputs that break the easy version: an account whose secret is not set, a signed body that is
no JSON at all, a question that no platform asks.
"""

import httpx
import msgspec
import pytest

from services.ingest.api import Door
from services.ingest.installation import Measures, doors_of
from services.ingest.platforms.table import PLATFORMS
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
)
from tests.unit.ingest.knocking import CLOCK, PATH, app, client, sent


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


async def test_without_acks_the_answer_is_503_and_when_to_come_again() -> None:
    broker, body = MemoryBroker(), body_of(said())
    for application in (app(Failing(broker)), app(Hanging(broker), ack_seconds=0.01)):
        answer = await sent(application, body, signed(body))

        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert 5 <= int(answer.headers["retry-after"]) <= 30
    assert posts_on(broker) == []


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
