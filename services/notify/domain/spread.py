"""How are times spread? Shares of a sorted list, by the nearest rank; and how many up to a time."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from math import ceil

SHARES: Mapping[str, float] = {"p50": 0.5, "p90": 0.9, "p95": 0.95}
UP_TO: Mapping[str, int] = {
    "5m": 300,
    "15m": 900,
    "30m": 1800,
    "1h": 3600,
    "2h": 7200,
    "6h": 21_600,
    "24h": 86_400,
}
LONGER = "longer"
"""What took longer than the last of them."""


def nearest(ordered: Sequence[int], share: float) -> int:
    """The smallest value that at least this share of all lies at or below; of one or more."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def counts_up_to(ordered: Sequence[int], unit: int) -> Mapping[str, int]:
    """How many lie above the bound before and at or below each; ``unit`` is of a second."""
    counts, below = dict[str, int](), 0
    for name, seconds in UP_TO.items():
        reached = bisect_right(ordered, seconds * unit)
        counts[name], below = reached - below, reached
    counts[LONGER] = len(ordered) - below
    return counts
