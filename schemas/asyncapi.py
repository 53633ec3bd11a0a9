"""Who sends what where? AsyncAPI 3.0 of the topic table: channels, messages, operations.

Written and checked by ``python -m schemas.generate``. Payloads are the files in schemas/json.
"""

from collections.abc import Mapping
from inspect import cleandoc
from typing import Any

from schemas.event import Topic
from schemas.topics import EVENTS, TOPICS

Part = dict[str, Any]

BINDING = "0.5.0"
DAY_MS = 86_400_000
HEADERS = {
    "ce_specversion": "1.0",
    "ce_id": "The event's id, derived and never random.",
    "ce_type": "The event's type; skip and count what you do not know.",
    "ce_source": "/otklik/ and the service that sent it.",
    "ce_time": "Event time in UTC.",
    "ce_subject": "The record's key.",
    "ce_dataschema": "otklik:schemas/ and the type.",
    "content-type": "application/json",
    "otklik_brand": "The brand; empty where an event belongs to none.",
}
"""CloudEvents 1.0 in Kafka's binary mode, as ``schemas.event.cloud_headers`` writes them."""

PARTITIONS = (
    "One conversation is one partition number on every topic: a record goes to the number of the "
    "record that caused it. The count is fixed at creation, 12 unless the installation says "
    "otherwise."
)
OTHERS = {
    "payload as received, secrets stripped": (
        "payload-as-received",
        "What a platform sent, byte for byte but for its secrets; any bytes.",
    ),
    "the original record": (
        "original-record",
        "A record that was kept aside, with its own bytes, key and headers.",
    ),
}
"""What travels and is no event of ours: its name in the document and what it is."""


def document() -> Part:
    """The whole document, ready for JSON."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Otklik",
            "version": "1.0.0",
            "description": "Events of a customer-care pipeline. Only additive changes: a new field "
            "is optional, vocabularies are open, anything else is a new type and topic version.",
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": dict(_operation(*who) for topic in TOPICS for who in _parties(topic)),
        "components": {
            "messages": {
                **{name: _event(name) for name in EVENTS},
                **{name: _other(name, what) for name, what in OTHERS.values()},
            },
            "messageTraits": {"cloudEvents": {"headers": _headers()}},
        },
    }


def message_name(event: str) -> str:
    """The name of a message in the document: the event type, or that of what is no event."""
    return OTHERS[event][0] if event in OTHERS else event


def _channel(topic: Topic) -> Part:
    names = [message_name(event) for event in topic.events]
    return {
        "address": f"{{prefix}}.{topic.name}",
        "title": topic.name,
        "description": f"Key: {topic.key}. Kept {topic.kept_days} days. {PARTITIONS}",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "parameters": {"prefix": {"default": "otklik", "description": "The installation."}},
        "bindings": {
            "kafka": {
                "topicConfiguration": {
                    "cleanup.policy": ["delete"],
                    "retention.ms": topic.kept_days * DAY_MS,
                },
                "bindingVersion": BINDING,
            }
        },
        **({"x-restricted": True} if topic.restricted else {}),
    }


def _parties(topic: Topic) -> list[tuple[str, str, Topic]]:
    return [(topic.written_by, "send", topic), *((who, "receive", topic) for who in topic.read_by)]


def _operation(who: str, action: str, topic: Topic) -> tuple[str, Part]:
    channel = f"#/channels/{topic.name}"
    names = [message_name(event) for event in topic.events]
    return f"{who.replace(' ', '-')}.{action}.{topic.name}", {
        "action": action,
        "channel": {"$ref": channel},
        "summary": f"{who} {'writes' if action == 'send' else 'reads'} {topic.name}",
        "tags": [{"name": who}],
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in names],
    }


def _event(name: str) -> Part:
    return {
        "name": name,
        "title": name,
        "summary": cleandoc(EVENTS[name].__doc__ or "").split("\n")[0],
        "contentType": "application/json",
        "traits": [{"$ref": "#/components/messageTraits/cloudEvents"}],
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"./json/{name}.json"},
        },
        "bindings": _keyed(name),
    }


def _other(name: str, what: str) -> Part:
    return {"name": name, "title": name, "summary": what, "bindings": _keyed(name)}


def _keyed(message: str) -> Part:
    """The key of a message is that of its topics; a tick is no conversation's."""
    keys = sorted({t.key for t in TOPICS if message in map(message_name, t.events)})
    what = "The word tick." if message == "PipelineTick" else " or ".join(keys)
    key = {"type": "string", "description": what}
    return {"kafka": {"key": key, "bindingVersion": BINDING}}


def _headers() -> Part:
    fixed: Mapping[str, Part] = {
        "ce_specversion": {"const": "1.0"},
        "content-type": {"const": "application/json"},
    }
    own = {
        name: {"type": "string", **fixed.get(name, {"description": what})}
        for name, what in HEADERS.items()
    }
    trace = {"type": "string", "description": "W3C trace of the cause; not on every record."}
    return {"type": "object", "properties": {**own, "traceparent": trace}, "required": [*HEADERS]}
