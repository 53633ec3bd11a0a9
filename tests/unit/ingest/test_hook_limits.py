"""What is too large, too much or too early is answered at once, on the real app.

The inputs that break the easy version: a body that claims less than it is, a small one that
inflates to a flood, a request that comes while all room is taken.
"""

import asyncio
import gzip
import hmac
import secrets
from collections.abc import AsyncIterator

import msgspec
import pytest

from services.ingest.api import Limits
from services.ingest.domain.inflate import BODY_BYTES
from services.ingest.guarded import Guarded
from services.ingest.installation import Measures, doors_of
from stream.memory_pump import MemoryBroker
from stream.probes import probe_app
from tests.unit.ingest.deliveries import (
    BANK,
    Failing,
    Hanging,
    body_of,
    said,
    signed,
    signed_bytes,
)
from tests.unit.ingest.knocking import CLOCK, PATH, app, client, sent


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
