"""A store is made and changed by migrations that only add; old and new run on it side by side.

The inputs that break the easy version: tables that the code has and the migrations forgot, or an
index of one database alone; five replicas that start at once; a database of a newer release; one
that somebody else filled.
"""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Column, MetaData, String, Table, insert, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.event import derive_id
from services.ingest.store import tables as of_ingest
from services.notify.store import tables as of_notify
from services.route.store import tables as of_route
from stream.database import create_tables, let_go, open_engine
from stream.migrations import History, head, migrate, migrated, ready, revision
from stream.settings import BadSettings
from tests.stored import database_named

HISTORIES = {one.HISTORY.service: one.HISTORY for one in (of_ingest, of_route, of_notify)}
ADDS = '''"""A column that the release before does not know."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{before}"


def upgrade() -> None:
    """Add it."""
    op.add_column("{table}", sa.Column("later", sa.String(20), nullable=True))
'''

_CATALOGUE = """
select 'column ' || table_name || '.' || column_name || ' ' || data_type || ' '
       || coalesce(character_maximum_length::text, '') || ' ' || is_nullable || ' '
       || coalesce(column_default, '') || ' ' || coalesce(generation_expression, '')
  from information_schema.columns where table_schema = 'public'
union all
select 'index ' || indexdef from pg_indexes where schemaname = 'public'
union all
select 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid)
  from pg_constraint where connamespace = 'public'::regnamespace
"""
_SQLITE = "select type || ' ' || sql from sqlite_master where sql is not null"


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    found = open_engine(database_url)
    yield found
    await let_go(found)


@pytest.fixture
async def plain(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """Another empty database of the same kind, for the tables as the code has them."""
    if "postgresql" in request.node.name:
        name = "p" + derive_id(request.node.nodeid, "plain").replace("-", "")[:20]
        url = database_named(request.getfixturevalue("database_server"), name)
    else:
        url = f"sqlite:///{tmp_path / 'plain.db'}"
    found = open_engine(url)
    yield found
    await let_go(found)


async def catalogue(engine: AsyncEngine, but: str) -> set[str]:
    """What the database itself says that it holds, but for the table of revisions."""
    query = _CATALOGUE if engine.dialect.name == "postgresql" else _SQLITE
    async with engine.connect() as connection:
        rows = (await connection.execute(text(query))).scalars().all()
    return {one for row in rows if but not in (one := _normalized(row))}


def _normalized(row: str) -> str:
    """Blanks and the order of constraints are nothing to a database."""
    words = re.sub(r"\s+", " ", row).replace('"', "").strip()
    head_of, _, inside = words.partition("(")
    if not head_of.lower().startswith("table"):
        return words
    parts = re.split(r",\s*(?![^()]*\))", inside.rstrip(")"))
    return f"{head_of}({sorted(part.strip() for part in parts)}"


@pytest.mark.parametrize("service", HISTORIES)
async def test_migrations_make_exactly_what_the_code_writes_to(
    service: str, engine: AsyncEngine, plain: AsyncEngine
) -> None:
    history = HISTORIES[service]
    await create_tables(plain, history.metadata)

    await migrated(engine, history)

    expected = await catalogue(plain, history.version_table)
    assert await catalogue(engine, history.version_table) == expected
    assert len(expected) >= len(history.metadata.tables)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one replica
@pytest.mark.parametrize("service", HISTORIES)
async def test_replicas_that_start_together_make_it_once(service: str, database_url: str) -> None:
    history = HISTORIES[service]
    engines = [open_engine(database_url) for _ in range(5)]
    try:
        found = await asyncio.gather(*(migrated(one, history) for one in engines))
    finally:
        await asyncio.gather(*map(let_go, engines))

    assert set(found) == {head(history)}


def _of_the_next_release(history: History, folder: Path) -> History:
    """The same store one release later."""
    shutil.copytree(history.folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
    table = f"{history.service}_suppressions"
    body = ADDS.format(before=head(history), table=table)
    (folder / "m9999_later.py").write_text(body, encoding="utf-8")
    return msgspec.structs.replace(history, folder=folder)


async def test_the_release_before_goes_on_with_a_newer_store(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    history, kept = of_route.HISTORY, of_route.SUPPRESSIONS
    await migrated(engine, history)
    async with engine.begin() as connection:
        await connection.execute(insert(kept).values(_a_row(kept, "before")))
    newer = _of_the_next_release(history, tmp_path / "newer")

    assert await migrated(engine, newer) == "9999"
    assert await migrated(engine, history) == "9999", "a rollback leaves the database as it is"
    await ready(engine, history, "job")

    async with engine.begin() as connection:
        await connection.execute(insert(kept).values(_a_row(kept, "after")))
        rows = (await connection.execute(select(kept))).all()
    assert len(rows) == 2


def _a_row(table: Table, name: str) -> dict[str, object]:
    """Any row, by the kinds of its columns."""
    return {column.name: name if isinstance(column.type, String) else 1 for column in table.columns}


async def test_a_database_that_somebody_else_filled_is_refused(engine: AsyncEngine) -> None:
    history, stranger = of_notify.HISTORY, MetaData()
    Table("notify_tickets", stranger, Column("id", String, primary_key=True))
    await create_tables(engine, stranger)

    with pytest.raises(BadSettings, match=r"expected an empty one.*it has notify_tickets"):
        await migrated(engine, history)

    assert await revision(engine, history) is None


async def test_services_share_a_database(engine: AsyncEngine) -> None:
    for history in HISTORIES.values():
        await migrated(engine, history)

    async with engine.connect() as connection:
        there = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
    assert there >= {one.version_table for one in HISTORIES.values()}


async def test_with_a_job_a_service_waits_until_it_has_run(
    database_url: str, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = of_ingest.HISTORY
    monkeypatch.setattr("stream.migrations.WAIT_SECONDS", 0.01)
    waiting = asyncio.create_task(ready(engine, history, "job"))
    assert await revision(engine, history) is None
    assert not waiting.done()

    said = await migrate(database_url, history)

    assert said == f"ingest: its store is at {head(history)}, it was at none"
    await waiting
