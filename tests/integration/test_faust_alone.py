"""Does Faust leave the rest alone? No topic, no port, no directory, nothing on standard output.

The inputs that break the easy version: an app that may create topics, the leader's own topic, a
web server that is on by default.
"""

from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from stream.process import Direct
from stream.publisher import KafkaPublisher
from stream.topic_admin import Cluster
from tests.echo import AGAIN, LETTERS, READ, WRITTEN, noted
from tests.integration.faust_member import on_faust
from tests.integration.test_promises_kafka import KafkaPumping, publish

__all__ = ["on_faust", "publish"]


async def test_no_topic_is_created(cluster: Cluster, publish: KafkaPublisher) -> None:
    pumping = KafkaPumping(cluster, publish, Direct(publish))
    await pumping.put([noted(1)])

    await pumping.run()

    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    await admin.start()
    found = await admin.list_topics()
    await admin.close()
    ours = {name for name in found if name.startswith(cluster.prefix)}
    assert ours == {topic.under(cluster.prefix) for topic in (READ, AGAIN, WRITTEN, LETTERS)}


async def test_no_port_is_opened_and_no_directory_made(
    cluster: Cluster,
    publish: KafkaPublisher,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    before, during = listening(), list[set[str]]()
    pumping = KafkaPumping(cluster, publish, Direct(publish))
    pumping.meet(1, lambda: during.append(listening()))
    await pumping.put([noted(1)])

    await pumping.run()

    assert during == [before]
    assert holds_nothing(tmp_path)


def holds_nothing(folder: Path) -> bool:
    return not list(folder.iterdir())


def listening() -> set[str]:
    """The inodes of this process's sockets that listen on TCP."""
    own = {
        target.removeprefix("socket:[").removesuffix("]")
        for link in Path("/proc/self/fd").iterdir()
        if (target := _target(link)).startswith("socket:[")
    }
    lines = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/self/net/{table}").read_text().splitlines()[1:]
    ]
    return {fields[9] for fields in lines if fields[3] == "0A"} & own


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # the descriptor of the listing itself
        return ""
