"""A trace shows the way of each post, and nothing that anybody said.

The inputs that break the easy version: a batch of several parents, one of whom is recorded by
nobody; a record without a traceparent, or with one that names none; an alert hours later.
"""

import logging
from collections.abc import Iterator, Sequence

import httpx
import msgspec
import pytest
from fastapi import FastAPI, HTTPException
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import CollectorRegistry

from schemas.event import PipelineTick, derive_id, header
from stream import trace
from stream.clock import parse_clock
from stream.failures import StoppedOnBug
from stream.flow import Outgoing, Publish, Received
from stream.log import JsonLines
from stream.memory_pump import MemoryBroker
from stream.metrics import StreamMetrics
from stream.process import Direct, Process
from stream.spans import LINKS, context_of
from tests.builders import MONDAY, a_record
from tests.echo import LETTERS, READ, WRITTEN, Echo, fail, flow, noted, number_of, raw, refuse
from tests.traced import (
    HOURS_AGO,
    NOBODYS,
    Seen,
    ids_of,
    links_of,
    name_of,
    parent_of,
    said_of,
    traced,
)

SECRET = "мария петрова"
CLOCK = parse_clock("")


@pytest.fixture
def seen() -> Iterator[Seen]:
    with traced() as found:
        yield found


class Probe:
    """A flow over records in memory."""

    def __init__(self, publish: Publish | None = None) -> None:
        self.broker, self.echo = MemoryBroker(), Echo()
        self.process = Process(
            flow(self.echo),
            effects=Direct(publish or self.broker),
            letters=LETTERS,
            metrics=StreamMetrics(CollectorRegistry(), "probe", "0"),
        )

    async def reads(self, *records: Outgoing) -> Sequence[Received]:
        """Put them on the broker and process them as one batch."""
        await self.broker(records)
        read = self.broker.log(READ.name)
        await self.process.batch(read)
        return read

    def carried(self) -> list[str | None]:
        """What each answer carries."""
        return [header(one.headers, "traceparent") for one in self.broker.log(WRITTEN.name)]


class FailingOnce:
    """A broker that is away at first; what was to be sent is noted."""

    def __init__(self) -> None:
        self.sent: list[Sequence[Outgoing]] = []

    async def __call__(self, outputs: Sequence[Outgoing]) -> Sequence[int]:
        self.sent.append(outputs)
        if len(self.sent) == 1:
            raise ConnectionError(SECRET)
        return []


def parent(digit: str, flags: str = "01") -> str:
    return f"00-{digit * 32}-{digit * 16}-{flags}"


def from_(traceparent: str, number: int) -> Outgoing:
    out = noted(number)
    headers = (*out.headers, ("traceparent", traceparent.encode()))
    return msgspec.structs.replace(out, headers=headers)


def tick() -> Outgoing:
    event = PipelineTick(
        event_id=derive_id("tick", "PipelineTick"), occurred_at=MONDAY, received_before=MONDAY
    )
    return a_record(event, topic=READ.name)


async def test_each_record_of_a_batch_goes_on_in_its_own_trace(seen: Seen) -> None:
    probe = Probe()

    await probe.reads(from_(parent("1"), 1), from_(parent("2"), 2), from_(NOBODYS, 3), tick())

    one, two = sorted(seen.named("process noted.v1"), key=ids_of)
    assert [parent_of(span) for span in (one, two)] == ["1" * 16, "2" * 16]
    assert [ids_of(span)[0] for span in (one, two)] == ["1" * 32, "2" * 32]
    own = [name_of(span) for span in (one, two)]
    assert probe.carried()[:3] == [*own, NOBODYS]
    assert one.kind is SpanKind.CONSUMER


async def test_a_batch_is_a_trace_of_its_own_and_linked_to_what_is_in_it(seen: Seen) -> None:
    await Probe().reads(from_(parent("1"), 1), from_(parent("2"), 2), from_(NOBODYS, 3))

    (batch,) = seen.named("process batch")
    assert batch.parent is None
    assert links_of(batch) == {ids_of(span) for span in seen.named("process noted.v1")}
    assert said_of(batch)["messaging.batch.message_count"] == 3
    assert ids_of(batch)[0] not in {"1" * 32, "2" * 32, "c" * 32}


async def test_a_batch_names_so_many_and_no_more(seen: Seen) -> None:
    await Probe().reads(*(from_(parent("1"), number) for number in range(LINKS + 50)))

    (batch,) = seen.named("process batch")
    assert (len(batch.links), batch.dropped_links) == (LINKS, 0)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "00-abc",
        f"00-{'0' * 32}-{'1' * 16}-01",
        f"00-{'1' * 32}-{'0' * 16}-01",
        f"ff-{'1' * 32}-{'1' * 16}-01",
        f"00-{'1' * 31}я-{'1' * 16}-01",
        f"00-{'G' * 32}-{'1' * 16}-01",
    ],
)
async def test_a_record_that_names_no_trace_begins_one(seen: Seen, given: str) -> None:
    probe = Probe()

    await probe.reads(from_(given, 1) if given else noted(1))

    (span,) = seen.spans
    assert span.parent is None
    assert probe.carried() == [name_of(span)]


async def test_what_nobody_records_stays_unrecorded_at_every_hop() -> None:
    with traced(ratio=0.0) as seen:
        probe = Probe()
        await probe.reads(noted(1), from_(NOBODYS, 2))

        assert seen.spans == []
        first, second = probe.carried()
        begun = context_of(first)
        assert begun
        assert not begun.trace_flags.sampled
        assert second == NOBODYS


