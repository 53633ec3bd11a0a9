"""An operator lists, reads and puts back what was kept aside, on a real Kafka.

The inputs that break the easy version: a record without a key whose bytes and header are no UTF-8;
a letter that failed again after its replay, so that putting all back would double it each time; a
request that ingest could not understand, which came from no topic that ingest reads.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from prometheus_client import CollectorRegistry

from schemas.dead_letters import DeadLetter, Reason
from schemas.event import Headers, Topic
from schemas.posts import RawReference
from schemas.topics import POSTS, POSTS_RAW, SERVICES, dead_letters, retry
from services.ingest.domain.brands import Account
from services.ingest.domain.finding import event_of, finding_of
from services.ingest.domain.receipt import Native, Refused, Seen
from stream.__main__ import main
from stream.decode import Decode, letter_out
from stream.flow import Batch, Outgoing, Received
from stream.metrics import StreamMetrics
from stream.process import Direct, Process
from stream.publisher import KafkaPublisher
from stream.reading import read_all
from stream.topic_admin import Cluster, TopicsDiffer, create
from tests.builders import MONDAY
from tests.echo import WRITTEN, Echo, Noted, flow, noted, number_of, refuse

LETTERS, RETRY = dead_letters("classify"), retry("classify")
PATIENCE = 60
POISON, HEADERS = b"\xff{ secret words", (("ce_type", b"Noted"), ("x", b"\xfe"), ("x", b"2"))

Ask = Callable[..., tuple[int, list[Any]]]


class Reader(Echo):
    """A service that reads posts.v1 and its retry topic, and notes what was a replay."""

    def __init__(self) -> None:
        super().__init__()
        self.replayed: list[bool] = []

    async def __call__(self, batches: Sequence[Batch], unit: object) -> Sequence[Outgoing]:
        outputs = await super().__call__(batches, unit)
        self.replayed += [message.replayed for batch in batches for message in batch.messages]
        return outputs


@pytest.fixture
def ask(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Ask:
    """The command line on this test's topics: its exit code and the lines that it prints."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", cluster.bootstrap)
    monkeypatch.setenv("TOPIC_PREFIX", cluster.prefix)
    monkeypatch.setenv("PARTITIONS", str(cluster.partitions))
    asyncio.run(created(cluster))

    def asked(*words: object) -> tuple[int, list[Any]]:
        code = main(["dead-letters", *map(str, words)])
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return asked


async def created(cluster: Cluster) -> None:
    """Create what these tests touch; a broker may name a new topic only a moment later."""
    letters = [dead_letters(service) for service in SERVICES]
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(TopicsDiffer):
                return await create(cluster, (POSTS, *letters, RETRY, retry("ingest"), WRITTEN))


def put(cluster: Cluster, topic: Topic, partition: int, *values: bytes) -> None:
    """Write records without a key, as a writer that is none of ours might."""

    async def write() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap)
        async with producer:
            for value in values:
                await producer.send_and_wait(
                    topic.under(cluster.prefix), value, partition=partition, headers=list(HEADERS)
                )

    asyncio.run(write())


def publish(cluster: Cluster, *outputs: Outgoing) -> None:
    """Write records as a service does."""

    async def write() -> None:
        metrics = StreamMetrics(CollectorRegistry(), "ingest", "test")
        async with KafkaPublisher(cluster, cluster.prefix, metrics) as send:
            await send(outputs)

    asyncio.run(write())


def process(cluster: Cluster, topic: Topic, handle: Echo) -> None:
    """Let the service process all that a topic holds."""

    async def work() -> None:
        metrics = StreamMetrics(CollectorRegistry(), "classify", "test")
        async with KafkaPublisher(cluster, cluster.prefix, metrics) as send:
            step = Process(
                msgspec.structs.replace(flow(handle), name="classify", reads=(POSTS, RETRY)),
                effects=Direct(send),
                letters=LETTERS,
                metrics=metrics,
            )
            records = await read_all(cluster, topic)
            for _, batch in groupby(records, key=lambda record: record.partition):
                await step.batch(list(batch))

    asyncio.run(work())


def held(cluster: Cluster, topic: Topic) -> list[Received]:
    return asyncio.run(read_all(cluster, topic))


def bytes_of(record: Received) -> tuple[int, bytes | None, Headers, bytes | None]:
    return record.partition, record.key, record.headers, record.value


def tombstone() -> Outgoing:
    """The letter of a record without key and value, which Kafka has and our client cannot send."""
    nothing = Received(
        topic=POSTS.name, partition=0, offset=0, timestamp_ms=0, key=None, value=None, headers=()
    )
    letter = Decode((Noted,), service="classify")(nothing).letter
    assert letter is not None
    return letter_out(letter, LETTERS)


def ingests_letter() -> Outgoing:
    """The letter of a signed request that ingest did not understand."""
    account = Account(source="generic", id="bank", brand="severbank", channel_role="service")
    finding = finding_of(
        Native(raw=b'{"a": "secret words"}'),
        Refused(reason=Reason.wrong_shape, detail="expected a post"),
        Seen(account=account, received_at=MONDAY),
    )
    kept = RawReference(topic=POSTS_RAW.name, partition=1, offset=0)
    event = event_of(finding, kept, "test")
    assert isinstance(event, DeadLetter)
    return letter_out(event, dead_letters("ingest"))


def test_a_poison_record_is_listed_without_its_text(cluster: Cluster, ask: Ask) -> None:
    put(cluster, POSTS, 2, POISON)
    process(cluster, POSTS, Reader())

    code, lines = ask("list")

    assert code == 0
    (line,) = lines
    assert (line["service"], line["partition"], line["offset"]) == ("classify", 2, 0)
    assert (line["topic"], line["origin_partition"], line["origin_offset"]) == ("posts.v1", 2, 0)
    assert line["reason"] == "not_json"
    assert line["at"].endswith("Z")
    assert "secret" not in json.dumps(line)


