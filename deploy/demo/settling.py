"""When is everything done? When notify has read the tick that lies behind the day, everywhere."""

import asyncio
from datetime import datetime

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.demo.stack import Stack
from deploy.local.process import LaunchError
from schemas.event import PipelineTick, header
from schemas.topics import TICKETS


async def settled(stack: Stack, end: datetime) -> None:
    """Return once every partition's tick has passed ``end`` and notify has committed it."""
    offsets = await _ticks_behind(stack, end)
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.cluster.bootstrap)
    await admin.start()
    try:
        while True:
            done = await admin.list_consumer_group_offsets(f"{stack.cluster.prefix}.notify")
            if all(tp in done and done[tp].offset > offset for tp, offset in offsets.items()):
                return
            _alive(stack)
            await asyncio.sleep(0.1)
    finally:
        await admin.close()


async def _ticks_behind(stack: Stack, end: datetime) -> dict[TopicPartition, int]:
    cluster = stack.cluster
    name = TICKETS.under(cluster.prefix)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=cluster.bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        waiting = {TopicPartition(name, number) for number in range(cluster.partitions)}
        consumer.assign(list(waiting))
        found: dict[TopicPartition, int] = {}
        while waiting - found.keys():
            for tp, records in (await consumer.getmany(timeout_ms=500)).items():
                for record in records:
                    if _passes(record.headers, record.value, end):
                        found.setdefault(tp, record.offset)
            _alive(stack)
        return found
    finally:
        await consumer.stop()


def _passes(headers: tuple[tuple[str, bytes], ...], value: bytes, end: datetime) -> bool:
    if header(headers, "ce_type") != PipelineTick.__name__:
        return False
    return msgspec.json.decode(value, type=PipelineTick).received_before >= end


def _alive(stack: Stack) -> None:
    failed = stack.failed()
    if failed:
        raise LaunchError(failed)