async def test_an_alert_hours_later_is_linked_to_its_cause_whatever_the_share() -> None:
    with traced(ratio=0.0) as seen:
        with trace.delivering("fraud-alerts", 2, (HOURS_AGO, NOBODYS, "no trace")):
            pass
        with trace.delivering("fraud-alerts", 1, ()):
            pass

    (span,) = seen.spans
    assert (span.name, span.kind, span.parent) == ("deliver alert", SpanKind.CLIENT, None)
    assert links_of(span) == {("a" * 32, "b" * 16)}
    assert ids_of(span)[0] != "a" * 32


async def test_an_announcement_hours_later_is_linked_too(seen: Seen) -> None:
    told = trace.announced("sla.v1", HOURS_AGO)

    (span,) = seen.spans
    assert told == name_of(span)
    assert (span.parent, links_of(span)) == (None, {("a" * 32, "b" * 16)})
    assert trace.announced("sla.v1", NOBODYS) == NOBODYS
    assert trace.announced("sla.v1", None) is None


async def test_a_record_that_is_tried_again_sends_the_same_bytes(seen: Seen) -> None:
    broker = FailingOnce()
    probe = Probe(broker)
    with pytest.raises(ConnectionError):
        await probe.reads(from_(parent("1"), 1), noted(2))

    await probe.process.batch(probe.broker.log(READ.name))

    first, second = broker.sent
    assert first == second
    assert len(seen.named("process noted.v1")) == 2
    tried = seen.named("process noted.v1")[0]
    assert [(one.name, one.attributes) for one in tried.events] == [
        ("exception", {"exception.type": "ConnectionError"})
    ]
    assert SECRET not in seen.text()


async def test_a_dead_letter_marks_its_span_and_is_kept_byte_for_byte(seen: Seen) -> None:
    probe = Probe()
    probe.echo.on[2] = refuse

    read = await probe.reads(
        raw(f'{{"number": "{SECRET}"}}'.encode()), noted(2), from_(HOURS_AGO, 3)
    )

    marked = {said_of(span).get("error.type") for span in seen.named("process noted.v1")}
    assert marked == {"wrong_shape", "unsupported_event", None}
    letters = [msgspec.json.decode(one.value or b"") for one in probe.broker.log(LETTERS.name)]
    assert [len(one["headers"]) for one in letters] == [len(one.headers) for one in read[:2]]
    assert [number_of(one) for one in probe.broker.log(WRITTEN.name)] == [3]
    assert "expected" not in seen.text()
    assert SECRET not in seen.text()


async def test_a_bug_marks_the_record_that_stops_its_partition(seen: Seen) -> None:
    probe = Probe()
    probe.echo.on[1] = fail
    with pytest.raises(StoppedOnBug):
        await probe.reads(noted(1))

    (span,) = seen.named("process noted.v1")
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, None)
    assert said_of(span)["error.type"] == "RuntimeError"
    assert "a bug" not in seen.text()


async def test_a_span_says_where_by_the_standard_names(seen: Seen) -> None:
    await Probe().reads(noted(7))

    (span,) = seen.spans
    assert said_of(span) == {
        "messaging.system": "kafka",
        "messaging.operation.type": "process",
        "messaging.destination.name": "test.noted.v1",
        "messaging.consumer.group.name": "test.probe",
        "messaging.destination.partition.id": "0",
        "messaging.kafka.offset": 0,
    }


async def test_a_line_of_the_log_names_the_trace_in_hand(seen: Seen) -> None:
    probe, lines = Probe(), list[str]()
    record = logging.makeLogRecord({"name": "probe", "msg": "in hand"})
    probe.echo.on[1] = lambda: lines.append(JsonLines("probe").format(record))

    await probe.reads(from_(parent("1"), 1))

    assert msgspec.json.decode(lines[0])["trace_id"] == "1" * 32
    assert "trace_id" not in msgspec.json.decode(JsonLines("probe").format(record))


async def test_a_command_is_named_by_the_template_of_its_path(seen: Seen) -> None:
    app, carried = FastAPI(), list[str | None]()

    @app.post("/v1/tickets/{ticket}/close")
    async def close(ticket: str) -> None:
        carried.append(trace.carried())
        if ticket == "broken":
            raise HTTPException(503, SECRET)

    @app.get("/v1/tickets/{ticket}")
    async def show(ticket: str) -> str:
        return ticket

    transport = httpx.ASGITransport(app=trace.commands(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
        await client.post("/v1/tickets/anna-1/close", headers={"traceparent": HOURS_AGO})
        await client.post("/v1/tickets/broken/close")
        await client.post("/v1/anna-2")
        assert (await client.get("/v1/tickets/anna-3")).json() == "anna-3"

    done, broken, lost = seen.spans
    assert done.name == broken.name == "POST /v1/tickets/{ticket}/close"
    assert (ids_of(done)[0], parent_of(done)) == ("a" * 32, "b" * 16)
    assert carried[0] == name_of(done)
    assert said_of(done)["http.response.status_code"] == 200
    assert (broken.status.status_code, said_of(broken)["error.type"]) == (StatusCode.ERROR, "503")
    assert lost.name == "POST"
    assert "anna" not in seen.text()
