"""What does a database hold? Every column of every row of every table, as text to search in."""

from sqlalchemy import MetaData, select
from sqlalchemy.ext.asyncio import AsyncEngine


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
