"""A request is kept wholly, raw first, or it is to be sent again.

The inputs that break the easy version: a broker that fails after the raw record was acked, one
that acks too late and has the record nevertheless, the same post twice in one request.
"""

from datetime import datetime

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from schemas.dead_letters import DeadLetter, Reason
from schemas.event import header, partition_of
from schemas.posts import SocialPost
from services.ingest.domain.fate import Receipt, Unavailable, retry_after
from services.ingest.domain.finding import LETTER_BYTES, RAW_BYTES
from services.ingest.domain.heard import Heard, What
from services.ingest.domain.receipt import (
    Answer,
    Arrived,
    Delivery,
    Ignored,
    Keys,
    Native,
    Seen,
)
from services.ingest.domain.short_memory import ShortMemory
from services.ingest.handlers import Arrival, Keeping, Receiving
from services.ingest.metrics import Metrics
from services.ingest.platforms import generic
from services.ingest.ticking import Ticking
from stream.clock import parse_clock
from stream.flow import Publish
from stream.memory_pump import MemoryBroker
from stream.metrics import StreamMetrics
from tests.unit.ingest.deliveries import (
    BANK,
    NOW,
    SEEN,
    Failing,
    Hanging,
    body_of,
    posted,
    posts_on,
    said,
)

KEEPING = Keeping(partitions=12, ack_seconds=5, version="1")
IMPATIENT = msgspec.structs.replace(KEEPING, ack_seconds=0.01)
LETTERS = "ingest.dead-letters.v1"
RAW = "posts.raw.v1"


def receiving(publish: Publish, keeping: Keeping = KEEPING) -> Receiving:
    registry = CollectorRegistry()
    shared = StreamMetrics(registry, "ingest", "1")
    return Receiving(publish, keeping, Metrics(registry), shared, ShortMemory())


def arrival(payload: object, message_id: str = "msg_1") -> Arrival:
    body = payload if isinstance(payload, bytes) else body_of(payload)
    return Arrival(
        source="generic",
        events=tuple(Arrived(native=one, seen=SEEN) for one in generic.split(posted(body))),
        real_at=NOW,
        message_id=message_id,
        traceparent="00-a",
    )


async def received(handler: Receiving, payload: object) -> Receipt:
    found = await handler.receive(generic, arrival(payload))
    assert isinstance(found, Receipt), found
    return found


async def test_a_post_lies_beside_its_raw_payload() -> None:
    broker = MemoryBroker()
    body = body_of(said(unknown="field"))

    await received(receiving(broker), body)

    (post,), (raw,), (record,) = posts_on(broker), broker.log(RAW), broker.log("posts.v1")
    number = partition_of("severbank:wall-1", 12)
    assert raw.value == body
    assert raw.key == b"generic:bank:wall-1"
    assert (record.key, record.partition) == (b"severbank:wall-1", number)
    assert post.raw is not None
    assert (post.raw.topic, post.raw.partition, post.raw.offset) == (RAW, number, raw.offset)
    assert header(record.headers, "ce_id") == post.event_id
    assert header(record.headers, "otklik_brand") == "severbank"
    assert header(record.headers, "traceparent") == "00-a"


async def test_what_is_no_post_is_a_dead_letter_beside_the_others() -> None:
    broker = MemoryBroker()

    receipt = await received(receiving(broker), [said(), {"text": "тайна"}, said(id="p2")])

    (letter,) = [msgspec.json.decode(r.value or b"", type=DeadLetter) for r in broker.log(LETTERS)]
    assert [receipt.count(x) for x in ("accepted", "duplicate", "dead_lettered")] == [2, 0, 1]
    assert (letter.reason, letter.service) == (Reason.wrong_shape, "ingest")
    assert msgspec.json.decode(letter.value or b"") == {"text": "тайна"}
    assert "тайна" not in letter.detail
    (kept,) = [r for r in broker.log(RAW, letter.partition) if r.offset == letter.offset]
    assert kept.value == letter.value
    assert kept.key == letter.key


async def test_the_same_again_is_a_duplicate_and_published_once() -> None:
    broker = MemoryBroker()
    handler = receiving(broker)

    first = await received(handler, [said(), said(), "", "x"])
    again = await received(handler, [said(), "x"])

    assert [fate.outcome for fate in first.fates] == [
        "accepted",
        "duplicate",
        "dead_lettered",
        "dead_lettered",
    ]
    assert [fate.outcome for fate in again.fates] == ["duplicate", "duplicate"]
    assert len(posts_on(broker)) == 1