def test_list_tells_services_and_reasons_apart(cluster: Cluster, ask: Ask) -> None:
    put(cluster, POSTS, 0, POISON, b'{"type":"Noted"}')
    process(cluster, POSTS, Reader())
    publish(cluster, ingests_letter())

    assert len(ask("list")[1]) == 3
    assert [line["reason"] for line in ask("list", "--service", "ingest")[1]] == ["wrong_shape"]
    assert len(ask("list", "--reason", "wrong_shape")[1]) == 2
    assert ask("list", "--service", "classify", "--reason", "unknown_account") == (0, [])


def test_show_gives_text_where_it_is_text_and_base64_where_not(cluster: Cluster, ask: Ask) -> None:
    put(cluster, POSTS, 0, POISON, "не JSON".encode())
    process(cluster, POSTS, Reader())

    (_, (binary,)), (_, (text,)) = (ask("show", "classify", 0, n) for n in range(2))

    assert binary["value"] == {"base64": "/3sgc2VjcmV0IHdvcmRz"}
    assert binary["headers"][1] == ["x", {"base64": "/g=="}]
    assert binary["key"] is None
    assert text["value"] == {"text": "не JSON"}
    assert ask("show", "classify", 0, 9) == (1, [])


def test_replay_puts_back_the_very_same_record(cluster: Cluster, ask: Ask) -> None:
    put(cluster, POSTS, 2, POISON)
    process(cluster, POSTS, Reader())

    code, lines = ask("replay", "classify")

    assert code == 0
    assert lines[0] == {"service": "classify", "partition": 2, "offset": 0, "result": "replayed"}
    assert lines[1]["totals"]["replayed"] == 1
    assert [bytes_of(r) for r in held(cluster, RETRY)] == [(2, None, HEADERS, POISON)]
    assert [bytes_of(r) for r in held(cluster, POSTS)] == [(2, None, HEADERS, POISON)]


def test_a_replayed_record_is_processed_and_known_as_replayed(cluster: Cluster, ask: Ask) -> None:
    before, after = Reader(), Reader()
    before.on[7] = refuse
    publish(cluster, *(msgspec.structs.replace(noted(n, 1), topic=POSTS.name) for n in (6, 7, 8)))
    process(cluster, POSTS, before)

    assert ask("replay", "classify", "--reason", "unsupported_event")[0] == 0
    process(cluster, RETRY, after)

    assert [number_of(r) for r in held(cluster, WRITTEN)] == [6, 8, 7]
    assert after.replayed == [True]


def test_what_fails_again_is_put_back_once_and_not_doubled(cluster: Cluster, ask: Ask) -> None:
    put(cluster, POSTS, 0, POISON)
    process(cluster, POSTS, Reader())
    ask("replay", "classify")
    process(cluster, RETRY, Reader())

    code, lines = ask("replay", "classify")

    assert code == 0
    assert [line.get("result") for line in lines] == ["replayed", "same_as_earlier", None]
    assert len(held(cluster, RETRY)) == 2


def test_one_letter_can_be_replayed_alone(cluster: Cluster, ask: Ask) -> None:
    put(cluster, POSTS, 0, POISON, b"?", b"??")
    process(cluster, POSTS, Reader())

    code, lines = ask("replay", "classify", "--partition", 0, "--offset", 1)

    assert (code, len(lines)) == (0, 2)
    assert [r.value for r in held(cluster, RETRY)] == [b"?"]
    assert ask("replay", "classify", "--partition", 0, "--offset", 3)[0] == 1


def test_a_request_that_came_from_no_topic_cannot_be_replayed(cluster: Cluster, ask: Ask) -> None:
    publish(cluster, ingests_letter())

    code, lines = ask("replay", "ingest")

    assert code == 1
    assert [line["result"] for line in lines[:-1]] == ["not_replayable"]
    assert held(cluster, retry("ingest")) == []


def test_a_record_that_holds_nothing_stops_nothing(cluster: Cluster, ask: Ask) -> None:
    publish(cluster, tombstone())

    assert ask("show", "classify", 0, 0)[1][0]["value"] is None
    code, lines = ask("replay", "classify")
    assert (code, lines[0]["result"]) == (1, "not_replayable")


def test_what_is_no_letter_is_named_and_stops_nothing(cluster: Cluster, ask: Ask) -> None:
    put(cluster, LETTERS, 0, b"no letter")
    put(cluster, POSTS, 0, POISON)
    process(cluster, POSTS, Reader())

    code, lines = ask("replay", "classify")

    assert code == 1
    assert [line.get("result") for line in lines] == ["unreadable", "replayed", None]
    assert [line["reason"] for line in ask("list")[1]] == ["unreadable", "not_json"]


@pytest.mark.parametrize(
    "words",
    [
        ("replay", "nobody"),
        ("replay", "classify", "--partition", "0"),
        ("list", "--reason", "bad"),
        ("show", "classify", "0"),
    ],
    ids=" ".join,
)
def test_bad_usage_is_two_and_one_line(words: Sequence[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["dead-letters", *words])

    assert stopped.value.code == 2


def test_an_installation_without_topics_is_one_clear_line(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", cluster.bootstrap)
    monkeypatch.setenv("TOPIC_PREFIX", cluster.prefix)

    assert main(["dead-letters", "list", "--service", "route"]) == 1
    assert "route.dead-letters.v1: expected 12 partitions, got no topic" in capsys.readouterr().err
