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
from sqlalchemy import Connection, MetaData, inspect
from sqlalchemy.ext.asyncio import AsyncEngine

from stream.database import changing_tables, let_go, only_replica, open_engine
from stream.service import insisting
from stream.settings import BadSettings, Migrate

LOG = logging.getLogger(__name__)

WAIT_SECONDS = 2.0
_ENVIRONMENT = Path(__file__).with_name("alembic")


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
    async with changing_tables(engine) as connection:
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
    behind, _ = _revisions(history)
    while (found := await revision(engine, history)) in behind:
        LOG.warning("waiting for the job that migrates the store, it is at %s", found or "none")
        await asyncio.sleep(WAIT_SECONDS)


async def revision(engine: AsyncEngine, history: History) -> str | None:
    """How far a store is; None before its first migration."""
    async with engine.connect() as connection:
        return await connection.run_sync(_revision, history)


def head(history: History) -> str:
    """The revision of this release; raises ``BadSettings`` where its migrations were left out."""
    return _revisions(history)[1]


def _revisions(history: History) -> tuple[frozenset[str | None], str]:
    """Where a store may be that this release has to change, and where it then is."""
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(config_of(history, None))
    newest = script.get_current_head()
    if newest is None:
        raise BadSettings(f"expected revisions in {history.folder}, there is none")
    known = {one.revision for one in script.walk_revisions()}
    return frozenset({None, *known} - {newest}), newest


def _upgraded(connection: Connection, history: History) -> str:
    from alembic import command

    found, (behind, newest) = _revision(connection, history), _revisions(history)
    if found is None:
        _refuse_strangers(connection, history)
    elif found not in behind:
        if found != newest:
            LOG.info("the store is of a newer release, at %s", found)
        return found
    command.upgrade(config_of(history, connection), "head")
    LOG.info("store migrated from %s to %s", found or "none", newest)
    return newest


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
