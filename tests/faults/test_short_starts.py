"""What is struck while it starts, or between two steps, is tried again; or it stops in time.

The inputs that break the easy version: a connection cut in mid ``create table``; a query between
the server's farewell and the end of its stream; a stop before Faust has asked the broker anything.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiokafka import ConsumerRebalanceListener
from sqlalchemy import MetaData, func, make_url, select, text
from sqlalchemy.exc import DBAPIError, InternalError
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.local.node import free_ports
from schemas.topics import TOPICS
from stream.database import _CHANGING, create_tables, open_engine
from stream.failures import is_dependency
from stream.faust_consumer import FaustConsumer
from stream.member import KafkaSource
from stream.topic_admin import Cluster, create
from tests.faults.member import STOP_LIMIT
from tests.faults.proxy import HOST, parting
from tests.processes import PATIENCE, start, until_ready

TURNED_AWAY = """select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and wait_event = 'advisory'"""
GONE = "select count(*) = 0 from pg_stat_activity where pid = :pid"


@pytest.mark.parametrize("service", ["route", "notify"])
async def test_a_start_whose_connection_is_cut_is_made_again(
    service: str, cluster: Cluster, tmp_path: Path, postgresql: str
) -> None:
    await create(cluster, TOPICS)
    port, log = free_ports().client, tmp_path / f"{service}.log"
    engine = open_engine(postgresql)
    async with engine.connect() as connection, asyncio.timeout(PATIENCE):
        await connection.execute(select(func.pg_advisory_lock(_CHANGING)))
        child = start(service, cluster, tmp_path, DATABASE_URL=postgresql, PORT=str(port))
        cut = 0
        while cut < 2:
            assert child.is_running()
            cut += len((await connection.execute(text(TURNED_AWAY))).all())
            await connection.commit()
    await engine.dispose()

    await until_ready(child, f"http://{HOST}:{port}", log)
    child.terminate()
    assert child.process.wait(STOP_LIMIT) == 0
    child.stop()
    assert log.read_text().count("dependency failed") == 2


async def test_a_connection_that_is_cut_while_it_opens_is_opened_again(
    postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_url(postgresql)
    direct = open_engine(postgresql)
    async with parting(target=f"{url.query['host']}/.s.PGSQL.5432") as port:
        through = url.set(host=HOST, port=port, query={})
        engine = open_engine(through.render_as_string(hide_password=False))

        asks = engine.dialect.get_default_isolation_level

        def cut_before(connection: Any) -> Any:
            connection.run_async(lambda raw: said_farewell(direct, raw.get_server_pid()))
            monkeypatch.undo()
            return asks(connection)

        monkeypatch.setattr(engine.dialect, "get_default_isolation_level", cut_before)
        with pytest.raises(DBAPIError) as failed:
            await create_tables(engine, MetaData())

        assert isinstance(failed.value, InternalError)
        assert not failed.value.connection_invalidated
        assert is_dependency(failed.value)
        await create_tables(engine, MetaData())
        await engine.dispose()
    await direct.dispose()


async def said_farewell(engine: AsyncEngine, pid: int) -> None:
    async with engine.connect() as connection, asyncio.timeout(PATIENCE):
        await connection.execute(select(func.pg_terminate_backend(pid)))
        gone = False
        while not gone:
            await connection.commit()
            gone = bool(await connection.scalar(text(GONE), {"pid": pid}))


class NoPump(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    async def on_partitions_assigned(self, assigned: object) -> None:
        """There is nothing to read."""

    async def on_partitions_revoked(self, revoked: object) -> None:
        """There is nothing to commit."""


@pytest.mark.parametrize("attempt", range(3))
async def test_faust_that_is_stopped_before_it_has_started_ends(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, attempt: int
) -> None:
    def exited(_: int) -> None:
        raise AssertionError("Faust did not stop")

    monkeypatch.setattr("os._exit", exited)
    await create(cluster, TOPICS)
    group = f"{cluster.prefix}.{attempt}"
    source = KafkaSource(bootstrap=cluster.bootstrap, prefix=cluster.prefix, group=group)
    consumer = FaustConsumer(source)

    consumer.subscribe([TOPICS[0].under(cluster.prefix)], listener=NoPump())
    await consumer.stop()
