"""How does Grafana say a number? By its unit, with as many digits as the size asks for."""

import math
import re
from collections.abc import Sequence
from typing import NamedTuple


class _Step(NamedTuple):
    """Below a size, what a number is divided by and what follows it."""

    below: float
    by: float
    word: str


_SECONDS = (
    _Step(1, 0.001, " ms"),
    _Step(60, 1, " s"),
    _Step(3600, 60, " min"),
    _Step(86_400, 3600, " hour"),
    _Step(math.inf, 86_400, " day"),
)
_HOURS = (_Step(24, 1, " hour"), _Step(168, 24, " day"), _Step(math.inf, 168, " week"))
_COUNTS = (_Step(1000, 1, ""), _Step(1e6, 1000, " K"), _Step(math.inf, 1e6, " Mil"))
_BYTES = (
    _Step(2**10, 1, " B"),
    _Step(2**20, 2**10, " KiB"),
    _Step(2**30, 2**20, " MiB"),
    _Step(math.inf, 2**30, " GiB"),
)
_STEPS = {"s": _SECONDS, "h": _HOURS, "bytes": _BYTES}
_AFTER = {"reqps": " req/s", "cps": " c/s"}
"""What follows a count that is one a second."""

_ROUND, _WHOLE = (1, 2, 2.5, 5, 10), (1, 2, 5, 10)
"""What an axis counts by, times a power of ten; halves of what only comes whole are nothing."""


def said(value: float, unit: str) -> str:
    """A figure as Grafana writes it; raises ``KeyError`` for a unit that no panel has."""
    match unit:
        case "percentunit":
            return f"{_digits(100 * value)}%"
        case "s" if not value:
            return "0 s"
        case "s" | "h" | "bytes":
            return _stepped(value, _STEPS[unit])
        case "short":
            return _stepped(value, _COUNTS)
    return f"{_stepped(value, _COUNTS)}{_AFTER[unit]}"


def ticks(top: float, unit: str) -> Sequence[tuple[float, str]]:
    """Round places on an axis from 0 to the top, with their words; whole ones of counts."""
    by = next(one.by for one in _STEPS.get(unit, _COUNTS) if top < one.below)
    wide = _next_round(max(top / by, 1e-9) / 5, _WHOLE if unit == "short" else _ROUND) * by
    if unit == "short":
        wide = max(1.0, wide)
    places = [n * wide for n in range(int(max(top, wide) / wide + 1e-9) + 1)]
    return [(place, plain(said(place, unit))) for place in places]


def _next_round(least: float, of: Sequence[float]) -> float:
    size = 10.0 ** math.floor(math.log10(least))
    return next(size * one for one in of if size * one >= least * (1 - 1e-9))


def plain(words: str) -> str:
    """Without noughts at the end, as an axis has it."""
    return re.sub(r"(\.\d*?)0+(?!\d)", lambda found: found[1].rstrip("."), words)


def _stepped(value: float, steps: tuple[_Step, ...]) -> str:
    step = next(one for one in steps if abs(value) < one.below)
    return f"{_digits(value / step.by)}{step.word}"


def _digits(value: float) -> str:
    """Grafana's own choice: three figures or so, none behind a whole number."""
    value = float(f"{value:.9g}")  # what arithmetic leaves behind is no digit
    if value == round(value):
        return f"{value:.0f}"
    behind = (2 if value > 0 else 1) - math.floor(math.log10(abs(value)))
    return f"{value:.{max(0, behind)}f}"
