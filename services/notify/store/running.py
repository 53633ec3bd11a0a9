"""Which clocks run, and how long have they been waited for? One look at each of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, case, func, select

from services.notify.domain.clocks import WHOLE
from services.notify.domain.figures import BOUNDS, TARGET
from services.notify.domain.stretches import Stretch
from services.notify.store.tables import ANSWER_CLOCKS, CLOCKS, OPEN
from stream.database import micros


def running(stretches: Sequence[Stretch], now: datetime) -> Select[Any]:
    """Of each brand, team, priority, clock, announcement and stretch in which they began: how many
    run, how many for longer than each bound, and how much of its time the oldest has used.

    The stretch is null where they began before the first; of the wall time until one is due.
    """
    began, due = CLOCKS.c.started_at, CLOCKS.c.due_at
    told = case(
        (CLOCKS.c.reached >= WHOLE, "breached"), (CLOCKS.c.reached > 0, "at_risk"), else_="running"
    ).label("told")
    bounds = ((began < micros(one.until), number) for number, one in enumerate(stretches))
    stretch = case((began < micros(stretches[0].since), None), *bounds).label("stretch")
    used = (micros(now) - began) * 1.0 / (due - began)
    late = {
        **{bound: CLOCKS.c.posted_at < micros(now - length) for bound, length in BOUNDS.items()},
        TARGET: CLOCKS.c.reached >= WHOLE,
    }
    by = (CLOCKS.c.brand, CLOCKS.c.team, CLOCKS.c.priority, CLOCKS.c.clock, told, stretch)
    return (
        select(
            *by,
            func.count().label("many"),
            func.max(case((due > began, used))).label("used"),
            *(func.sum(case((is_so, 1), else_=0)).label(b) for b, is_so in late.items()),
        )
        .where(OPEN)
        .group_by(*by)
    )


def open_clocks(rows: Iterable[Row[Any]]) -> dict[tuple[str, ...], float]:
    """How many run, by the labels of ``Facts``."""
    found = Counter[tuple[str, ...]]()
    for row in rows:
        found[(row.brand, row.team, row.priority, row.clock, row.told)] += row.many
    return {of: float(many) for of, many in found.items()}


def oldest(rows: Iterable[Row[Any]]) -> dict[tuple[str, ...], float]:
    """How much of its time the oldest that waits for an answer has used, by brand, team, priority.

    One that is due when it begins has no time to use.
    """
    found = dict[tuple[str, ...], float]()
    for row in rows:
        if row.clock in ANSWER_CLOCKS and row.used is not None:
            of, used = (row.brand, row.team, row.priority), float(row.used)
            found[of] = max(found.get(of, used), used)
    return found
