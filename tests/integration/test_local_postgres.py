"""Does the launcher give a real PostgreSQL, one database per asker, and leave nothing behind?"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.local.postgres import LaunchError, Server, start
from deploy.local.process import exists


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    # not tmp_path: as root, PostgreSQL runs as another user, who cannot reach into that
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="pg-") as folder:
        started = start(Path(folder))
        yield started
        started.stop()


async def test_databases_are_apart(server: Server) -> None:
    urls = [server.create_database(name) for name in ("one", "two")]

    assert [await _current_database(url) for url in urls] == ["one", "two"]


def test_a_database_name_cannot_carry_sql(server: Server) -> None:
    with pytest.raises(LaunchError, match="a database name is"):
        server.create_database("x; DROP DATABASE one")


def test_a_stopped_server_leaves_no_process() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="pg-") as folder:
        started = start(Path(folder))
        pid = started.pid
        assert exists(pid)

        started.stop()
        started.stop()

        assert not exists(pid)


async def _current_database(url: str) -> str:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        found = await connection.scalar(text("SELECT current_database()"))
    await engine.dispose()
    return str(found)
