"""The holds of the benchmark fill the year, and what is asked of them is what is measured.

The inputs that break the easy version: holds that end before the first working hour; a budget that
no hold delays; pauses that only look unseen.
"""

from datetime import timedelta

from bench.due import (
    BUDGETS,
    HOLDS,
    START,
    due_us,
    elapsed_us,
    first_due_us,
    holds,
    office,
    plain_due_us,
)

YEAR = timedelta(days=365)


def test_the_holds_delay_what_is_due_all_over_the_year() -> None:
    hours, pauses = office(), holds()

    plain = [hours.due(START, budget) for budget in BUDGETS]
    delayed = [hours.due(START, budget, pauses) for budget in BUDGETS]

    assert len(pauses) == HOLDS
    assert all(a and b and a < b for a, b in zip(plain[1:], delayed[1:], strict=True))
    last = delayed[-1]
    assert last
    assert START + 0.8 * YEAR < last < START + YEAR
    assert hours.elapsed(START, last, pauses) == BUDGETS[-1]


def test_a_cost_is_measured() -> None:
    assert min(due_us(9), elapsed_us(9), first_due_us(9), plain_due_us(9)) > 0
