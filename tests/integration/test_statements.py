"""Rows are written by one statement as they would be one by one, on both databases.

The inputs that break the easy version: a row that stands twice, one that is there already, values
that a list in SQL writes in another way, and one that is too long for its column.
"""

from collections.abc import AsyncIterator, Awaitable

import pytest
from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from stream.statements import upsert
from tests.stored import opened

METADATA = MetaData()
KEPT = Table(
    "probe_kept",
    METADATA,
    Column("brand", String(10), primary_key=True),
    Column("name", String(20), primary_key=True),
    Column("count", Integer),
    Column("body", LargeBinary),
)
Row = tuple[str, str, int | None, bytes | None]
ODD = '{"a,b"}\\ \x1f\'NULL'


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    async with opened(database_url, METADATA) as store:
        yield store


async def kept(engine: AsyncEngine, *rows: Row, adding: tuple[str, ...] = ()) -> list[Row]:
    """What the table holds once these rows were written."""
    names = [column.name for column in KEPT.columns]
    async with engine.begin() as connection:
        given = [dict(zip(names, row, strict=True)) for row in rows]
        await upsert(connection, KEPT, given, adding=adding)
        found = await connection.execute(select(KEPT))
    return sorted((row[0], row[1], row[2], row[3]) for row in found.all())


async def test_a_row_that_stands_twice_ends_as_the_later_one(engine: AsyncEngine) -> None:
    rows: list[Row] = [("b", "one", 1, b"1"), ("b", "two", 2, b"2"), ("b", "one", 3, b"3")]

    assert await kept(engine, *rows) == [("b", "one", 3, b"3"), ("b", "two", 2, b"2")]


async def test_what_is_there_is_replaced_and_a_count_is_added_to(engine: AsyncEngine) -> None:
    await kept(engine, ("b", "one", 1, b"1"), ("c", "two", 1, b"1"))

    found = await kept(engine, ("b", "one", 4, b"2"), ("b", "two", 5, None), adding=("count",))

    assert found == [("b", "one", 5, b"2"), ("b", "two", 5, None), ("c", "two", 1, b"1")]


async def test_values_come_back_as_they_were_given(engine: AsyncEngine) -> None:
    rows: list[Row] = [("b", "", None, b"\x00\xff"), ("b", ODD, -1, b""), ("b", "ключ", 0, None)]

    assert await kept(engine, *rows) == rows


async def test_what_is_too_long_is_refused_or_kept_whole_and_never_cut(engine: AsyncEngine) -> None:
    await kept(engine, ("b", "one", 1, None))
    long: Row = ("b" * 11, "one", 1, None)

    found = await refused_or(kept(engine, long))

    assert found in (None, [("b", "one", 1, None), long])


async def refused_or(found: Awaitable[list[Row]]) -> list[Row] | None:
    try:
        return await found
    except DBAPIError:
        return None
