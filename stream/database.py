"""How is a store opened? SQLite as the embedded default for one replica, PostgreSQL otherwise."""

import asyncio
import contextlib
import fcntl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Double, MetaData, event, func, make_url, select
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateSchema
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_DRIVERS = {
    "postgresql://": "postgresql+asyncpg://",
    "postgres://": "postgresql+asyncpg://",
    "sqlite://": "sqlite+aiosqlite://",
}
CLOSE_SECONDS = 1.5

IDLE_SECONDS = 10
"""How long a process may hold its locks and say nothing: one that was frozen in mid-step would
keep the next owner of its partitions out for ever."""
_CHANGING = 0x07711
"""The advisory lock under which tables are changed."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SecondReplica(Exception):  # noqa: N818 - says what was refused
    """SQLite means one replica (design 3.5); another process holds this file."""


def open_engine(url: str) -> AsyncEngine:
    """An engine for ``sqlite:///FILE`` or ``postgresql://...``; nothing is connected yet.

    ``?schema=NAME`` keeps an installation's tables in a schema of its own on a shared PostgreSQL.
    """
    for short, full in _DRIVERS.items():
        if url.startswith(short):
            url = full + url.removeprefix(short)
    if not url.startswith("sqlite"):
        parsed = make_url(url)
        schema = parsed.query.get("schema")
        engine = create_async_engine(
            parsed.difference_update_query(["schema"]),
            pool_size=10,
            connect_args={"server_settings": _server_settings(schema)},
            execution_options={"own_schema": schema},
        )
        event.listen(engine.sync_engine, "checkout", _on_checkout)
        return engine
    engine = create_async_engine(url, connect_args={"timeout": 30})
    event.listen(engine.sync_engine, "connect", _on_connect)
    event.listen(engine.sync_engine, "begin", _on_begin)
    return engine


def _server_settings(schema: object) -> dict[str, str]:
    settings = {
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
        "enable_seqscan": "off",  # a plan made for an empty table would scan it when it is full
        "jit": "off",  # what a plan is feared to cost would be spent on compiling it
        "synchronous_commit": "on",  # what is published must not be gone after the server's crash
    }
    return {**settings, "search_path": str(schema)} if schema else settings


async def let_go(engine: AsyncEngine) -> None:
    """Close all connections; a server that does not answer is only hung up on."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(engine.dispose(), CLOSE_SECONDS)


@contextlib.asynccontextmanager
async def changing_tables(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction for what changes tables, in the installation's own schema where it has one.

    Replicas that start together wait for each other.
    """
    schema = engine.get_execution_options().get("own_schema")
    async with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            await connection.execute(select(func.pg_advisory_xact_lock(_CHANGING)))
        if schema:
            await connection.execute(CreateSchema(schema, if_not_exists=True))
        yield connection


async def create_tables(engine: AsyncEngine, metadata: MetaData) -> None:
    """Create what is missing, of tables that no migration makes."""
    async with changing_tables(engine) as connection:
        await connection.run_sync(metadata.create_all)


def alone(engine: AsyncEngine) -> AsyncEngine:
    """The same engine for statements that stand alone: a read then waits for no writer on SQLite.

    On PostgreSQL each is asked without the two questions that make a transaction.
    """
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="AUTOCOMMIT")
    return engine.execution_options(alone=True)


def of_one_instant(engine: AsyncEngine) -> AsyncEngine:
    """The same engine for reads that see nothing of what is written while they are made.

    On SQLite that is what any read transaction sees.
    """
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ")
    return alone(engine)


@contextmanager
def only_replica(url: str) -> Iterator[None]:
    """Hold a SQLite file for this process; another holder is refused, PostgreSQL has no limit."""
    _, _, file = url.partition(":///")
    if not url.startswith("sqlite") or not file:
        yield
        return
    with Path(f"{file}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SecondReplica(
                f"expected to be the only replica on {file}, another process holds it; "
                "use PostgreSQL (DATABASE_URL) for more than one"
            ) from error
        yield


def micros(at: datetime) -> int:
    """Microseconds since 1970 UTC, exact: how instants are stored and compared in SQL."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_micros(value: int) -> datetime:
    """The instant that ``micros`` stored."""
    return _EPOCH + timedelta(microseconds=value)


class database_seconds(FunctionElement[float]):  # noqa: N801 - an SQL function
    """The database's own real time, Unix seconds: one clock for the leases of all replicas."""

    type = Double()
    inherit_cache = True


@compiles(database_seconds, "postgresql")
def _on_postgresql(*_: Any, **__: Any) -> str:
    return "extract(epoch from clock_timestamp())"


@compiles(database_seconds, "sqlite")
def _on_sqlite(_element: object, _compiler: SQLCompiler, **_: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


def _on_checkout(_connection: object, record: Any, _proxy: object) -> None:
    """A server that went away has closed its connections; asking each first costs three answers."""
    if record.driver_connection.is_closed():
        raise DisconnectionError("the server has closed this connection")


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by _on_begin, not by the driver
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Any) -> None:
    waits = not connection.get_execution_options().get("alone")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if waits else "BEGIN")
