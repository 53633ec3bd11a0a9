"""Are the topics there, with the right count and retention? Created from rows, never on the fly."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from schemas.event import Topic
from stream.broker import Broker, broker_of
from stream.settings import StreamSettings

_ALREADY_EXISTS = 36
_DAY_MS = 86_400_000
_ABSENT = "no topic"
APPEAR_TRIES = 100
APPEAR_SECONDS = 0.1


class Cluster(Broker, frozen=True, kw_only=True):
    """Where an installation's topics live; the partition count is fixed at creation (design 2)."""

    prefix: str
    partitions: int
    replication: int = 1


def cluster_of(settings: StreamSettings, replication: int = 1) -> Cluster:
    """The installation that a process belongs to; raises ``BadSettings``."""
    reached = broker_of(settings)
    return Cluster(
        bootstrap=reached.bootstrap,
        security=reached.security,
        prefix=settings.topic_prefix,
        partitions=settings.partitions,
        replication=replication,
    )


class TopicsDiffer(Exception):  # noqa: N818 - says what was found
    """A topic is missing or has another partition count than this installation expects."""


@asynccontextmanager
async def asking(broker: Broker) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client that asks and creates, while it is held."""
    admin = AIOKafkaAdminClient(**broker.arguments())
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def create(cluster: Cluster, topics: Sequence[Topic]) -> None:
    """Create what is missing, then check; raises ``TopicsDiffer`` with every difference."""
    async with asking(cluster) as admin:
        answer = await admin.create_topics(
            [
                NewTopic(
                    topic.under(cluster.prefix),
                    num_partitions=cluster.partitions,
                    replication_factor=cluster.replication,
                    topic_configs=configs(topic),
                )
                for topic in topics
            ]
        )
    refused = [f"{name}: {why}" for name, code, why in answer.topic_errors if _failed(code)]
    if refused:
        raise TopicsDiffer("the broker refused " + "; ".join(refused))
    await _appeared(cluster, topics)


async def check(cluster: Cluster, topics: Sequence[Topic]) -> None:
    """Compare the broker with the table; raises ``TopicsDiffer`` with every difference."""
    wrong = await _differences(cluster, topics)
    if wrong:
        raise TopicsDiffer("; ".join(wrong))


async def described(cluster: Cluster, topics: Sequence[Topic]) -> list[dict[str, Any]]:
    """What the broker says of each topic: its name, error code and partitions."""
    async with asking(cluster) as admin:
        found: list[dict[str, Any]] = await admin.describe_topics(
            [topic.under(cluster.prefix) for topic in topics]
        )
    return found


async def _appeared(cluster: Cluster, topics: Sequence[Topic]) -> None:
    """A topic is usable a moment after its creation was acknowledged."""
    for _ in range(APPEAR_TRIES):
        wrong = await _differences(cluster, topics)
        if not any(line.endswith(_ABSENT) for line in wrong):
            break
        await asyncio.sleep(APPEAR_SECONDS)
    if wrong:
        raise TopicsDiffer("; ".join(wrong))


async def _differences(cluster: Cluster, topics: Sequence[Topic]) -> list[str]:
    found = await described(cluster, topics)
    return [
        f"{topic['topic']}: expected {cluster.partitions} partitions, got "
        + (str(len(topic["partitions"])) if topic["error_code"] == 0 else _ABSENT)
        for topic in found
        if topic["error_code"] != 0 or len(topic["partitions"]) != cluster.partitions
    ]


def configs(topic: Topic) -> dict[str, str]:
    """A topic's settings on the broker: how long it is kept, and by whose clock."""
    return {
        "retention.ms": str(topic.kept_days * _DAY_MS),
        "cleanup.policy": "delete",
        "message.timestamp.type": "LogAppendTime",
    }


def _failed(code: int) -> bool:
    return code not in {0, _ALREADY_EXISTS}
