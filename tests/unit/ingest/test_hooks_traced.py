"""A webhook is where a trace begins, or goes on that its sender began.

The inputs that break the easy version: a stranger who asks to be recorded, a sender whose trace
nobody records, a broker that does not ack.
"""

from opentelemetry.trace import SpanKind, StatusCode

from schemas.event import header
from stream.memory_pump import MemoryBroker
from tests.traced import ids_of, name_of, parent_of, said_of, traced
from tests.unit.ingest.deliveries import OTHER_SECRET, Failing, body_of, said, signed
from tests.unit.ingest.knocking import app, sent

ASKED = f"00-{'a' * 32}-{'b' * 16}-01"


async def test_what_is_published_follows_from_the_request() -> None:
    broker, body = MemoryBroker(), body_of([said(), {"no": "id"}])
    with traced() as seen:
        await sent(app(broker), body, {**signed(body), "traceparent": ASKED})

    sending, serving = seen.spans
    assert (serving.name, serving.kind) == ("POST /v1/hooks/{source}/{account}", SpanKind.SERVER)
    assert (ids_of(serving)[0], parent_of(serving)) == ("a" * 32, "b" * 16)
    assert (sending.name, sending.kind) == ("send posts.v1", SpanKind.PRODUCER)
    assert parent_of(sending) == ids_of(serving)[1]
    (post,) = broker.log("posts.v1")
    assert header(post.headers, "traceparent") == name_of(sending)
    assert said_of(serving)["http.response.status_code"] == 202


async def test_a_stranger_has_nothing_recorded() -> None:
    broker, body = MemoryBroker(), body_of(said())
    with traced() as seen:
        headers = {**signed(body, secret=OTHER_SECRET), "traceparent": ASKED}
        assert (await sent(app(broker), body, headers)).status_code == 401

    assert seen.spans == []


async def test_what_a_sender_does_not_record_is_not_recorded_here() -> None:
    broker, body = MemoryBroker(), body_of(said())
    with traced() as seen:
        await sent(app(broker), body, {**signed(body), "traceparent": ASKED[:-2] + "00"})

    (post,) = broker.log("posts.v1")
    assert seen.spans == []
    assert (header(post.headers, "traceparent") or "").startswith(f"00-{'a' * 32}-")
    assert (header(post.headers, "traceparent") or "").endswith("-00")


async def test_a_missing_ack_marks_the_request() -> None:
    body = body_of(said())
    with traced() as seen:
        assert (await sent(app(Failing(MemoryBroker())), body, signed(body))).status_code == 503

    (serving,) = seen.named("POST /v1/hooks/{source}/{account}")
    assert serving.status.status_code is StatusCode.ERROR
    assert said_of(serving)["error.type"] == "503"
