"""How is a figure asked for? One statement a figure: what it is counted by, a part, and a whole."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.domain.figures import Period
from services.notify.domain.report import Figure
from stream.database import micros

Columns = Mapping[str, ColumnElement[Any]]
AGES = {"1h": timedelta(hours=1), "6h": timedelta(hours=6), "24h": timedelta(hours=24)}
OLDER = "older"


class Asked(NamedTuple):
    """A figure: rows ``of`` which those ``where`` are counted ``by`` columns.

    Without a ``part`` all rows count; without a ``whole`` it is a count and no share.
    """

    name: str
    of: FromClause
    by: Columns
    where: ColumnElement[bool]
    part: ColumnElement[bool] | None = None
    whole: ColumnElement[bool] | None = None


async def figures(connection: AsyncConnection, asked: Asked) -> list[Figure]:
    """The figures of one statement, in the order of what they are counted by."""
    rows = (await connection.execute(_statement(asked))).all()
    return [
        Figure(
            name=asked.name,
            at=tuple(zip(asked.by, map(str, row[: len(asked.by)]), strict=True)),
            part=float(row.part),
            whole=None if asked.whole is None else float(row.whole),
        )
        for row in rows
    ]


def _statement(asked: Asked) -> Select[Any]:
    by = list(asked.by.values())
    part = func.count() if asked.part is None else times(asked.part)
    columns = [part.label("part")]
    if asked.whole is not None:
        columns.append(times(asked.whole).label("whole"))
    return (
        select(*by, *columns).select_from(asked.of).where(asked.where).group_by(*by).order_by(*by)
    )


def times(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """In how many rows something is so."""
    return func.sum(case((condition, 1), else_=0))


def within(column: ColumnElement[int], period: Period) -> ColumnElement[bool]:
    """Does an instant lie in the period?"""
    return and_(column >= micros(period.since), column < micros(period.until))


def age(column: ColumnElement[int], at: datetime) -> ColumnElement[str]:
    """How old an instant is, in the ages that panels show."""
    limits = ((column > micros(at - limit), name) for name, limit in AGES.items())
    return case(*limits, else_=OLDER)


def shares(found: Iterable[Figure], *within: str) -> list[Figure]:
    """Counts as shares of all counts that agree in these."""
    counts, wholes = list(found), dict[tuple[str, ...], float]()

    def key(one: Figure) -> tuple[str, ...]:
        at = dict(one.at)
        return tuple(at[name] for name in within)

    for one in counts:
        wholes[key(one)] = wholes.get(key(one), 0) + one.part
    return [
        Figure(name=one.name, at=one.at, part=one.part, whole=wholes[key(one)]) for one in counts
    ]
