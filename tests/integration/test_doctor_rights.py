"""The doctor names each right that a service lacks, on a real Kafka with an authorizer.

The inputs that break the easy version: a topic that looks absent because it may not be described; a
group that may be looked at and not joined; a user that may do all it needs and no more.
"""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.admin import CreateAclsRequest, DescribeAclsRequest
from sqlalchemy import MetaData, insert

from schemas.topics import CLASSIFIED, POSTS, TOPICS, dead_letters, retry
from services.ingest.checkup import examined
from services.ingest.settings import read
from stream.__main__ import main
from stream.clock import parse_clock
from stream.database import create_tables, open_engine
from stream.dead_letters import Shelf
from stream.doctor import examine
from stream.doctor_findings import Finding, Ward
from stream.doctor_rights import missing
from stream.doctor_store import examine_store
from stream.lag import ends_of
from stream.outbox import LedgerTables
from stream.rights import Rights
from stream.topic_admin import Cluster, create
from tests.faults.servers import Broker

READ, WRITE, DESCRIBE = 3, 4, 8
TOPIC, GROUP, LITERAL, ALLOW = 2, 3, 3, 3
MINE, NOBODY = "User:ANONYMOUS", "User:nobody"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Kafka that refuses what was not granted, once anything was granted to anybody."""
    broker = Broker(tmp_path_factory.mktemp("kafka"))
    yield broker.bootstrap
    broker.kill()


@pytest.fixture
async def strict(guarded: str, cluster: Cluster) -> Cluster:
    """All topics on that broker, and no rights granted yet: everybody may do all."""
    found = Cluster(bootstrap=guarded, prefix=cluster.prefix, partitions=cluster.partitions)
    await create(found, TOPICS)
    return found


async def only(cluster: Cluster, kind: int, name: str, right: int, who: str = MINE) -> None:
    """Grant one right to one user; all other rights on that name are refused from now on."""
    client = AIOKafkaClient(bootstrap_servers=cluster.bootstrap)
    await client.bootstrap()
    try:
        rule = (kind, f"{cluster.prefix}.{name}", LITERAL, who, "*", right, ALLOW)
        answer = await client.send(client.get_random_node(), CreateAclsRequest(*rule))
        assert answer.creation_responses[0][0] == 0, answer
        async with asyncio.timeout(20):  # it is in force a moment after it was acknowledged
            while not (
                await client.send(client.get_random_node(), DescribeAclsRequest(*rule))
            ).resources:
                pass
    finally:
        await client.close()


def ward(cluster: Cluster) -> Ward:
    letters, again = dead_letters("classify"), retry("classify")
    return Ward(
        cluster=cluster,
        topics=TOPICS,
        shelves=(Shelf(service="classify", letters=letters, retry=again),),
        reads={"classify": (POSTS, again)},
        writes={"classify": (CLASSIFIED, letters)},
        watch_seconds=0,
    )


async def found(cluster: Cluster) -> Sequence[Finding]:
    return [one async for one in examine(ward(cluster))]


async def refused(cluster: Cluster) -> list[str]:
    """What is ill, but for the group that has no member in these tests."""
    return [str(one) for one in await found(cluster) if not one.well and "member" not in one.what]


def grant(cluster: Cluster, right: str, kind: str, name: str) -> str:
    return (
        f"kafka-acls --bootstrap-server {cluster.bootstrap} --add --allow-principal User:NAME "
        f"--operation {right} --{kind} {cluster.prefix}.{name}; a Deny goes before it"
    )


async def test_without_an_authorizer_everything_is_allowed(cluster: Cluster) -> None:
    await create(cluster, TOPICS)

    lines = [str(one) for one in await found(cluster)]

    assert "ok   classify: may read 2 topics, write 2 and join its group" in lines
    assert await refused(cluster) == []


async def test_exactly_what_a_service_needs_is_enough(strict: Cluster) -> None:
    for topic in ward(strict).reads["classify"]:
        await only(strict, TOPIC, topic.name, READ)
    for topic in ward(strict).writes["classify"]:
        await only(strict, TOPIC, topic.name, WRITE)
    await only(strict, GROUP, "classify", READ)

    lines = [str(one) for one in await found(strict)]

    assert "ok   classify: may read 2 topics, write 2 and join its group" in lines
    assert await refused(strict) == []


async def test_a_missing_right_to_read_is_named_with_its_grant(strict: Cluster) -> None:
    await only(strict, TOPIC, POSTS.name, WRITE)

    assert await refused(strict) == [
        f"bad  classify: may not read {strict.prefix}.posts.v1 -> "
        + grant(strict, "Read", "topic", POSTS.name)
    ]


async def test_a_missing_right_to_write_is_named_with_its_grant(strict: Cluster) -> None:
    await only(strict, TOPIC, CLASSIFIED.name, READ)

    assert await refused(strict) == [
        f"bad  classify: may not write {strict.prefix}.classified.v1 -> "
        + grant(strict, "Write", "topic", CLASSIFIED.name)
    ]


@pytest.mark.parametrize(("right", "who"), [(DESCRIBE, MINE), (READ, NOBODY)])
async def test_a_group_that_may_not_be_joined_is_named_with_its_grant(
    strict: Cluster, right: int, who: str
) -> None:
    await only(strict, GROUP, "classify", right, who)

    assert await refused(strict) == [
        f"bad  classify: may not join {strict.prefix}.classify -> "
        + grant(strict, "Read", "group", "classify")
    ]


async def test_a_topic_that_may_not_be_described_is_not_called_absent(strict: Cluster) -> None:
    await only(strict, TOPIC, POSTS.name, READ, NOBODY)

    assert await refused(strict) == [
        f"bad  classify: may not read {strict.prefix}.posts.v1, nor see whether it is there -> "
        + grant(strict, "Read", "topic", POSTS.name)
    ]


async def test_a_hidden_topic_that_no_service_here_needs_is_named_once(strict: Cluster) -> None:
    await only(strict, TOPIC, "tickets.v1", READ, NOBODY)

    assert await refused(strict) == [
        f"bad  may not describe {strict.prefix}.tickets.v1, nor see whether it is there -> "
        + grant(strict, "Describe", "topic", "tickets.v1")
    ]


async def test_an_absent_topic_is_a_matter_of_creation_not_of_rights(cluster: Cluster) -> None:
    await create(cluster, [topic for topic in TOPICS if topic is not POSTS])

    (line,) = await refused(cluster)

    assert "expected 3 partitions, got no topic -> python -m stream topics create" in line


async def test_what_only_operators_may_read_is_not_looked_at_and_no_ill(strict: Cluster) -> None:
    await only(strict, TOPIC, dead_letters("classify").name, WRITE)

    lines = [one.what for one in await found(strict) if one.well and "not looked at" in one.what]

    assert lines == [
        f"{len(TOPICS)} topics, 3 partitions each; the stamps of 1 were not looked at",
        "classify: its dead letters were not looked at, this user may not read them",
    ]
    assert await refused(strict) == []


async def test_a_position_in_a_topic_that_may_not_be_described_is_not_called_beyond_its_end(
    strict: Cluster, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    engine, metadata = open_engine(url), MetaData()
    consumed = LedgerTables(metadata, "classify").consumed
    await create_tables(engine, metadata)
    async with engine.begin() as connection:
        row = {"topic": POSTS.name, "partition": 0, "next_offset": 17}
        await connection.execute(insert(consumed), [row])
    await engine.dispose()

    async def ills() -> list[str]:
        store = examine_store(ward(strict), url, parse_clock(""))
        return [one.what async for one in store if not one.well]

    seen = await ills()
    await only(strict, TOPIC, POSTS.name, READ, NOBODY)

    assert any("consumed posts.v1 partition 0 to 17" in line for line in seen)
    assert await ills() == []


async def test_looking_writes_no_record_and_joins_no_group(strict: Cluster) -> None:
    first = await found(strict)
    second = await found(strict)

    assert not any((await ends_of(strict, TOPICS)).values())
    assert first == second
    assert any("its group has no member" in one.what for one in second)


def test_a_broker_that_tells_no_rights_is_no_ill() -> None:
    here = Cluster(bootstrap="b:1", prefix="p", partitions=3)

    (one,) = missing(ward(here), Rights(told=False))

    assert one.well
    assert "tells no rights" in one.what


async def test_ingests_doctor_names_what_ingest_may_not_write(
    strict: Cluster, tmp_path: Path
) -> None:
    await only(strict, TOPIC, POSTS.name, READ)
    (tmp_path / "brands.yaml").write_text("brands: {}\n", encoding="utf-8")
    settings = read(
        {
            "BRANDS": str(tmp_path / "brands.yaml"),
            "DATABASE_URL": f"sqlite:///{tmp_path / 'no.db'}",
            "KAFKA_BOOTSTRAP_SERVERS": strict.bootstrap,
            "TOPIC_PREFIX": strict.prefix,
            "PARTITIONS": str(strict.partitions),
        }
    )

    lines = [str(one) async for one in examined(settings, {})]

    wanted = grant(strict, "Write", "topic", POSTS.name)
    assert f"bad  ingest: may not write {strict.prefix}.posts.v1 -> {wanted}" in lines


async def test_the_command_asks_for_one_service_alone(
    guarded: str,
    strict: Cluster,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await only(strict, TOPIC, POSTS.name, READ)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", guarded)
    monkeypatch.setenv("TOPIC_PREFIX", strict.prefix)
    monkeypatch.setenv("PARTITIONS", str(strict.partitions))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    doctor = ["doctor", "--watch", "0"]

    def printed(*more: str) -> str:
        main([*doctor, *more])
        return capsys.readouterr().out

    apart = await asyncio.to_thread(printed, "--service", "classify")
    whole = await asyncio.to_thread(printed)

    assert "ok   classify: may read 2 topics, write 2 and join its group" in apart
    assert "ingest" not in apart
    assert "bad  ingest: may not write" in whole
