"""How do tests run services as processes, and look at them from outside?"""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError
from prometheus_client import CollectorRegistry

from deploy.local.process import Child, LaunchError, Lifetime, spawn, tail
from schemas.event import Event, Topic
from stream.flow import Outgoing, Received
from stream.lag import committed as stands
from stream.ledger import DRAIN
from stream.metrics import StreamMetrics
from stream.publisher import KafkaPublisher
from stream.topic_admin import Cluster
from tests.builders import a_record

ROOT = Path(__file__).parents[1]
PATIENCE = 90.0
"""Seconds for what a process does by itself, on a machine that others use too."""

CHANNELS = '{"fraud-alerts": "log:", "care-alerts": "log:", "lead-alerts": "log:"}'


def start(name: str, cluster: Cluster, folder: Path, **settings: str) -> Child:
    """A service as its own process; its log is ``NAME.log`` in the folder."""
    log = folder / f"{name}.log"
    return start_module(f"services.{name}", "serve", cluster, log, **settings)


def start_module(
    module: str, arguments: str, cluster: Cluster, log: Path, **settings: str
) -> Child:
    """A module as its own process on that cluster, with these arguments and settings."""
    return start_from(ROOT, module, arguments, cluster, log, **settings)


def start_from(
    root: Path, module: str, arguments: str, cluster: Cluster, log: Path, /, **settings: str
) -> Child:
    """The same of another checkout."""
    command = [sys.executable, "-m", module, *arguments.split()]
    environment = environment_of(cluster, **settings)
    return spawn(command, log, Lifetime.TIED, cwd=root, environment=environment)


def environment_of(cluster: Cluster, **settings: str) -> dict[str, str]:
    """What a process on that cluster finds in its environment."""
    return {
        **os.environ,  # noqa: TID251 - a process inherits its environment
        "KAFKA_BOOTSTRAP_SERVERS": cluster.bootstrap,
        "TOPIC_PREFIX": cluster.prefix,
        "PARTITIONS": str(cluster.partitions),
        "CHANNELS": CHANNELS,
        "CANARY_SECONDS": "0",
        **settings,
    }


async def until_ready(child: Child, url: str, log: Path, path: str = "readyz") -> None:
    """Wait until a process has its partitions, or ``livez``; one that ends itself is a failure."""
    transport = httpx.AsyncHTTPTransport(retries=3)  # httpx backs off between them
    async with httpx.AsyncClient(transport=transport) as client, asyncio.timeout(PATIENCE):
        while not await _says_ready(client, f"{url}/{path}"):
            if not child.is_running():
                raise LaunchError(f"{log.stem} ended by itself:\n{tail(log)}")


async def _says_ready(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx.TransportError:
        return False


async def write(cluster: Cluster, events: Sequence[Event], topic: Topic) -> None:
    """Put events where the service before would have put them."""
    records = [
        a_record(event, topic=topic.name, partition=number % cluster.partitions)
        for number, event in enumerate(events)
    ]
    await write_records(cluster, records)


async def write_records(cluster: Cluster, records: Sequence[Outgoing]) -> None:
    """Put records on the broker; returns once all are acked."""
    metrics = StreamMetrics(CollectorRegistry(), "test", "test")
    async with KafkaPublisher(cluster, cluster.prefix, metrics) as publish:
        for start in range(0, len(records), DRAIN):
            await publish(records[start : start + DRAIN])


def by_id(records: Sequence[Received]) -> dict[str, set[bytes]]:
    """What came out under each event id; a repeated event must be the same bytes."""
    found: dict[str, set[bytes]] = {}
    for record in records:
        headers = dict(record.headers)
        found.setdefault(headers["ce_id"].decode(), set()).add(record.value or b"")
    return found


async def committed(cluster: Cluster, group: str, topic: Topic) -> Mapping[int, int]:
    """What a group has committed, as the broker knows it; 0 where it never did."""
    found = await stands(cluster, group, topic)
    return {number: found.get(number, 0) for number in range(cluster.partitions)}


async def lag(cluster: Cluster, group: str, topic: Topic) -> int:
    """How many records of a topic a group has not committed, as the broker knows it."""
    consumer = AIOKafkaConsumer(bootstrap_servers=cluster.bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        ends = await consumer.end_offsets(_partitions(cluster, topic))
    finally:
        await consumer.stop()
    done = await committed(cluster, group, topic)
    return sum(end - done[tp.partition] for tp, end in ends.items())


async def group_size(cluster: Cluster, group: str) -> int | None:
    """How many members a group has; None while they still share out, or before there was any."""
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    await admin.start()
    try:
        (answer,) = await admin.describe_consumer_groups([f"{cluster.prefix}.{group}"])
    except GroupCoordinatorNotAvailableError:  # of a broker that has had no group yet
        return None
    finally:
        await admin.close()
    ((_, _, state, _, _, members, *_),) = answer.groups
    return len(members) if state in {"Stable", "Empty"} else None


def _partitions(cluster: Cluster, topic: Topic) -> list[TopicPartition]:
    name = topic.under(cluster.prefix)
    return [TopicPartition(name, number) for number in range(cluster.partitions)]
