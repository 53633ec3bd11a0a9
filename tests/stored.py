"""How do tests open a store, and what does it hold? Every column of every row, as text."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import MetaData, select
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.local import postgres
from stream.database import create_tables, open_engine


def database_named(server: postgres.Server | None, name: str) -> str:
    """An empty database on the run's server; without one, what TEST_DATABASE_URL names."""
    if server is None:
        return os.environ["TEST_DATABASE_URL"]  # noqa: TID251 - the run's own setting
    return server.create_database(name)


@asynccontextmanager
async def opened(url: str, tables: MetaData) -> AsyncIterator[AsyncEngine]:
    """A store with its tables; closed at the end."""
    engine = open_engine(url)
    await create_tables(engine, tables)
    yield engine
    await engine.dispose()


async def rows_in(engine: AsyncEngine) -> list[str]:
    """A line for each row, with its table's name; bytes are read as UTF-8."""
    there, lines = MetaData(), []
    async with engine.connect() as connection:
        await connection.run_sync(there.reflect)
        for table in there.sorted_tables:
            for row in (await connection.execute(select(table))).all():
                lines.append(f"{table.name} {' | '.join(map(_text, row))}")
    return lines


async def everything_in(engine: AsyncEngine) -> str:
    """All rows as one text."""
    return "\n".join(await rows_in(engine))


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
