"""How well were promises kept, and how long did answers take? Counted over the rows of clocks."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.states import ClockName
from services.notify.domain.clocks import ClockState
from services.notify.domain.course import worked
from services.notify.domain.figures import Period
from services.notify.domain.report import At, Figure
from services.notify.store.cases import decode_case
from services.notify.store.counting import Asked, Columns, times, within
from services.notify.store.tables import CLOCKS, TICKETS
from stream.database import from_micros, micros

_CLOCK = CLOCKS.c
_BY: Columns = {
    "brand": _CLOCK.brand,
    "team": _CLOCK.team,
    "role": TICKETS.c.role,
    "clock": _CLOCK.clock,
}
_OF_CASES = CLOCKS.join(TICKETS, TICKETS.c.id == _CLOCK.ticket)
_ANSWERS = (ClockName.first_response.value, ClockName.next_response.value)
"""The clocks that an answer ends."""
_OPEN = _CLOCK.state == ClockState.open.value
_MET = _CLOCK.state == ClockState.met.value
_ANSWERED = _CLOCK.state.in_([ClockState.met.value, ClockState.breached.value])
WALL, WORKING = "wall", "working"
_TOOK = {WALL: _CLOCK.stopped_at - _CLOCK.posted_at, WORKING: _CLOCK.elapsed}
_ONE = timedelta(microseconds=1)


def attainment(period: Period, at: datetime) -> Asked:
    """Promises kept of those kept, broken, or open and overdue (R98, K1); cancelled are neither."""
    overdue = and_(_OPEN, func.coalesce(_CLOCK.late_after < micros(at), false()))
    whole = or_(_ANSWERED, overdue)
    return Asked("attainment", _OF_CASES, _BY, within(_CLOCK.started_at, period), _MET, whole)


def not_due(period: Period, at: datetime) -> Asked:
    """Clocks that run and whose last instant lies ahead, or that are on hold."""
    ahead = and_(_OPEN, func.coalesce(_CLOCK.late_after >= micros(at), true()))
    return Asked("not_due", _OF_CASES, _BY, and_(within(_CLOCK.started_at, period), ahead))


def answered_within(
    period: Period, at: datetime, bounds: Mapping[str, timedelta]
) -> Iterator[Asked]:
    """Answers within each bound of wall time, of all that were answered or have waited longer."""
    for bound, length in bounds.items():
        by = {**_BY, **_said(time=WALL, bound=bound)}
        waits = and_(_OPEN, _CLOCK.posted_at < micros(at - length))
        part = and_(_ANSWERED, _TOOK[WALL] <= length // _ONE)
        whole = or_(_ANSWERED, waits)
        yield Asked("answered_within", _OF_CASES, by, _started(period), part, whole)


async def answered_within_working(
    connection: AsyncConnection, period: Period, at: datetime, bounds: Mapping[str, timedelta]
) -> list[Figure]:
    """The same in working time; of what still waits only its calendar knows for how long."""
    counts: dict[At, list[int]] = {}
    for bound, length in bounds.items():
        columns = [*_BY.values(), times(_TOOK[WORKING] <= length // _ONE), func.count()]
        found = _select(columns, and_(_started(period), _ANSWERED)).group_by(*_BY.values())
        for row in (await connection.execute(found)).all():
            counts[_at(row[: len(_BY)], time=WORKING, bound=bound)] = [int(row[-2]), int(row[-1])]
    async for by, waited in _waiting(connection, period, at):
        for bound, length in bounds.items():
            if waited > length:
                counts.setdefault(_at(by, time=WORKING, bound=bound), [0, 0])[1] += 1
    return [
        Figure(name="answered_within", at=key, part=part, whole=whole)
        for key, (part, whole) in sorted(counts.items())
    ]


async def _waiting(
    connection: AsyncConnection, period: Period, at: datetime
) -> AsyncIterator[tuple[tuple[str, ...], timedelta]]:
    columns = [*_BY.values(), _CLOCK.started_at, TICKETS.c.body]
    rows = await connection.stream(_select(columns, and_(_started(period), _OPEN)))
    async for row in rows:
        waited = worked(decode_case(row.body).ticket, from_micros(row.started_at), at)
        yield tuple(row[: len(_BY)]), waited


async def times_of(
    connection: AsyncConnection, period: Period
) -> Mapping[str, Mapping[At, list[int]]]:
    """How long each answer took, in microseconds, the shortest first; of wall and working time."""
    found: dict[str, dict[At, list[int]]] = {WALL: {}, WORKING: {}}
    for name, took in _TOOK.items():
        query = _select([*_BY.values(), took], and_(_started(period), _ANSWERED)).order_by(took)
        async for row in await connection.stream(query):
            at = _at(row[: len(_BY)], time=name)
            found[name].setdefault(at, []).append(max(0, int(row[-1])))
    return found


def _started(period: Period) -> ColumnElement[bool]:
    return and_(within(_CLOCK.started_at, period), _CLOCK.clock.in_(_ANSWERS))


def _select(columns: Iterable[ColumnElement[Any]], where: ColumnElement[bool]) -> Select[Any]:
    return select(*columns).select_from(_OF_CASES).where(where)


def _said(**words: str) -> Columns:
    return {name: literal(word).label(name) for name, word in words.items()}


def _at(values: Iterable[object], **words: str) -> At:
    return (*zip(_BY, map(str, values), strict=True), *words.items())
