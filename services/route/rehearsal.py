"""What was recorded is played or joined anew: from an export, or from the topics themselves."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from aiokafka.errors import KafkaError

from schemas.decisions import Decision
from schemas.event import Event, Topic
from schemas.topics import CLASSIFIED, DECISIONS, ERASURES
from services.route.domain import labels
from services.route.domain.export import events_in
from services.route.settings import Settings
from stream.reading import read_all
from stream.topic_admin import cluster_of


class Unreachable(Exception):  # noqa: N818 - says what is wrong
    """The topic cannot be read; the message names the brokers."""


def exported(lines: Iterable[bytes], since: datetime | None) -> Iterator[Decision]:
    """The decisions among exported events, in their order."""
    decisions = events_in(lines, (Decision,))
    return (one for one in decisions if since is None or one.occurred_at >= since)


def kept(settings: Settings, since: datetime) -> Sequence[Decision]:
    """What decisions.v1 holds now, in the order of event time; raises ``Unreachable``."""
    found = exported(_lines_of(settings, DECISIONS), since)
    return sorted(found, key=lambda one: (one.occurred_at, one.brand, one.post_id, one.revision))


def said(settings: Settings) -> Iterator[Event]:
    """The posts that classified.v1 holds now, and whose may not be used; ``Unreachable``."""
    for topic in (CLASSIFIED, ERASURES):
        yield from events_in(_lines_of(settings, topic), labels.KINDS)


def _lines_of(settings: Settings, topic: Topic) -> Sequence[bytes]:
    cluster = cluster_of(settings)
    try:
        records = asyncio.run(read_all(cluster, topic))
    except KafkaError as error:
        brokers = settings.kafka_bootstrap_servers
        raise Unreachable(
            f"expected {topic.under(cluster.prefix)} at {brokers}: {error}"
        ) from error
    return [record.value or b"" for record in records]
