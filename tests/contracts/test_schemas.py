"""The contracts hold: every reader decodes every example, one of each topic from the future.

The inputs that break the easy version: a word that no vocabulary has yet, an instant in Moscow's
zone, and a writer that sends a field nobody knows.
"""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid5

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas import generate
from schemas.dead_letters import Reason, shape_error
from schemas.event import NAMESPACE, Topic, cloud_headers, derive_id, encode, header, partition_of
from schemas.states import SlaState
from schemas.topics import EVENTS, SERVICES, TOPICS, dead_letters, retry
from schemas.vocabulary import Disposition, Kind, Tone
from stream.decode import Decode
from stream.flow import Received, read_headers
from tests.builders import MONDAY, a_classified, a_post

EXAMPLES = sorted(Path("schemas/examples").rglob("*.json"))
FUTURE = [path for path in EXAMPLES if path.stem == "from-the-future"]


def received(path: Path) -> Received:
    """An example as a record; its type only in the body, as the poorest writer would send it."""
    return Received(
        topic=path.parent.name,
        partition=0,
        offset=0,
        timestamp_ms=0,
        key=None,
        value=path.read_bytes(),
        headers=(),
    )


@pytest.mark.parametrize("path", EXAMPLES, ids=str)
def test_every_reader_decodes_every_example(path: Path) -> None:
    decoded = Decode(EVENTS.values(), service="test")(received(path))

    assert decoded.letter is None
    assert decoded.message is not None


@pytest.mark.parametrize("path", EXAMPLES, ids=str)
def test_every_example_is_valid_by_its_published_schema(path: Path) -> None:
    event = json.loads(path.read_text(encoding="utf-8"))

    schema = json.loads((generate.FOLDER / f"{event['type']}.json").read_text(encoding="utf-8"))

    Draft202012Validator(schema).validate(event)


def test_every_topic_of_events_has_examples_and_one_from_the_future() -> None:
    kept = {path.parent.name for path in FUTURE}

    wanted = {t.name.split(".", 1)[1] if "dead-letters" in t.name else t.name for t in TOPICS}
    assert kept == {name for name in wanted if "raw" not in name and "retry" not in name}


@pytest.mark.parametrize("path", FUTURE, ids=str)
def test_a_word_from_the_future_reads_as_unknown(path: Path) -> None:
    event = json.loads(path.read_text(encoding="utf-8"))
    decoded = msgspec.json.decode(path.read_bytes(), type=EVENTS[event["type"]])

    again = encode(decoded)

    for word in (b"hologram", b"serene", b"send_flowers", b"teleported", b"forgiven", b"eclipse"):
        assert word not in again


def test_instants_are_written_in_utc_whatever_zone_they_came_in() -> None:
    moscow = timezone(timedelta(hours=3))
    post = a_post(at=datetime(2026, 3, 2, 13, 0, tzinfo=moscow))

    read = msgspec.json.decode(encode(post), type=type(post))

    assert post.posted_at == read.posted_at == MONDAY
    assert read.posted_at is not None
    assert read.posted_at.tzinfo is UTC
    assert b"+03:00" not in encode(post)


def test_a_naive_instant_is_refused() -> None:
    body = encode(a_post()).replace(b"2026-03-02T10:00:00Z", b"2026-03-02T10:00:00")

    with pytest.raises(msgspec.ValidationError, match="timezone"):
        msgspec.json.decode(body, type=type(a_post()))


def test_ids_are_derived_and_tell_effects_apart() -> None:
    assert derive_id("c", "Alert", "a") == derive_id("c", "Alert", "a")
    assert derive_id("c", "Alert", "a") != derive_id("c", "Alert", "b")
    assert derive_id("c", "Alert", "1", "2") != derive_id("c", "Alert", "12")
    assert derive_id("post", "SocialPost") == "05466608-ff95-52ed-82b9-ea4fcc8bb9fb"


@given(st.text(), st.text())
def test_an_id_is_the_uuid5_of_its_parts(cause: str, kind: str) -> None:
    assert derive_id(cause, kind, 7) == str(uuid5(NAMESPACE, f"{cause}\x1f{kind}\x1f7"))


def test_headers_are_cloudevents_in_binary_mode() -> None:
    event = a_classified(a_post())

    headers = cloud_headers(event, source="classify", subject="p1", brand="severbank")

    assert header(headers, "ce_id") == event.event_id
    assert header(headers, "ce_type") == "ClassifiedPost"
    assert header(headers, "ce_time") == "2026-03-02T10:00:00Z"
    assert {name for name, _ in headers} == {
        "ce_specversion",
        "ce_id",
        "ce_type",
        "ce_source",
        "ce_time",
        "ce_subject",
        "ce_dataschema",
        "content-type",
        "otklik_brand",
    }


def test_vocabularies_are_open_and_reasons_closed() -> None:
    assert [Kind("hologram"), Tone("serene"), SlaState("forgiven")] == ["unknown"] * 3
    assert "delete" not in {word.value for word in Disposition}
    with pytest.raises(ValueError, match="not a valid Reason"):
        Reason("forgiven")


@pytest.mark.parametrize("secret", ["it's a secret", "two\nlines", "a 'quoted' word"])
def test_a_shape_error_quotes_nothing_of_the_record(secret: str) -> None:
    body = msgspec.json.encode({"reason": secret})
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(body, type=dict[str, Reason])

    assert not set(secret.split()) & set(shape_error(caught.value).split())


def test_a_header_without_a_value_reads_as_empty() -> None:
    assert read_headers([("a", None), ("b", b"1")]) == (("a", b""), ("b", b"1"))


def test_one_conversation_is_one_partition_and_many_spread() -> None:
    numbers = [partition_of(f"severbank:wall-{n}", 12) for n in range(1200)]

    assert partition_of("severbank:wall-7", 12) == partition_of("severbank:wall-7", 12)
    assert set(numbers) == set(range(12))
    assert max(numbers.count(n) for n in range(12)) < 200


def test_the_topic_table_names_each_topic_once_and_every_service_has_its_own_two() -> None:
    names = [topic.name for topic in TOPICS]

    assert len(names) == len(set(names))
    for service in SERVICES:
        assert {dead_letters(service).name, retry(service).name} <= set(names)
    assert Topic.under(TOPICS[0], "otklik") == f"otklik.{TOPICS[0].name}"


def test_generated_schemas_are_fresh() -> None:
    assert generate.main(["--check"]) == 0
