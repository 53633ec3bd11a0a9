"""How many answers came within each bound? Counted in an index, one stretch of it at a time.

The index on answers holds what a count asks for, in its order: a count walks the entries that it
counts and touches no row. So it does not matter how the statement is planned, nor when statistics
of the table were last made.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    Row,
    Select,
    Subquery,
    func,
    literal,
    select,
    true,
    union_all,
)

from services.notify.domain.figures import BOUNDS, TARGET
from services.notify.domain.stretches import Stretch
from services.notify.store.tables import ANSWER_CLOCKS, ANSWERS, BROKEN, CLOCKS
from stream.database import micros

_ANSWERED = CLOCKS.c.answer.is_not(None)


def answered(stretches: Sequence[Stretch]) -> Select[str, str, int, int, int]:
    """Of each brand and team: how many clocks with each class of answer began in each stretch."""
    pairs, classes, stretch = _pairs(), _classes(), _bounds(stretches)
    found = (
        select(func.count())
        .where(
            CLOCKS.c.brand == pairs.c.brand,
            CLOCKS.c.team == pairs.c.team,
            CLOCKS.c.answer == classes.c.answer,
            CLOCKS.c.started_at >= stretch.c.since,
            CLOCKS.c.started_at < stretch.c.until,
        )
        .scalar_subquery()
    )
    of = (pairs.c.brand, pairs.c.team, stretch.c.number, classes.c.answer)
    every = pairs.join(classes, pairs.c.team.is_not(None)).join(stretch, true())
    return select(*of, found.label("count")).select_from(every)


def attainment(
    stretches: Sequence[Stretch],
    answers: Iterable[Row[str, str, int, int, int]],
    runs: Iterable[Row[Any]],
) -> dict[tuple[str, ...], float]:
    """Within each bound, and all that have an outcome of it, by the labels of ``Facts``.

    One that still waits has an outcome once it has waited for longer than the bound.
    """
    within, late = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for brand, team, stretch, answer, count in answers:
        if count:
            clock = ANSWER_CLOCKS[answer // ANSWERS]
            for span, bound in product(stretches[stretch].spans, (*BOUNDS, TARGET)):
                part = within if _is_within(answer, bound) else late
                part[(brand, team, clock, bound, *span)] += count
    for row in runs:
        if row.stretch is None or row.clock not in ANSWER_CLOCKS:
            continue
        for span, bound in product(stretches[row.stretch].spans, (*BOUNDS, TARGET)):
            late[(row.brand, row.team, row.clock, bound, *span)] += int(getattr(row, bound))
    return {
        (*of, part): float(count)
        for of in within.keys() | late.keys()
        for part, count in (("within", within[of]), ("all", within[of] + late[of]))
    }


def _is_within(answer: int, bound: str) -> bool:
    broken, exceeded = divmod(answer % ANSWERS, BROKEN)
    return not broken if bound == TARGET else exceeded <= tuple(BOUNDS).index(bound)


def _pairs() -> CTE:
    """Each brand and team with an answer, and a null behind the last one.

    The next is looked up behind the one before: a DISTINCT would walk the whole index.
    """
    brands = select(_first(CLOCKS.c.brand).label("brand")).cte("brands", recursive=True)
    brands = brands.union_all(
        select(_first(CLOCKS.c.brand, CLOCKS.c.brand > brands.c.brand)).where(
            brands.c.brand.is_not(None)
        )
    )
    team = _first(CLOCKS.c.team, CLOCKS.c.brand == brands.c.brand)
    pairs = (
        select(brands.c.brand, team.label("team"))
        .where(brands.c.brand.is_not(None))
        .cte("pairs", recursive=True)
    )
    behind = (CLOCKS.c.brand == pairs.c.brand, CLOCKS.c.team > pairs.c.team)
    return pairs.union_all(
        select(pairs.c.brand, _first(CLOCKS.c.team, *behind)).where(pairs.c.team.is_not(None))
    )


def _first(column: ColumnElement[str], *of: ColumnElement[bool]) -> ColumnElement[str]:
    return select(func.min(column)).where(_ANSWERED, *of).scalar_subquery()


def _classes() -> Subquery:
    every = range(len(ANSWER_CLOCKS) * ANSWERS)
    return union_all(*(select(literal(one, Integer).label("answer")) for one in every)).subquery()


def _bounds(stretches: Sequence[Stretch]) -> Subquery:
    return union_all(
        *(
            select(
                literal(number, Integer).label("number"),
                literal(micros(one.since), BigInteger).label("since"),
                literal(micros(one.until), BigInteger).label("until"),
            )
            for number, one in enumerate(stretches)
        )
    ).subquery()
