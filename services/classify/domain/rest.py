"""How urgent does a text sound without its urgent words? What no named part accounts for.

The words of the cues that urgency counts by name are left out, so that taking one away changes its
own part and leaves this one as it is, but for cues of other kinds that stand on the same words.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from services.classify.domain.cues import FIRST_LOOK, NAMES, OF_CUE
from services.classify.domain.eye import Seen
from services.classify.domain.grams import clear_of
from services.classify.domain.lexicon import Cue
from services.classify.domain.model import Looks, Trained, probabilities
from services.classify.domain.weights import Reals

NAMED = (
    Cue.time_pressure, Cue.blocked, Cue.stranded, Cue.money_at_stake, Cue.safety, Cue.self_harm,
    Cue.legal, Cue.press, Cue.repeat_contact, Cue.churn,
)  # fmt: skip
"""Cues with a part of their own."""

_COUNTS = np.ones((2, len(NAMES)), dtype=np.float32)
_COUNTS[1, [place for cue in NAMED for place in OF_CUE[cue]]] = 0
_COUNTS[1, [places[-1] for places in OF_CUE.values()]] = 0
_COUNTS[1, FIRST_LOOK:] = 0


def rest_of(seen: Seen) -> NDArray[np.bool_]:
    """Which pieces lie outside the named cues."""
    covered = np.zeros(len(seen.normalised), dtype=bool)
    for cue in NAMED:
        for start, end in seen.signs.found.get(cue, ()):
            covered[start + 1 : end + 1] = True  # a normalised text begins with a blank
    return clear_of(seen.pieces, covered)


def looks_of(seen: Seen) -> Looks:
    """The whole text, and the rest of it: neither named cues, nor what comes first, nor looks."""
    kept = np.ones((2, len(seen.buckets)), dtype=bool)
    kept[1] = rest_of(seen)
    return Looks(kept=kept, numbers=seen.numbers * _COUNTS)


class Haste(msgspec.Struct, frozen=True, kw_only=True):
    """How urgent a text reads."""

    bands: tuple[float, ...]
    """How probable each band is by the whole text."""
    wording: float
    """The expected band of the rest, 0 to 3."""


def haste_of(model: Trained, margins: Reals) -> Haste:
    """What the head of urgency says, by the margins of both looks."""
    whole, rest = probabilities(model, "urgency", margins).tolist()
    return Haste(bands=tuple(whole), wording=sum(band * share for band, share in enumerate(rest)))
