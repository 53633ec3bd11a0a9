"""Does the launcher give a real Kafka, and leave nothing behind?"""

import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.kafka import CACHE, Broker, LaunchError, start
from deploy.local.process import exists

TOPIC = "local.round-trip"
REPOSITORY = Path(__file__).parents[2]
PAUSED_BROKER = """
import sys, pathlib
from deploy.local.kafka import start
broker = start(*map(pathlib.Path, sys.argv[1:]))
broker.pause()
print(broker.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    started = start(CACHE, tmp_path_factory.mktemp("kafka"), print)
    yield started
    started.stop()


async def test_a_record_makes_the_round_trip(broker: Broker) -> None:
    async with _admin(broker) as admin:
        answer = await admin.create_topics([NewTopic(TOPIC, 1, 1)])
    assert [error[1] for error in answer.topic_errors] == [0]

    async with AIOKafkaProducer(
        bootstrap_servers=broker.bootstrap, enable_idempotence=True
    ) as producer:
        await producer.send_and_wait(TOPIC, b"value", key=b"key", timestamp_ms=1)

    async with AIOKafkaConsumer(
        TOPIC, bootstrap_servers=broker.bootstrap, group_id="g", auto_offset_reset="earliest"
    ) as consumer:
        record = await consumer.getone()

    assert (record.key, record.value) == (b"key", b"value")
    assert record.timestamp > 1, "the broker stamps records itself (LogAppendTime)"


async def test_topics_are_not_made_by_asking_for_them(broker: Broker) -> None:
    async with _admin(broker) as admin:
        await admin.describe_topics(["never.created"])

        assert "never.created" not in await admin.list_topics()


def test_a_folder_in_use_is_refused(broker: Broker) -> None:
    with pytest.raises(LaunchError, match="another broker is running"):
        start(CACHE, broker.folder)


def test_a_stopped_broker_leaves_no_process_and_its_folder_can_be_used_again(
    tmp_path: Path,
) -> None:
    first = start(CACHE, tmp_path)
    first.pause()
    first.stop()
    first.stop()
    assert not exists(first.pid)

    second = start(CACHE, tmp_path)
    second.stop()
    assert not exists(second.pid)


def test_the_broker_dies_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PAUSED_BROKER, str(CACHE), str(tmp_path)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert exists(pid)
        assert os.getsid(pid) != os.getsid(parent.pid), "the terminal's Ctrl-C must not reach it"

        parent.kill()
        parent.wait()

    assert _ends(pid)


def _ends(pid: int) -> bool:
    deadline = time.monotonic() + 15
    while exists(pid) and time.monotonic() < deadline:
        os.sched_yield()
    return not exists(pid)


@asynccontextmanager
async def _admin(broker: Broker) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()
