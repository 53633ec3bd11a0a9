"""A changed policy is rehearsed on recorded decisions: from an export, or from their own topic."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from aiokafka.errors import KafkaError

from schemas.decisions import Decision
from schemas.topics import DECISIONS
from services.route.domain.export import events_in
from services.route.settings import Settings
from stream.reading import read_all
from stream.topic_admin import Cluster


class Unreachable(Exception):  # noqa: N818 - says what is wrong
    """The topic cannot be read; the message names the brokers."""


def exported(lines: Iterable[bytes], since: datetime | None) -> Iterator[Decision]:
    """The decisions among exported events, in their order."""
    decisions = events_in(lines, (Decision,))
    return (one for one in decisions if since is None or one.occurred_at >= since)


def kept(settings: Settings, since: datetime) -> Sequence[Decision]:
    """What decisions.v1 holds now, in the order of event time; raises ``Unreachable``."""
    cluster = Cluster(
        bootstrap=settings.kafka_bootstrap_servers,
        prefix=settings.topic_prefix,
        partitions=settings.partitions,
    )
    try:
        records = asyncio.run(read_all(cluster, DECISIONS))
    except KafkaError as error:
        brokers = settings.kafka_bootstrap_servers
        raise Unreachable(
            f"expected {DECISIONS.under(cluster.prefix)} at {brokers}: {error}"
        ) from error
    found = exported((record.value or b"" for record in records), since)
    return sorted(found, key=lambda one: (one.occurred_at, one.brand, one.post_id, one.revision))
