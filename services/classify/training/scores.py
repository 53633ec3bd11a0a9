"""How good is a judge? Macro-F1 with its interval, calibration error, order of urgency."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

SAMPLES, SEED = 400, 20261130
BINS = 10


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """A figure in per cent with the middle 95 % of what other samples of posts would give."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:5.1f} ({self.low:.0f}-{self.high:.0f})"


def macro_f1(gold: Sequence[str], said: Sequence[str]) -> float:
    """The mean of the F1 of every class that the gold labels hold, in per cent."""
    return float(np.mean([*f1_of_each(gold, said).values()]))


def f1_of_each(gold: Sequence[str], said: Sequence[str]) -> dict[str, float]:
    """The F1 of every class that the gold labels hold, in per cent."""
    wanted, got = np.array(gold), np.array(said)
    return {str(word): 100 * _f1(wanted == word, got == word) for word in np.unique(wanted)}


def f1_with_interval(gold: Sequence[str], said: Sequence[str]) -> Score:
    """Macro-F1 with a bootstrap interval; the same posts give the same interval."""
    wanted, got = np.array(gold), np.array(said)
    draws = np.random.default_rng(SEED).integers(0, len(wanted), (SAMPLES, len(wanted)))
    many = sorted(macro_f1(wanted[draw], got[draw]) for draw in draws)
    low, high = many[int(0.025 * SAMPLES)], many[int(0.975 * SAMPLES) - 1]
    return Score(value=macro_f1(gold, said), low=low, high=high)


def calibration_error(right: Sequence[bool], sure: Sequence[float]) -> float:
    """Expected calibration error: how far sureness and being right lie apart, 0 to 1."""
    hits, claims = np.array(right, dtype=float), np.array(sure)
    bins = np.minimum((claims * BINS).astype(int), BINS - 1)
    gaps = [abs(hits[bins == one].sum() - claims[bins == one].sum()) for one in range(BINS)]
    return float(sum(gaps) / max(1, len(hits)))


def ordered_pairs(gold: Sequence[int], points: Sequence[int], langs: Sequence[str]) -> float:
    """Of the pairs of one language of which one is more urgent, the share seen so, in per cent."""
    wanted, got, lang = np.array(gold), np.array(points), np.array(langs)
    more = (wanted[:, None] > wanted[None, :]) & (lang[:, None] == lang[None, :])
    return 100 * float((got[:, None] > got[None, :])[more].mean()) if more.any() else 0.0


def _f1(wanted: NDArray[np.bool_], got: NDArray[np.bool_]) -> float:
    both = int((wanted & got).sum())
    return 2 * both / max(1, int(wanted.sum() + got.sum()))
