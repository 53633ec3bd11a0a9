"""How does a store get the tables that a release needs? By migrations that only ever add.

Expand and contract: a release may add what the one before does not use, and may drop only what no
release in use reads. So old and new run side by side, a rollback of the program leaves the database
as it is, and there is no way down.
"""

import asyncio
import logging
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, MetaData, func, inspect, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.schema import CreateSchema

from stream.database import let_go, only_replica, open_engine
from stream.service import insisting
from stream.settings import BadSettings, Migrate

LOG = logging.getLogger(__name__)

WAIT_SECONDS = 2.0
_ENVIRONMENT = Path(__file__).with_name("alembic")
_MIGRATING = 0x07711
"""The advisory lock under which a store is changed."""


class History(msgspec.Struct, frozen=True, kw_only=True):
    """The migrations of one service's store; ``metadata`` is what they have to end in."""

    service: str
    folder: Path
    metadata: MetaData

    @property
    def version_table(self) -> str:
        """Where a database says how far it is; services may share one."""
        return f"{self.service}_revision"


async def migrated(engine: AsyncEngine, history: History) -> str:
    """Bring a store to this release; the revision that it then has.

    One of a newer release is left as it is. Replicas that start together wait for each other.
    Raises ``BadSettings`` for a database that is neither ours nor empty.
    """
    schema = engine.get_execution_options().get("own_schema")
    async with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            await connection.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
        if schema:
            await connection.execute(CreateSchema(schema, if_not_exists=True))
        return await connection.run_sync(_upgraded, history)


async def migrate(url: str, history: History) -> str:
    """The command: bring the store at this URL to this release; says what was done."""
    engine = open_engine(url)
    try:
        with only_replica(url):
            before = await insisting(lambda: revision(engine, history))
            after = await migrated(engine, history)
    finally:
        await let_go(engine)
    return f"{history.service}: its store is at {after}, it was at {before or 'none'}"


async def ready(engine: AsyncEngine, history: History, who: Migrate) -> None:
    """Return once the store has what this release needs: made here, or waited for."""
    if who == "start":
        await migrated(engine, history)
        return
    while (found := await revision(engine, history)) in _before_head(history):
        about = {"service": history.service, "revision": found or "none"}
        LOG.warning("waiting for the job that migrates the store", extra=about)
        await asyncio.sleep(WAIT_SECONDS)


async def revision(engine: AsyncEngine, history: History) -> str | None:
    """How far a store is; None before its first migration."""
    async with engine.connect() as connection:
        return await connection.run_sync(_revision, history)


def head(history: History) -> str:
    """The revision of this release; raises ``BadSettings`` where its migrations were left out."""
    found = _script(history).get_current_head()
    if found is None:
        raise BadSettings(f"expected revisions in {history.folder}, there is none")
    return str(found)


def _before_head(history: History) -> frozenset[str | None]:
    known = {one.revision for one in _script(history).walk_revisions()}
    return frozenset({None, *known} - {head(history)})


def _upgraded(connection: Connection, history: History) -> str:
    from alembic import command

    found = _revision(connection, history)
    known = _before_head(history)
    if found is None:
        _refuse_strangers(connection, history)
    if found in known:
        command.upgrade(config_of(history, connection), "head")
        about = {"service": history.service, "revision": head(history), "before": found or "none"}
        LOG.info("store migrated", extra=about)
    elif found != head(history):
        LOG.info("the store is of a newer release", extra={"revision": found})
    return _revision(connection, history) or ""


def _refuse_strangers(connection: Connection, history: History) -> None:
    there = set(inspect(connection).get_table_names()) & set(history.metadata.tables)
    if there:
        raise BadSettings(
            f"DATABASE_URL: expected an empty one, or one with {history.version_table}; it has "
            f"{', '.join(sorted(there))} that no release made"
        )


def _revision(connection: Connection, history: History) -> str | None:
    from alembic.migration import MigrationContext

    options = {"version_table": history.version_table}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


def _script(history: History) -> Any:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(config_of(history, None))


def config_of(history: History, connection: Connection | None) -> Any:
    """Alembic's configuration for one store."""
    from alembic.config import Config

    def is_ours(name: str | None, kind: str, _: object) -> bool:
        return kind != "table" or name in history.metadata.tables

    config = Config()
    config.set_main_option("script_location", str(_ENVIRONMENT))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", str(history.folder))
    config.attributes |= {
        "connection": connection,
        "metadata": history.metadata,
        "version_table": history.version_table,
        "is_ours": is_ours,
    }
    return config
