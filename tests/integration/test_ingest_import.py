"""A file is imported row by row: it yields to live posts, and says of each row what became of it.

The inputs that break the easy version: a pipeline that is behind, a bad row in the middle, the
same file once more.
"""

import asyncio
import os
import sys
from pathlib import Path

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.local.process import Child, Lifetime, spawn
from schemas.posts import SocialPost
from schemas.topics import POSTS, TOPICS
from services.ingest.importing import YIELD_RECORDS
from stream.reading import read_all
from stream.topic_admin import Cluster, create
from tests.builders import a_post
from tests.integration.ingest_process import settings_of
from tests.processes import ROOT, write

CSV = "id,author.id,text,posted_at\n" + "".join(
    f"{number},anna{number},{text},2026-03-02T12:00:00+03:00\n"
    for number, text in enumerate(("Где заказ?", "Къде е пратката?", "Where is my order?"))
)
BAD = "9,ivan,late,yesterday\n"


def importing(cluster: Cluster, folder: Path) -> Child:
    """An import of the file as a process; its log and results lie in the folder."""
    (folder / "posts.csv").write_text(CSV + BAD, encoding="utf-8")
    command = [sys.executable, "-m", "services.ingest", "import", str(folder / "posts.csv")]
    options = ["--account", "generic/bank", "--results", str(folder / "results.jsonl")]
    environment = {
        **os.environ,  # noqa: TID251 - a process inherits its environment
        **settings_of(folder),
        "KAFKA_BOOTSTRAP_SERVERS": cluster.bootstrap,
        "TOPIC_PREFIX": cluster.prefix,
        "PARTITIONS": str(cluster.partitions),
    }
    log = folder / "import.log"
    return spawn([*command, *options], log, Lifetime.TIED, cwd=ROOT, environment=environment)


async def commit_all(cluster: Cluster) -> None:
    """What classify would have done: it has read all there is."""
    topic = POSTS.under(cluster.prefix)
    partitions = [TopicPartition(topic, number) for number in range(cluster.partitions)]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=cluster.bootstrap, group_id=f"{cluster.prefix}.classify"
    )
    async with consumer:
        consumer.assign(partitions)
        await consumer.commit(await consumer.end_offsets(partitions))


async def ended(child: Child) -> int:
    """Its exit code."""
    code = await asyncio.to_thread(child.process.wait, 30)
    child.stop()
    return code


async def test_an_import_yields_to_live_posts_and_names_every_row(
    cluster: Cluster, tmp_path: Path
) -> None:
    await create(cluster, TOPICS)
    live = YIELD_RECORDS + 1
    await write(cluster, [a_post(f"live{number}") for number in range(live)], POSTS)

    child = importing(cluster, tmp_path)
    log = tmp_path / "import.log"
    while child.is_running() and "waits for classify" not in log.read_text(encoding="utf-8"):
        await asyncio.to_thread(os.sched_yield)
    before = len(await read_all(cluster, POSTS))
    await commit_all(cluster)
    code = await ended(child)

    posts = [
        msgspec.json.decode(record.value or b"", type=SocialPost)
        for record in await read_all(cluster, POSTS)
    ]
    imported = [post for post in posts if not post.id.startswith("live")]
    rows = [
        msgspec.json.decode(line) for line in (tmp_path / "results.jsonl").read_bytes().splitlines()
    ]
    assert (code, before) == (1, live), log.read_text(encoding="utf-8")
    assert {(post.id, post.backfill) for post in imported} == {(str(n), True) for n in range(3)}
    assert [(row["row"], row["outcome"]) for row in rows] == [
        (1, "accepted"),
        (2, "accepted"),
        (3, "accepted"),
        (4, "dead_lettered"),
    ]
    assert '"rows":4,"accepted":3' in log.read_text(encoding="utf-8")


async def test_the_same_file_again_gives_the_same_posts(cluster: Cluster, tmp_path: Path) -> None:
    await create(cluster, TOPICS)

    codes = [await ended(importing(cluster, tmp_path)) for _ in range(2)]

    ids = [
        msgspec.json.decode(record.value or b"", type=SocialPost).event_id
        for record in await read_all(cluster, POSTS)
    ]
    assert codes == [1, 1]
    assert (len(ids), len(set(ids))) == (6, 3)
