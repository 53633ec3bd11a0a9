"""What do the repetitions say? Medians and ranges, ratios within a repetition, goals met or not."""

from collections.abc import Mapping, Sequence
from statistics import median

import msgspec

Samples = Mapping[str, Sequence[float]]
"""The repetitions of each figure, in order, by its name."""


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """The median of some repetitions between their extremes."""

    low: float
    median: float
    high: float

    def __str__(self) -> str:
        return f"{_short(self.median):>8}  ({_short(self.low)} .. {_short(self.high)})"


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """What a figure may be at most."""

    figure: str
    at_most: float


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a goal was met by the median, and by how much; ``got`` is None where not measured."""

    goal: Goal
    got: float | None

    @property
    def met(self) -> bool:
        """Is the median within the goal?"""
        return self.got is not None and self.got <= self.goal.at_most

    def __str__(self) -> str:
        if self.got is None:
            return "not measured"
        return f"{'met' if self.met else 'MISSED'}: {_short(self.got)} of {self.goal.at_most:g}"


def spread(values: Sequence[float]) -> Spread:
    """Median and range; raises ``ValueError`` where there is nothing."""
    return Spread(low=min(values), median=median(values), high=max(values))


def ratios(samples: Samples, above: str, below: str) -> Sequence[float]:
    """One figure by another, repetition by repetition: what disturbs a run disturbs both."""
    return [a / b for a, b in zip(samples[above], samples[below], strict=True)]


def verdicts(goals: Sequence[Goal], figures: Mapping[str, Spread]) -> Sequence[Verdict]:
    """Each goal with the median of its figure."""
    found = [(goal, figures.get(goal.figure)) for goal in goals]
    return [Verdict(goal=goal, got=of.median if of else None) for goal, of in found]


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that so many percent of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
