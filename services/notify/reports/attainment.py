"""How well were promises kept? Goal, actual and previous per brand, team and clock (R98, K1)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from schemas.states import ClockName
from services.notify.domain.figures import Count, Counts, Period, percent

_HEADINGS = (
    "brand", "team", "clock", "within", "all", "open", "goal", "actual", "previous", "gap",
)  # fmt: skip
_WORDS = 3
"""Columns of words stand left, figures right."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line: counts, percentages and the gap in points; null where there is no data.

    ``all`` are clocks kept, broken or open and overdue; ``open`` are those not due yet, left out
    of the share. Cancelled clocks are in neither.
    """

    brand: str
    team: str
    clock: ClockName
    within: int
    all: int
    open: int
    goal: float | None
    actual: float | None
    previous: float | None
    gap: float | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The attainment of a period beside the one before; ``as_of`` is the pipeline's tick."""

    period: str
    previous_period: str
    as_of: datetime | None
    rows: tuple[Row, ...]


def report(period: Period, counts: Counts, before: Counts, goals: Mapping[str, float]) -> Report:
    """The report from the counts of the period and of the one before."""
    earlier = {(c.brand, c.team, c.clock): percent(c.within, c.due) for c in before.rows}
    return Report(
        period=period.name,
        previous_period=period.before().name,
        as_of=counts.as_of,
        rows=tuple(
            _row(count, goals.get(count.clock), earlier.get((count.brand, count.team, count.clock)))
            for count in counts.rows
        ),
    )


def table(found: Report) -> str:
    """The report as aligned text; a dash where there is no data."""
    as_of = found.as_of.isoformat().replace("+00:00", "Z") if found.as_of else "-"
    title = f"attainment {found.period}, previous {found.previous_period}, as of {as_of}"
    if not found.rows:
        return f"{title}\nno clock started in {found.period}"
    lines = [_HEADINGS, *map(_cells, found.rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join([title, *(_aligned(line, widths) for line in lines)])


def _row(count: Count, goal: float | None, previous: float | None) -> Row:
    actual = percent(count.within, count.due)
    return Row(
        brand=count.brand,
        team=count.team,
        clock=count.clock,
        within=count.within,
        all=count.due,
        open=count.running,
        goal=goal,
        actual=actual,
        previous=previous,
        gap=None if actual is None or goal is None else actual - goal,
    )


def _cells(row: Row) -> tuple[str, ...]:
    counts = (str(row.within), str(row.all), str(row.open))
    shares = ("-" if s is None else f"{s:.1f}%" for s in (row.goal, row.actual, row.previous))
    gap = "-" if row.gap is None else f"{row.gap:+.1f}"
    return (row.brand, row.team, row.clock.value, *counts, *shares, gap)


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.ljust(width) if column < _WORDS else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()