@pytest.mark.parametrize("calls_before", [0, 1])
async def test_a_missing_ack_keeps_nothing_back_and_forgets_nothing(calls_before: int) -> None:
    broker = MemoryBroker()
    handler = receiving(Failing(broker, calls_before=calls_before))

    refused = await handler.receive(generic, arrival([said(), said(id="p2")]))
    again = await handler.receive(generic, arrival([said(), said(id="p2")]))

    assert isinstance(refused, Unavailable)
    assert refused == again
    assert 5 <= refused.retry_after <= 30
    assert posts_on(broker) == []


async def test_a_retry_after_an_unknown_outcome_has_the_same_ids() -> None:
    broker = MemoryBroker()
    frozen = Hanging(broker)
    handler = receiving(frozen, IMPATIENT)

    refused = await handler.receive(generic, arrival(said()))
    frozen.thawed.set()
    kept = await handler.receive(generic, arrival(said()))

    assert isinstance(refused, Unavailable)
    assert isinstance(kept, Receipt)
    assert kept.count("accepted") == 1


def test_retries_are_spread_and_the_same_for_one_message() -> None:
    waits = [retry_after(f"msg_{n}") for n in range(200)]

    assert waits == [retry_after(f"msg_{n}") for n in range(200)]
    assert min(waits) >= 5
    assert max(waits) <= 30
    assert len(set(waits)) > 20


async def test_a_huge_payload_still_fits_a_record() -> None:
    broker = MemoryBroker()
    body = b'{"text": "' + b"x" * 1_000_000

    await received(receiving(broker), body)

    (raw,), (record,) = broker.log(RAW), broker.log(LETTERS)
    letter = msgspec.json.decode(record.value or b"", type=DeadLetter)
    assert len(raw.value or b"") == RAW_BYTES
    assert header(raw.headers, "otklik_bytes") == str(len(body))
    assert len(body) > LETTER_BYTES
    assert letter.value is None


async def test_the_fullest_post_fits_a_record() -> None:
    broker = MemoryBroker()
    address = "https://a.example/" + "x" * 2000
    full = said(
        text='"' * 70_000,
        title='"' * 4000,
        urls=[address] * 100,
        mentions=['"' * 1000] * 100,
        attachments=[{"kind": '"' * 1000, "url": address}] * 100,
    )

    await received(receiving(broker), full)

    (record,) = broker.log("posts.v1")
    assert len(record.value or b"") < 1_000_000
    assert msgspec.json.decode(record.value or b"", type=SocialPost).truncated


async def test_every_partition_gets_the_same_tick_and_a_failed_one_is_skipped() -> None:
    broker = MemoryBroker()
    margin = parse_clock("2026-03-02T00:00:00Z@60x/0").business(5)
    ticking = Ticking(broker, KEEPING, now=lambda: NOW, margin=margin)

    assert await ticking.tick() == 12
    assert await ticking.tick() == 12
    assert await Ticking(Failing(broker), KEEPING, now=lambda: NOW, margin=margin).tick() == 0
    assert await Ticking(Hanging(broker), IMPATIENT, now=lambda: NOW, margin=margin).tick() == 0

    records = broker.log("posts.v1")
    assert len(records) == 24
    ids = [header(record.headers, "ce_id") for record in records]
    assert len(set(ids)) == 12
    assert {record.partition for record in records} == set(range(12))
    assert b'"received_before":"2026-03-02T09:55:00Z"' in (records[0].value or b"")


async def test_of_what_is_no_post_nothing_is_kept_and_the_source_was_heard() -> None:
    broker, memory = MemoryBroker(), ShortMemory()
    registry = CollectorRegistry()
    shared = StreamMetrics(registry, "ingest", "1")
    handler = Receiving(broker, KEEPING, Metrics(registry), shared, memory)
    reaction = Native(raw=body_of({"type": "wall_reply_new_reaction", "text": "тайна"}))
    vk = msgspec.structs.replace(BANK, source="vk")
    seen = Seen(account=vk, received_at=NOW)
    arrival = Arrival(
        source="vk", events=(Arrived(native=reaction, seen=seen),), real_at=NOW, message_id="m"
    )

    found = await handler.receive(Reactions(), arrival)

    assert isinstance(found, Receipt)
    assert [fate.outcome for fate in found.fates] == ["ignored"]
    assert [broker.log(topic) for topic in (RAW, "posts.v1", LETTERS)] == [[], [], []]
    assert memory.times == {Heard(source="vk", account="bank", what=What.event): NOW}


class Reactions:
    """A platform that knows nothing but reactions."""

    taken: Answer | None = None

    def verify(self, delivery: Delivery, keys: Keys, now: datetime) -> bool:
        return False

    def handshake(self, delivery: Delivery, keys: Keys) -> Answer | None:
        return None

    def split(self, delivery: Delivery) -> tuple[Native, ...]:
        return ()

    def normalize(self, native: Native, seen: Seen) -> Ignored:
        return Ignored(why="a reaction")
