"""How urgent does a text sound without its urgent words? What no named part accounts for.

The words of the cues that urgency counts by name are left out, so that taking one away changes its
own part and leaves this one as it is, but for cues of other kinds that stand on the same words.
"""

import numpy as np
from numpy.typing import NDArray

from services.classify.domain.cues import FIRST_LOOK, NAMES, OF_CUE, Numbers
from services.classify.domain.eye import Seen
from services.classify.domain.grams import pairs_in, places_of
from services.classify.domain.lexicon import Cue
from services.classify.domain.model import Trained, margins_of, probabilities
from services.classify.domain.weights import Reals

NAMED = (
    Cue.time_pressure, Cue.blocked, Cue.stranded, Cue.money_at_stake, Cue.safety, Cue.self_harm,
    Cue.legal, Cue.press, Cue.repeat_contact, Cue.churn,
)  # fmt: skip
"""Cues with a part of their own."""

_LEFT_OUT = sorted(
    {place for cue in NAMED for place in OF_CUE[cue]}
    | {places[-1] for places in OF_CUE.values()}
    | set(range(FIRST_LOOK, len(NAMES)))
)


def rest_of(seen: Seen) -> NDArray[np.bool_]:
    """Which pieces lie outside the named cues; no pair of words, as it may span one."""
    single = len(seen.buckets) - pairs_in(seen.buckets)
    kept = np.arange(len(seen.buckets)) < single
    spots = [spot for cue in NAMED for spot in seen.signs.found.get(cue, ())]
    if spots:
        places = places_of(seen.normalised)
        covered = np.zeros(len(seen.normalised) + 1, dtype=np.int64)
        for start, end in spots:
            covered[start + 2 : end + 2] = 1  # a normalised text begins with a blank
        sums = np.cumsum(covered)
        kept &= sums[places[:, 1]] == sums[places[:, 0]]
    return kept


def numbers_of_rest(numbers: Numbers) -> Numbers:
    """The cues without the named ones; neither what comes first nor what the text looks like."""
    rest = numbers.copy()
    rest[_LEFT_OUT] = 0
    return rest


def wording_of(model: Trained, pieces: Reals, seen: Seen) -> float:
    """The expected band of the rest, 0 to 3."""
    columns = model.axes["urgency"].columns
    numbers = numbers_of_rest(seen.numbers)
    margins = margins_of(model, pieces, numbers, columns, rest_of(seen))
    shares = probabilities(model, columns, margins)
    return sum(band * share for band, share in enumerate(shares))
