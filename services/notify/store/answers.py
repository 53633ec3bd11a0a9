"""How many answers came within each bound? Counted in an index, one stretch of it at a time.

The index on answers holds what a count asks for, in its order: a count walks the entries that it
counts and touches no row. So it does not matter how the statement is planned, nor when statistics
of the table were last made.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
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
    case,
    func,
    literal,
    select,
    union_all,
)

from services.notify.domain.clocks import WHOLE
from services.notify.domain.figures import BOUNDS, TARGET
from services.notify.domain.stretches import Stretch
from services.notify.store.tables import ANSWER_CLOCKS, ANSWERS, BROKEN, CLOCKS, OPEN
from stream.database import micros

_ANSWERED = CLOCKS.c.answer.is_not(None)


def answered(stretches: Sequence[Stretch]) -> Select[str, str, int, int, int]:
    """Of each brand and team: how many clocks with each class of answer began in each stretch."""
    pairs, kinds = _pairs(), _kinds(stretches)
    found = (
        select(func.count())
        .where(
            CLOCKS.c.brand == pairs.c.brand,
            CLOCKS.c.team == pairs.c.team,
            CLOCKS.c.answer == kinds.c.answer,
            CLOCKS.c.started_at >= kinds.c.since,
            CLOCKS.c.started_at < kinds.c.until,
        )
        .scalar_subquery()
    )
    of = (pairs.c.brand, pairs.c.team, kinds.c.stretch, kinds.c.answer)
    every = pairs.join(kinds, pairs.c.team.is_not(None))
    return select(*of, found.label("count")).select_from(every)


def waiting(stretches: Sequence[Stretch], now: datetime) -> Select[Any]:
    """Of each brand, team, clock and stretch: how many still wait, longer than each bound."""
    began = CLOCKS.c.started_at
    stretch = case(
        *((began < micros(one.until), number) for number, one in enumerate(stretches))
    ).label("stretch")
    by = (CLOCKS.c.brand, CLOCKS.c.team, CLOCKS.c.clock, stretch)
    late = {
        **{bound: CLOCKS.c.posted_at < micros(now - length) for bound, length in BOUNDS.items()},
        TARGET: CLOCKS.c.reached >= WHOLE,
    }
    return (
        select(*by, *(func.sum(case((is_so, 1), else_=0)).label(b) for b, is_so in late.items()))
        .where(
            OPEN,
            CLOCKS.c.clock.in_(ANSWER_CLOCKS),
            began >= micros(stretches[0].since),
            began < micros(stretches[-1].until),
        )
        .group_by(*by)
    )


def attainment(
    stretches: Sequence[Stretch],
    answers: Iterable[Row[str, str, int, int, int]],
    waits: Iterable[Row[Any]],
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
    for row in waits:
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


def _kinds(stretches: Sequence[Stretch]) -> Subquery:
    """Every class of answer in every stretch: what is counted of a brand and team."""
    return union_all(
        *(
            select(
                literal(answer, Integer).label("answer"),
                literal(number, Integer).label("stretch"),
                literal(micros(one.since), BigInteger).label("since"),
                literal(micros(one.until), BigInteger).label("until"),
            )
            for answer in range(len(ANSWER_CLOCKS) * ANSWERS)
            for number, one in enumerate(stretches)
        )
    ).subquery("kinds")
