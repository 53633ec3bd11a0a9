"""Which words carried a judgement? Each piece's share of the margin, laid back on the text.

What two cues add by meeting lies on neither word and is not shown.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from services.classify.domain.cues import OF_CUE, OF_TOPIC
from services.classify.domain.eye import Seen
from services.classify.domain.grams import places_of
from services.classify.domain.judge import Span, Spans
from services.classify.domain.model import Axis, Read, Trained, pieces_of
from services.classify.domain.weights import Reals

KEPT = 3
"""So many places are shown of an axis."""
LEAST = 0.02
"""A word that moved a margin by less carried nothing."""


def explained(model: Trained, seen: Seen, axes: Mapping[str, Read]) -> dict[str, Spans]:
    """The spans of the text that spoke most for each class, the strongest first."""
    words = [*zip(seen.pieces.starts.tolist(), seen.pieces.ends.tolist(), strict=True)]
    if not words:
        return {}
    shares = _by_pieces(model, seen, words) + _by_cues(model, seen, words)
    shown = {name: _strongest(shares @ _towards(model.axes[name], shares.shape[1], read), words)
             for name, read in axes.items()}  # fmt: skip
    return {
        name: tuple(seen.signs.reading.place(spot) for spot in spots)
        for name, spots in shown.items()
        if spots
    }


def _by_pieces(model: Trained, seen: Seen, words: list[Span]) -> Reals:
    """A row a word, a column a class: what the pieces inside the word add to each margin."""
    scale = model.arrays.scales / np.float32(max(1, len(seen.buckets)) ** 0.5)
    pieces = pieces_of(model, seen.buckets) * scale
    starts = np.array([start for start, _ in words])
    middles = (places_of(seen.pieces).sum(axis=1) - 1) // 2
    shares = np.zeros((len(words), pieces.shape[1]), dtype=np.float32)
    np.add.at(shares, np.clip(np.searchsorted(starts, middles, side="right") - 1, 0, None), pieces)
    return shares


def _by_cues(model: Trained, seen: Seen, words: list[Span]) -> Reals:
    """The same for the cues that were found, on the word where each begins."""
    shares = np.zeros((len(words), model.arrays.cues.shape[1]), dtype=np.float32)
    starts = [start for start, _ in words]
    found = [*((OF_CUE[cue], spots) for cue, spots in seen.signs.found.items()),
             *((OF_TOPIC[topic], spots) for topic, spots in seen.signs.topics.items())]  # fmt: skip
    for places, spots in found:
        share = sum((seen.numbers[place] * model.arrays.cues[place] for place in places), 0)
        for start, _ in spots:
            word = max(0, int(np.searchsorted(starts, start + 1, side="right")) - 1)
            shares[word] += share / np.float32(len(spots))
    return shares


def _towards(axis: Axis, columns: int, read: Read) -> Reals:
    """How a class is told from the others of its axis, as a direction over all columns."""
    direction = np.zeros(columns, dtype=np.float32)
    place = axis.classes.index(read.says)
    if axis.width == 1:
        direction[axis.first] = 1 if place else -1
        return direction
    direction[axis.columns] = -1 / (axis.width - 1)
    direction[axis.first + place] = 1
    return direction


def _strongest(shares: NDArray[np.floating], words: list[Span]) -> Spans:
    best = sorted(range(len(words)), key=lambda word: (-shares[word], word))[:KEPT]
    return tuple((words[word][0] - 1, words[word][1] - 1) for word in best if shares[word] >= LEAST)
