"""What classify is handed in these tests, and what it hands on."""

import msgspec
from prometheus_client import CollectorRegistry

from schemas.classified import ClassifiedPost
from schemas.event import Event, encode
from services.classify.domain.reply_review import Reviewer
from services.classify.handlers import Classifying, Consult
from services.classify.metrics import Metrics
from stream.flow import Batch, Message, Outgoing, Received
from tests.unit.classify.judging import JUDGE, MINDS, WHYS

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def handler(
    registry: CollectorRegistry | None = None, consult: Consult | None = None
) -> Classifying:
    """A handler over the shipped lexicons."""
    return Classifying(
        judge=JUDGE,
        reviewer=Reviewer(MINDS.eye),
        whys=WHYS,
        metrics=Metrics(registry or CollectorRegistry()),
        consult=consult,
    )


def batch(*events: Event) -> Batch:
    """A batch of partition 5."""
    messages = tuple(
        Message(
            event=event,
            received=Received(
                topic="posts.v1",
                partition=5,
                offset=offset,
                timestamp_ms=0,
                key=b"severbank:wall-1",
                value=encode(event),
                headers=(("traceparent", TRACE.encode()),),
            ),
        )
        for offset, event in enumerate(events)
    )
    return Batch(topic="posts.v1", partition=5, messages=messages)


def event_of(output: Outgoing) -> ClassifiedPost:
    """The event as a reader decodes it."""
    return msgspec.json.decode(output.value, type=ClassifiedPost)
