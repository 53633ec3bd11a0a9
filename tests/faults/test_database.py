"""The database crashes, or cuts every connection; the batch in hand is done again, once.

The inputs that break the easy version: a crash with a transaction open; connections cut faster
than a batch takes; a commit whose answer never came.
"""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from deploy.local.node import free_ports
from deploy.local.process import tail
from schemas.topics import TOPICS
from stream.database import open_engine
from stream.topic_admin import Cluster, create
from tests.faults.member import STOP_LIMIT
from tests.faults.servers import Database
from tests.faults.story import Story
from tests.processes import PATIENCE, start, until_ready

BURST = 6000
CUT = """select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()"""


async def test_a_crashed_database_is_waited_for(stateful: Story, database: Database) -> None:
    member = stateful.start()
    await stateful.load(BURST)
    await stateful.at_work()
    database.crash()
    stateful.release()
    async with asyncio.timeout(PATIENCE):
        while await member.count("otklik_dependency_retries_total") < 3:
            assert (await member.get("/livez")).status_code == 200
    database.restart()

    await stateful.holds()
    assert member.child.is_running()


async def test_a_stop_does_not_wait_for_a_frozen_database(
    stateful: Story, database: Database
) -> None:
    member = stateful.start()
    await stateful.load(BURST)
    await stateful.at_work()
    database.freeze()
    try:
        stateful.release()
        code = stateful.terminate(member)
    finally:
        database.thaw()

    assert code == 0
    stateful.start()
    await stateful.holds()


async def test_connections_cut_again_and_again_cost_no_effect(stateful: Story) -> None:
    for _ in range(2):
        stateful.start()
    engine = open_engine(stateful.database)
    cut = 0
    while cut < 10:
        await stateful.load(BURST)
        await stateful.flows()
        async with engine.connect() as connection:
            cut += len((await connection.execute(text(CUT))).all())
        await stateful.goes_on()
    await engine.dispose()

    await stateful.holds()
    assert sum([await m.count("otklik_dependency_retries_total") for m in stateful.members])


@pytest.mark.parametrize("service", ["route", "notify"])
async def test_a_service_with_timers_does_not_wait_for_a_frozen_database(
    cluster: Cluster, postgresql: str, database: Database, tmp_path: Path, service: str
) -> None:
    await create(cluster, TOPICS)
    port = str(free_ports().client)
    child = start(service, cluster, tmp_path, DATABASE_URL=postgresql, PORT=port)
    await until_ready(child, f"http://127.0.0.1:{port}", tmp_path / f"{service}.log")

    database.freeze()
    try:
        child.terminate()
        code = await asyncio.to_thread(child.process.wait, STOP_LIMIT)
    finally:
        database.thaw()
        child.stop()

    assert code == 0, tail(tmp_path / f"{service}.log")
