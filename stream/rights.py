"""What may this user do with topics and groups? As the broker tells it (KIP-430), nothing is tried.

A broker tells a user's own rights to whoever may describe the topic or group; listing ACLs would
need rights on the cluster that no service has, and trying would write records and join groups.
aiokafka 0.14 does not know these versions of its requests, so they are written out here.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum

import msgspec
from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
    TopicAuthorizationFailedError,
)
from aiokafka.protocol.admin import DescribeGroupsRequest_v3, DescribeGroupsResponse_v3
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int16, Int32, Schema, String

from stream.broker import Broker

TRIES, PAUSE_SECONDS = 50, 0.1
"""A broker that never had a group makes the topic of its offsets at the first question."""

_UNTOLD = -(2**31)
_LATER = frozenset(
    one.errno
    for one in (
        GroupCoordinatorNotAvailableError,
        GroupLoadInProgressError,
        NotCoordinatorForGroupError,
    )
)


class Right(IntEnum):
    """What may be done, by Kafka's own number of the operation."""

    read = 3
    write = 4
    describe = 8


Known = frozenset[Right] | None
"""The rights on one topic or group; None where the broker does not tell, as of an absent topic."""


class Rights(msgspec.Struct, frozen=True, kw_only=True):
    """What this user may do with topics and groups, by their names on the broker."""

    topics: Mapping[str, Known] = {}
    groups: Mapping[str, Known] = {}
    told: bool = True
    """False of a broker that knows none of these requests: Kafka does from 2.3 on."""

    def may(self, right: Right, topic: str) -> bool:
        """False only where the broker said no."""
        return _may(right, self.topics.get(topic))

    def may_join(self, group: str) -> bool:
        """False only where the broker said no."""
        return _may(Right.read, self.groups.get(group))

    def may_look(self, group: str) -> bool:
        """Whether members and positions of a group can be asked for."""
        return _may(Right.describe, self.groups.get(group))


async def ask_rights(broker: Broker, topics: Sequence[str], groups: Iterable[str]) -> Rights:
    """The rights of whoever asks."""
    client = AIOKafkaClient(**broker.arguments())
    await client.bootstrap()
    try:
        return Rights(
            topics=await _on_topics(client, topics),
            groups={group: await _on_group(client, group) for group in groups},
        )
    except NotImplementedError:  # aiokafka's word for no version in common
        return Rights(told=False)
    finally:
        await client.close()


async def _on_topics(client: AIOKafkaClient, names: Sequence[str]) -> Mapping[str, Known]:
    answer = await client.send(client.get_random_node(), _Topics(names))
    refusal = TopicAuthorizationFailedError.errno
    return {
        name: frozenset() if code == refusal else _rights(bits)
        for code, name, _, _, bits in answer.topics
    }


async def _on_group(client: AIOKafkaClient, group: str) -> Known:
    for _ in range(TRIES):
        try:
            node = await client.coordinator_lookup(CoordinationType.GROUP, group)
            ((code, *_, bits),) = (await client.send(node, _Group(group))).groups
        except GroupAuthorizationFailedError:
            return frozenset()
        except GroupCoordinatorNotAvailableError:
            code = GroupCoordinatorNotAvailableError.errno
        if code == GroupAuthorizationFailedError.errno:
            return frozenset()
        if code not in _LATER:
            return _rights(bits)
        await asyncio.sleep(PAUSE_SECONDS)
    return None


def _rights(bits: int) -> Known:
    return None if bits == _UNTOLD else frozenset(r for r in Right if bits >> r & 1)


def _may(right: Right, known: Known) -> bool:
    return known is None or right in known


_PARTITION = (
    ("error_code", Int16),
    ("partition", Int32),
    ("leader", Int32),
    ("leader_epoch", Int32),
    ("replicas", Array(Int32)),
    ("isr", Array(Int32)),
    ("offline_replicas", Array(Int32)),
)
_TOPIC = (
    ("error_code", Int16),
    ("topic", String("utf-8")),
    ("is_internal", Boolean),
    ("partitions", Array(*_PARTITION)),
    ("authorized_operations", Int32),
)
_BROKER = (
    ("node_id", Int32),
    ("host", String("utf-8")),
    ("port", Int32),
    ("rack", String("utf-8")),
)


class _TopicsAnswer(Response):  # type: ignore[misc]  # aiokafka ships no types
    API_KEY = 3
    API_VERSION = 8
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", Array(*_BROKER)),
        ("cluster_id", String("utf-8")),
        ("controller_id", Int32),
        ("topics", Array(*_TOPIC)),
        ("cluster_authorized_operations", Int32),
    )


class _TopicsAsked(RequestStruct):  # type: ignore[misc]  # aiokafka ships no types
    API_KEY = 3
    API_VERSION = 8
    RESPONSE_TYPE = _TopicsAnswer
    SCHEMA = Schema(
        ("topics", Array(String("utf-8"))),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
    )


class _Topics(Request[_TopicsAsked]):  # type: ignore[misc]  # aiokafka ships no types
    API_KEY = 3

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def build(self, request_struct_class: type[_TopicsAsked]) -> _TopicsAsked:
        return request_struct_class(self._names, False, False, True)  # noqa: FBT003 - by position


class _GroupAsked(DescribeGroupsRequest_v3):  # type: ignore[misc]  # aiokafka ships no types
    RESPONSE_TYPE = DescribeGroupsResponse_v3  # aiokafka 0.14 reads the answer as of v2


class _Group(Request[_GroupAsked]):  # type: ignore[misc]  # aiokafka ships no types
    API_KEY = 15

    def __init__(self, name: str) -> None:
        self._name = name

    def build(self, request_struct_class: type[_GroupAsked]) -> _GroupAsked:
        return request_struct_class([self._name], True)  # noqa: FBT003 - by position
