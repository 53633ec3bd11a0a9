"""The AsyncAPI document says what the topic table says, and every reference in it leads somewhere.

The inputs that break the easy version: a reader with a space in its name; a topic whose records are
no events of ours; a tick, which travels on topics with three different keys.

Structure is checked here by our own rules: AsyncAPI's JSON Schema is no dependency of this project.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from schemas import generate
from schemas.asyncapi import HEADERS, OTHERS, document, message_name
from schemas.event import Topic, cloud_headers
from schemas.topics import EVENTS, SERVICES, TOPICS
from tests.builders import a_post

DOCUMENT = document()
CHANNELS, OPERATIONS = DOCUMENT["channels"], DOCUMENT["operations"]
MESSAGES = DOCUMENT["components"]["messages"]


def references(value: Any) -> Iterator[str]:
    """Every $ref in a document."""
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from references(one)


def found(reference: str, root: Any) -> Any:
    """What a reference leads to, in this document or in a file beside it."""
    path, _, pointer = reference.partition("#")
    if path:
        root = json.loads((generate.ASYNCAPI.parent / path).read_text(encoding="utf-8"))
    for step in filter(None, pointer.split("/")):
        root = root[step]
    return root


def channels_of(who: str, action: str) -> set[str]:
    """The topics that the document lets somebody send to or receive from."""
    return {
        operation["channel"]["$ref"].removeprefix("#/channels/")
        for operation in OPERATIONS.values()
        if operation["action"] == action and operation["tags"] == [{"name": who}]
    }


def test_the_committed_document_is_this_one_in_version_3() -> None:
    assert json.loads(generate.ASYNCAPI.read_text(encoding="utf-8")) == DOCUMENT
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= DOCUMENT["info"].keys()


def test_a_stale_document_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "document", lambda: {**DOCUMENT, "asyncapi": "3.1.0"})

    assert generate.main(["--check"]) == 1
    assert "stale: schemas/asyncapi.json" in capsys.readouterr().err


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_topic_is_a_channel_with_its_messages_key_and_retention(topic: Topic) -> None:
    channel = CHANNELS[topic.name]

    assert channel["address"] == topic.under("{prefix}")
    assert channel["parameters"].keys() == {"prefix"}
    assert channel["messages"].keys() == {message_name(event) for event in topic.events}
    settings = channel["bindings"]["kafka"]["topicConfiguration"]
    assert settings == {
        "cleanup.policy": ["delete"],
        "retention.ms": topic.kept_days * 24 * 60 * 60 * 1000,
    }
    assert f"Key: {topic.key}." in channel["description"]
    assert "partition number" in channel["description"]
    assert channel.get("x-restricted", False) is topic.restricted


def test_there_is_no_channel_and_no_message_beyond_the_table() -> None:
    assert CHANNELS.keys() == {topic.name for topic in TOPICS}
    assert MESSAGES.keys() == EVENTS.keys() | {name for name, _ in OTHERS.values()}
    assert set(OTHERS) == {event for topic in TOPICS for event in topic.events} - EVENTS.keys()


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_has_a_message_whose_payload_is_its_published_schema(name: str) -> None:
    payload = MESSAGES[name]["payload"]

    schema = found(payload["schema"]["$ref"], DOCUMENT)

    assert schema["$id"] == f"otklik:schemas/{name}"
    assert schema["$schema"].split("/")[-2] in payload["schemaFormat"]
    assert MESSAGES[name]["name"] == name


def test_every_reference_leads_somewhere() -> None:
    all_of_them = set(references(DOCUMENT))

    assert len(all_of_them) > len(TOPICS) + len(EVENTS)
    for reference in all_of_them:
        assert found(reference, DOCUMENT)


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_sends_and_receives_what_the_table_says(service: str) -> None:
    assert channels_of(service, "send") == {t.name for t in TOPICS if t.written_by == service}
    assert channels_of(service, "receive") == {t.name for t in TOPICS if service in t.read_by}


def test_others_than_services_have_their_operations_too() -> None:
    assert channels_of("operators", "send") == {t.name for t in TOPICS if "retry" in t.name}
    subscribed = {topic.name for topic in TOPICS if "subscribers" in topic.read_by}
    assert channels_of("subscribers", "receive") == subscribed
    assert not [name for name in OPERATIONS if " " in name]


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_moves_all_messages_of_its_own_channel(name: str) -> None:
    operation = OPERATIONS[name]
    channel = operation["channel"]["$ref"]

    assert {one["$ref"] for one in operation["messages"]} == {
        f"{channel}/messages/{message}" for message in found(channel, DOCUMENT)["messages"]
    }


def test_the_headers_are_those_that_a_writer_sends() -> None:
    headers = DOCUMENT["components"]["messageTraits"]["cloudEvents"]["headers"]
    post = a_post()

    sent = dict(cloud_headers(post, source="ingest", subject="k", brand="severbank"))

    assert list(sent) == headers["required"] == list(HEADERS)
    for name in ("ce_specversion", "content-type"):
        assert sent[name].decode() == headers["properties"][name]["const"]


def test_a_message_names_the_key_of_its_topics_and_a_tick_its_own() -> None:
    def key_of(message: str) -> str:
        return str(MESSAGES[message]["bindings"]["kafka"]["key"]["description"])

    assert key_of("SocialPost") == "brand:conversation"
    assert key_of("DeadLetter") == "original key"
    assert key_of("PipelineTick") == "The word tick."
