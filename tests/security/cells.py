"""What may a user really do? Every cell of the matrix is tried, by a client as services use it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
)
from aiokafka.protocol.admin import DeleteRecordsRequest

from deploy.local.grants import NotGranted, Rule, grant
from stream.broker import Broker

REFUSED = frozenset(
    one.errno
    for one in (
        TopicAuthorizationFailedError,
        GroupAuthorizationFailedError,
        ClusterAuthorizationFailedError,
    )
)
REFUSALS = (
    TopicAuthorizationFailedError,
    GroupAuthorizationFailedError,
    ClusterAuthorizationFailedError,
    NotGranted,
)
PATIENCE = 30
"""Seconds for one cell: a refusal that never comes is a failure, not a refusal."""

ON_TOPICS = ("Read", "Write", "Describe", "DescribeConfigs", "Alter", "AlterConfigs", "Delete")
"""Delete is of records: a topic that is gone could not be tried by the next user."""

ON_GROUPS = ("Read", "Describe")
ON_CLUSTER = ("Create", "AlterConfigs", "Alter")


class User:
    """One user with the clients that it tries things by."""

    def __init__(self, broker: Broker) -> None:
        self.broker, arguments = broker, broker.arguments()
        self.admin, self.raw = AIOKafkaAdminClient(**arguments), AIOKafkaClient(**arguments)
        # an idempotent one is refused at its start to who may write nothing: no cell would be tried
        self.producer = AIOKafkaProducer(**arguments, acks="all")

    async def __aenter__(self) -> "User":
        """Connected: nobody who is known is refused that."""
        await self.admin.start()
        await self.raw.bootstrap()
        await self.producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.producer.stop()
        await self.raw.close()
        await self.admin.close()

    async def may_on_topic(self, operation: str, topic: str) -> bool:
        """Try it on a topic that is there and has a record."""
        attempts: Mapping[str, Callable[[str], Awaitable[object]]] = {
            "Read": self._read,
            "Write": lambda name: self.producer.send_and_wait(name, b"{}", partition=0),
            "Describe": self._describe,
            "DescribeConfigs": self._describe_configs,
            "Alter": self._more_partitions,
            "AlterConfigs": self._alter_configs,
            "Delete": self._delete_records,
        }
        return await _let(attempts[operation](topic))

    async def may_on_group(self, operation: str, group: str, readable: str) -> bool:
        """Try it on a group, where need be over a topic that this user can at least see."""
        if operation == "Read":
            return await _let(self._join(group, readable))
        return await _let(self._describe_group(group))

    async def may_on_cluster(self, operation: str, prefix: str) -> bool:
        """Create a topic, change the broker, grant rights."""
        attempts: Mapping[str, Callable[[str], Awaitable[object]]] = {
            "Create": self._create,
            "AlterConfigs": lambda _: self._configure(ConfigResourceType.BROKER, "1"),
            "Alter": lambda name: grant(self.broker, {Rule(2, f"{name}.more", 3, "User:me", 3)}),
        }
        return await _let(attempts[operation](prefix))

    async def _read(self, topic: str) -> None:
        consumer = AIOKafkaConsumer(
            topic, **self.broker.arguments(), auto_offset_reset="earliest", enable_auto_commit=False
        )
        try:
            await consumer.start()
            await consumer.getone()
        finally:
            await consumer.stop()

    async def _describe(self, topic: str) -> None:
        (found,) = await self.admin.describe_topics([topic])
        _checked(found["error_code"])

    async def _describe_configs(self, topic: str) -> None:
        asked = ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": ""})
        for answer in await self.admin.describe_configs([asked]):
            _checked(*(row[0] for row in answer.resources))

    async def _more_partitions(self, topic: str) -> None:
        wanted = {topic: NewPartitions(total_count=50)}
        answer = await self.admin.create_partitions(wanted, validate_only=True)
        _checked(*(row[1] for row in answer.topic_errors))

    async def _alter_configs(self, topic: str) -> None:
        await self._configure(ConfigResourceType.TOPIC, topic)

    async def _configure(self, kind: ConfigResourceType, name: str) -> None:
        value = {"retention.ms": "1"} if kind is ConfigResourceType.TOPIC else {}
        for answer in await self.admin.alter_configs([ConfigResource(kind, name, value)]):
            _checked(*(row[0] for row in answer.resources))

    async def _delete_records(self, topic: str) -> None:
        """None, in fact; the admin client does not even ask about what it cannot see."""
        nothing = DeleteRecordsRequest([(topic, [(0, 0)])], 1000)
        answer = await self.raw.send(self.raw.get_random_node(), nothing)
        _checked(*(row[2] for one in answer.topics for row in one[1]))

    async def _create(self, prefix: str) -> None:
        new = NewTopic(f"{prefix}.new", num_partitions=1, replication_factor=1)
        answer = await self.admin.create_topics([new], validate_only=True)
        _checked(*(row[1] for row in answer.topic_errors))

    async def _join(self, group: str, readable: str) -> None:
        """Join, read and commit, where the topic may be read; else joining alone is tried."""
        consumer = AIOKafkaConsumer(
            readable,
            **self.broker.arguments(),
            group_id=group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        try:
            await consumer.start()
            await consumer.getone()
            await consumer.commit()
        finally:
            await consumer.stop()

    async def _describe_group(self, group: str) -> None:
        for answer in await self.admin.describe_consumer_groups([group]):
            _checked(*(row[0] for row in answer.groups))


async def _let(attempt: Awaitable[object]) -> bool:
    """Whether it was done; what fails for another reason than a refusal is raised."""
    try:
        async with asyncio.timeout(PATIENCE):
            await attempt
    except REFUSALS:
        return False
    return True


def _checked(*codes: Any) -> None:
    for code in codes:
        if code in REFUSED:
            raise TopicAuthorizationFailedError
        assert code == 0, f"expected 0 or a refusal, got Kafka's error {code}"
