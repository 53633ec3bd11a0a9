"""How much is to be expected, and how many people does it need? Trend and weekday (R105)."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import ceil

WEEKS = 8
WEEK = 7
AHEAD = 7
"""Days that are told of."""
LEAST_WEEKS = 2
"""Of a shorter history nothing is said: there is no usual Monday."""


def expected(counts: Mapping[date, float], first: date) -> Mapping[date, float]:
    """Cases a day from ``first`` on, out of the whole weeks before it; a missing day had none.

    A straight line through the weeks' means, times how a weekday differs from its week. Nothing
    where the history is shorter than two weeks.
    """
    weeks = _weeks(counts, first)
    if len(weeks) < LEAST_WEEKS:
        return {}
    means = [sum(week) / WEEK for week in weeks]
    level, slope = _line(means)
    usual = _weekdays(weeks, means)
    return {
        first + timedelta(days=day): max(0.0, level + slope * len(weeks)) * usual[day]
        for day in range(AHEAD)
    }


def people(cases: float, a_day: float) -> int:
    """How many people so many cases need, where one handles ``a_day`` of them."""
    return ceil(round(cases / a_day, 9))


def _weeks(counts: Mapping[date, float], first: date) -> Sequence[Sequence[float]]:
    """Whole weeks that end before ``first``, the oldest first, none from before all counts."""
    known = min(counts, default=first)
    weeks = []
    for back in range(WEEKS, 0, -1):
        start = first - timedelta(days=back * WEEK)
        if start >= known:
            weeks.append([counts.get(start + timedelta(days=day), 0.0) for day in range(WEEK)])
    return weeks


def _line(means: Sequence[float]) -> tuple[float, float]:
    """Least squares through the means of weeks 0, 1, 2 and so on: value at 0, and growth."""
    middle, mean = (len(means) - 1) / 2, sum(means) / len(means)
    spread = sum((week - middle) ** 2 for week in range(len(means)))
    slope = sum((week - middle) * value for week, value in enumerate(means)) / spread
    return mean - slope * middle, slope


def _weekdays(weeks: Sequence[Sequence[float]], means: Sequence[float]) -> Sequence[float]:
    """How much of its week's mean a day has, over all weeks; 1 where nothing ever came."""
    whole = sum(means)
    return [sum(week[day] for week in weeks) / whole if whole else 1.0 for day in range(WEEK)]
