"""How does a statement keep one text, so that it is built, cached and prepared once?"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Dialect,
    Insert,
    Select,
    String,
    Table,
    Text,
    TypeDecorator,
    bindparam,
    case,
    column,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


class _Listed(TypeDecorator[Collection[Any]]):
    """Values of one type as one parameter: an array, or JSON on SQLite, which has none."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type that this database has for it."""
        on_postgresql = dialect.name == "postgresql"
        return dialect.type_descriptor(postgresql.ARRAY(self.item) if on_postgresql else Text())

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:
        """The parameter as the driver takes it."""
        listed = sorted(value or ())
        return listed if dialect.name == "postgresql" else msgspec.json.encode(listed).decode()


class among(FunctionElement[bool]):  # noqa: N801 - an SQL function
    """Is a column one of the values of a parameter? One text however many they are."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], parameter: str) -> None:
        super().__init__(column, bindparam(parameter, type_=_Listed(_whole(column.type))))


@compiles(among, "postgresql")
def _any_of(element: among, compiler: SQLCompiler, **named: Any) -> str:
    column, values = (compiler.process(part, **named) for part in element.clauses)
    return f"{column} = ANY ({values})"


@compiles(among, "sqlite")
def _in_json(element: among, compiler: SQLCompiler, **named: Any) -> str:
    column, values = (compiler.process(part, **named) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - no value is in it


async def insert_all(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows, which the database numbers in their order."""
    if not rows:
        return
    names, dialect = tuple(rows[0]), connection.dialect.name
    statement = _insert(table, names, dialect)
    at_once = dialect == "postgresql"
    await connection.execute(statement, _lists_of(rows, names) if at_once else list(rows))


async def upsert(
    connection: AsyncConnection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    adding: Collection[str] = (),
    lowest: Collection[str] = (),
) -> None:
    """Insert rows, or replace those whose primary key exists.

    ``adding`` columns are summed, of ``lowest`` ones the lower value stays.
    """
    if not rows:
        return
    names, dialect = tuple(rows[0]), connection.dialect.name
    special = frozenset(adding), frozenset(lowest)
    if dialect == "postgresql" and _all_different(table, rows):
        statement = _upsert_lists(table, names, *special)
        await connection.execute(statement, _lists_of(rows, names))
    else:
        await connection.execute(_upsert(table, names, *special, dialect), list(rows))


def _from_lists(table: Table, names: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """The rows that one list a column makes, in their order: one statement however many they are.

    On PostgreSQL, which is asked once then, not once for each row.
    """
    types = {name: _whole(table.c[name].type) for name in names}
    lists = (bindparam(f"all_{name}", type_=postgresql.ARRAY(of)) for name, of in types.items())
    rows = (
        func.unnest(*lists)
        .table_valued(*(column(name, of) for name, of in types.items()), with_ordinality="place")
        .render_derived(name="listed")
    )
    return select(*(rows.c[name] for name in names)).order_by(rows.c.place)


def _whole(of: TypeEngine[Any]) -> TypeEngine[Any]:
    """A list of texts without their length: cast to one, PostgreSQL cuts off what is too long."""
    return String() if isinstance(of, String) else of


def _lists_of(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, list[Any]]:
    """The parameters of ``_from_lists``."""
    return {f"all_{name}": [row[name] for row in rows] for name in names}


def _all_different(table: Table, rows: Sequence[Mapping[str, Any]]) -> bool:
    """One statement may touch a row once; where one stands twice, the later one is to win."""
    keys = [column.name for column in table.primary_key]
    return len({tuple([row[key] for key in keys]) for row in rows}) == len(rows)


@lru_cache(maxsize=256)
def _insert(
    table: Table, names: tuple[str, ...], dialect: str
) -> postgresql.Insert | sqlite.Insert:
    if dialect == "postgresql":
        return postgresql.insert(table).from_select(names, _from_lists(table, names))
    return sqlite.insert(table)


@lru_cache(maxsize=256)
def _upsert_lists(
    table: Table, names: tuple[str, ...], adding: frozenset[str], lowest: frozenset[str]
) -> Insert:
    return _or_replacing(_insert(table, names, "postgresql"), table, names, adding, lowest)


@lru_cache(maxsize=256)
def _upsert(
    table: Table,
    names: tuple[str, ...],
    adding: frozenset[str],
    lowest: frozenset[str],
    dialect: str,
) -> Insert:
    """Built once: building it costs more than most of its rows."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return _or_replacing(insert(table), table, names, adding, lowest)


def _or_replacing(
    statement: postgresql.Insert | sqlite.Insert,
    table: Table,
    names: tuple[str, ...],
    adding: frozenset[str],
    lowest: frozenset[str],
) -> Insert:
    keys = [column.name for column in table.primary_key]

    def changed_to(name: str) -> ColumnElement[Any]:
        old, new = table.c[name], statement.excluded[name]
        if name in lowest:
            return case((old < new, old), else_=new)
        return old + new if name in adding else new

    changed = {name: changed_to(name) for name in names if name not in keys}
    if changed:
        return statement.on_conflict_do_update(index_elements=keys, set_=changed)
    return statement.on_conflict_do_nothing(index_elements=keys)
