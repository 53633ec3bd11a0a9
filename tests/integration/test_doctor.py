"""The doctor tells a well installation from an ill one, on a real Kafka.

The inputs that break the easy version: a group that has no member yet and nothing to read; a group
with a member that never moves on; a database that has read further than its new broker reaches.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from sqlalchemy import MetaData, insert

from schemas.dead_letters import Reason
from schemas.topics import POSTS, TICKETS, TOPICS, dead_letters, retry
from services.ingest.__main__ import main as ingest
from services.ingest.store.tables import METADATA
from stream.__main__ import main
from stream.clock import Clock, parse_clock
from stream.database import create_tables, open_engine
from stream.dead_letters import Shelf
from stream.decode import Decode, letter_out
from stream.doctor import examine
from stream.doctor_findings import Finding, Ward
from stream.doctor_store import examine_store
from stream.flow import Outgoing, Received
from stream.outbox import LedgerTables
from stream.topic_admin import Cluster, create
from tests.builders import a_post
from tests.processes import write, write_records

LETTERS = dead_letters("classify")
NOWHERE = "127.0.0.1:1"


def ward(cluster: Cluster, **changes: object) -> Ward:
    """What there is to look at in one service, and no time between two looks."""
    shelf = Shelf(service="classify", letters=LETTERS, retry=retry("classify"))
    found = Ward(
        cluster=cluster,
        topics=TOPICS,
        shelves=(shelf,),
        reads={"classify": (POSTS, retry("classify"))},
        watch_seconds=0,
    )
    return msgspec.structs.replace(found, **changes)


async def ills(of: Ward) -> Sequence[Finding]:
    """What is not well."""
    return [one async for one in examine(of) if not one.well]


async def ills_of_store(of: Ward, url: str, clock: Clock | None = None) -> Sequence[Finding]:
    """What is not well in a database."""
    found = examine_store(of, url, clock or parse_clock(""))
    return [one async for one in found if not one.well]


async def test_no_broker_is_one_finding_and_says_where() -> None:
    away = Cluster(bootstrap=NOWHERE, prefix="p", partitions=3)

    (found,) = [one async for one in examine(ward(away))]

    assert not found.well
    assert NOWHERE in found.what
    assert "KAFKA_BOOTSTRAP_SERVERS" in found.then


async def test_a_missing_topic_is_named_and_how_to_create_it(cluster: Cluster) -> None:
    await create(cluster, [topic for topic in TOPICS if topic is not TICKETS])

    (one,) = await ills(ward(cluster, shelves=(), reads={}))

    assert one.what == f"{TICKETS.under(cluster.prefix)}: expected 3 partitions, got no topic"
    assert "topics create" in one.then


async def test_another_partition_count_is_named(cluster: Cluster) -> None:
    await create(msgspec.structs.replace(cluster, partitions=2), TOPICS)

    found = await ills(ward(cluster, shelves=(), reads={}))

    assert len(found) == len(TOPICS)
    assert all(one.what.endswith("expected 3 partitions, got 2") for one in found)


async def test_a_topic_with_the_writers_stamps_is_named(cluster: Cluster) -> None:
    await _topic_by_hand(cluster, POSTS.under(cluster.prefix))
    await create(cluster, TOPICS)

    (found,) = await ills(ward(cluster, shelves=(), reads={}))

    assert POSTS.under(cluster.prefix) in found.what
    assert "LogAppendTime" in found.what


async def test_a_group_without_a_member_is_ill_and_says_what_waits(cluster: Cluster) -> None:
    await create(cluster, TOPICS)
    await write(cluster, [a_post(str(n)) for n in range(7)], POSTS)

    (found,) = await ills(ward(cluster))

    assert found.what == "classify: its group has no member, 7 records wait"


async def test_a_member_that_does_not_move_on_stands_still(cluster: Cluster) -> None:
    await create(cluster, TOPICS)
    await write(cluster, [a_post(str(n)) for n in range(4)], POSTS)
    async with _member(cluster) as consumer:
        await consumer.getmany(timeout_ms=20_000)

        found = await ills(ward(cluster))

    named = [re.search(r"partition (\d) stands still at offset (\d+), (\d)", f.what) for f in found]
    assert [one.groups() for one in named if one] == [
        ("0", "0", "2"),
        ("1", "0", "1"),
        ("2", "0", "1"),
    ]


async def test_a_member_that_has_read_all_is_well(cluster: Cluster) -> None:
    await create(cluster, TOPICS)
    await write(cluster, [a_post(str(n)) for n in range(4)], POSTS)
    async with _member(cluster) as consumer:
        read = 0
        while read < 4:
            read += sum(map(len, (await consumer.getmany(timeout_ms=20_000)).values()))
        await consumer.commit()

        assert await ills(ward(cluster)) == []


async def test_dead_letters_are_counted_with_the_newest_reason_and_no_text(
    cluster: Cluster,
) -> None:
    await create(cluster, TOPICS)
    kept = [_letter(n, reason) for n, reason in enumerate((Reason.not_json, Reason.wrong_shape))]
    await write_records(cluster, kept)

    found = [one async for one in examine(ward(cluster, reads={})) if "kept aside" in one.what]

    (one,) = found
    assert one.well
    assert one.what.startswith("classify: 2 records kept aside, the newest ")
    assert "secret" not in str(one)


async def test_a_quarantine_file_that_cannot_be_read_is_ill(
    cluster: Cluster, tmp_path: Path
) -> None:
    await create(cluster, TOPICS)
    file = tmp_path / "quarantine.yaml"
    file.write_text("topic: posts.v1\n", encoding="utf-8")

    (found,) = await ills(ward(cluster, reads={}, quarantine=str(file)))

    assert "QUARANTINE" in found.what


async def test_an_old_database_with_a_new_broker_is_ill(
    cluster: Cluster, database_url: str
) -> None:
    await create(cluster, TOPICS)
    await write(cluster, [a_post("p1")], POSTS)
    row = {"topic": POSTS.name, "partition": 0, "next_offset": 17}
    await _stored(database_url, "consumed", row)

    (found,) = await ills_of_store(ward(cluster), database_url)

    assert "partition 0 to 17, it ends at 1" in found.what
    assert "new broker" in found.then


async def test_what_stays_in_the_outbox_is_ill(cluster: Cluster, database_url: str) -> None:
    await create(cluster, TOPICS)
    row = {"partition": 0, "topic": "x", "key": b"", "headers": b"", "value": b"", "event_id": "e"}
    await _stored(database_url, "outbox", row)

    (found,) = await ills_of_store(ward(cluster), database_url)

    assert found.what == "classify: 1 events stored and not published"


async def test_a_database_without_our_tables_is_ill(cluster: Cluster, database_url: str) -> None:
    engine = open_engine(database_url)
    await create_tables(engine, MetaData())
    await engine.dispose()

    (found,) = await ills_of_store(ward(cluster), database_url)

    assert "found none" in found.what


async def test_a_store_without_positions_is_no_ill(cluster: Cluster, database_url: str) -> None:
    engine = open_engine(database_url)
    await create_tables(engine, METADATA)
    await engine.dispose()
    shelf = Shelf(service="ingest", letters=LETTERS, retry=retry("ingest"))

    assert await ills_of_store(ward(cluster, shelves=(shelf,)), database_url) == []


async def test_a_host_whose_clock_is_off_is_ill(cluster: Cluster, database_url: str) -> None:
    await create(cluster, TOPICS)
    await _stored(database_url, "consumed", {"topic": "x", "partition": 0, "next_offset": 0})

    class Late(Clock, frozen=True, kw_only=True):
        def real(self) -> datetime:
            return super().real().replace(year=2020)

    now = parse_clock("")
    late = Late(start=now.start, real_start=now.real_start)
    (found,) = await ills_of_store(ward(cluster), database_url, late)

    assert "s off this host's" in found.what


async def test_a_sqlite_file_that_is_not_there_is_ill_and_stays_away(
    cluster: Cluster, tmp_path: Path
) -> None:
    (found,) = await ills_of_store(ward(cluster), f"sqlite:///{tmp_path / 'no.db'}")

    assert "there is no file" in found.what
    assert not (tmp_path / "no.db").exists()


@pytest.fixture
def run(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run on that cluster."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", cluster.bootstrap)
    monkeypatch.setenv("TOPIC_PREFIX", cluster.prefix)
    monkeypatch.setenv("PARTITIONS", str(cluster.partitions))
    monkeypatch.delenv("DATABASE_URL", raising=False)


def test_the_command_prints_a_line_per_finding_and_exits_1_where_one_is_bad(
    run: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["topics", "create"]) == 0
    capsys.readouterr()

    assert main(["doctor", "--watch", "0"]) == 1

    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith(("ok   ", "bad  ")) for line in lines)
    assert [line for line in lines if line.startswith("bad")] == [
        f"bad  {name}: its group has no member, 0 records wait -> start it: "
        f"python -m services.{name} serve; its log says why it ended"
        for name in ("classify", "route", "notify")
    ]


def test_a_wrong_setting_is_bad_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARTITIONS", "many")

    assert main(["doctor"]) == 2
    assert "PARTITIONS" in capsys.readouterr().err


def test_ingests_doctor_names_the_secrets_that_are_not_set(
    run: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["topics", "create"])
    monkeypatch.setenv("BRANDS", "services/ingest/brands.example.yaml")
    for secret in ("LAVKA_HOOK_SECRET", "ERASURE_KEY"):
        monkeypatch.delenv(secret, raising=False)
    capsys.readouterr()

    assert ingest(["doctor"]) == 1

    out = capsys.readouterr().out
    assert "bad  generic/shop of lavka: LAVKA_HOOK_SECRET is not set" in out
    assert "bad  ERASURE_KEY is not set -> set it before the first post" in out
    assert "ok   a broker answers" in out


async def _stored(database_url: str, table: str, row: dict[str, object]) -> None:
    engine, metadata = open_engine(database_url), MetaData()
    tables = LedgerTables(metadata, "classify")
    await create_tables(engine, metadata)
    async with engine.begin() as connection:
        await connection.execute(insert(getattr(tables, table)), [row])
    await engine.dispose()


def _letter(offset: int, reason: Reason) -> Outgoing:
    received = Received(
        topic=POSTS.name,
        partition=0,
        offset=offset,
        timestamp_ms=0,
        key=None,
        value=b"secret",
        headers=(),
    )
    kept = Decode((), service="classify").kept(received, reason, "expected something else")
    assert kept.letter
    return letter_out(kept.letter, LETTERS)


async def _topic_by_hand(cluster: Cluster, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    by_writer = {"message.timestamp.type": "CreateTime"}
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, cluster.partitions, 1, topic_configs=by_writer)])
    finally:
        await admin.close()


def _member(cluster: Cluster) -> AIOKafkaConsumer:
    """A member of classify's group that commits only when it is told to."""
    return AIOKafkaConsumer(
        POSTS.under(cluster.prefix),
        bootstrap_servers=cluster.bootstrap,
        group_id=f"{cluster.prefix}.classify",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
