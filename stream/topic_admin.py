"""Are the topics there, with the right count and retention? Created from rows, never on the fly."""

from collections.abc import Sequence

import msgspec
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from schemas.event import Topic

_ALREADY_EXISTS = 36
_DAY_MS = 86_400_000


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """Where an installation's topics live; the partition count is fixed at creation (design 2)."""

    bootstrap: str
    prefix: str
    partitions: int
    replication: int = 1


class TopicsDiffer(Exception):  # noqa: N818 - says what was found
    """A topic is missing or has another partition count than this installation expects."""


async def create(cluster: Cluster, topics: Sequence[Topic]) -> None:
    """Create what is missing, then check; raises ``TopicsDiffer`` with every difference."""
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    await admin.start()
    try:
        answer = await admin.create_topics(
            [
                NewTopic(
                    topic.under(cluster.prefix),
                    num_partitions=cluster.partitions,
                    replication_factor=cluster.replication,
                    topic_configs=_configs(topic),
                )
                for topic in topics
            ]
        )
    finally:
        await admin.close()
    refused = [f"{name}: {why}" for name, code, why in answer.topic_errors if _failed(code)]
    if refused:
        raise TopicsDiffer("the broker refused " + "; ".join(refused))
    await check(cluster, topics)


async def check(cluster: Cluster, topics: Sequence[Topic]) -> None:
    """Compare the broker with the table; raises ``TopicsDiffer`` with every difference."""
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    await admin.start()
    try:
        found = await admin.describe_topics([topic.under(cluster.prefix) for topic in topics])
    finally:
        await admin.close()
    wrong = [
        f"{topic['topic']}: expected {cluster.partitions} partitions, got "
        + (str(len(topic["partitions"])) if topic["error_code"] == 0 else "no topic")
        for topic in found
        if topic["error_code"] != 0 or len(topic["partitions"]) != cluster.partitions
    ]
    if wrong:
        raise TopicsDiffer("; ".join(wrong))


def _configs(topic: Topic) -> dict[str, str]:
    return {
        "retention.ms": str(topic.kept_days * _DAY_MS),
        "cleanup.policy": "delete",
        "message.timestamp.type": "LogAppendTime",
    }


def _failed(code: int) -> bool:
    return code not in {0, _ALREADY_EXISTS}
