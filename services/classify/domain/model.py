"""What does a trained model hold, and what do its heads say of a text?

One table of small integers, a row for each bucket and a column for each class of each axis, and a
small dense matrix for the numbers of the cues and for pairs of them. A margin is ``scale *
sum(rows) / sqrt(pieces)`` plus the cues' share: no state, no search, the same for one text as for
a thousand.
"""

from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from services.classify.domain.cues import NAMES, PAIRS, pairs_of
from services.classify.domain.grams import BUCKETS, Buckets
from services.classify.domain.weights import Reals, Table

EVERY = slice(None)
FEATURES = 2
"""Counts up whenever pieces or numbers change their meaning: then a model must be trained anew."""


Kept = NDArray[np.bool_] | None
"""Which pieces count; all of them where it is None."""


class BadModel(Exception):  # noqa: N818 - reads as what it is
    """A model does not fit this code; the message says what was expected and what came."""


class Axis(msgspec.Struct, frozen=True, kw_only=True):
    """The classes of one question and where their columns begin; two classes share one column."""

    name: str
    classes: tuple[str, ...]
    first: int

    @property
    def width(self) -> int:
        """How many columns it has."""
        return 1 if len(self.classes) == 2 else len(self.classes)

    @property
    def columns(self) -> slice:
        """Where its margins stand."""
        return slice(self.first, self.first + self.width)


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside the arrays: who the model is and what its columns mean."""

    name: str
    version: str
    profile: str
    features: int
    cues: tuple[str, ...]
    axes: tuple[Axis, ...]


class Arrays(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of a model; read-only."""

    table: Table
    scales: Reals
    cues: Reals
    """A row for each number of the cues, for each pair of them, and a last one of offsets."""
    slopes: Reals
    """From margins to calibrated log odds, a row a column; the last entry is the offset."""


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """A model ready for use."""

    header: Header
    axes: Mapping[str, Axis]
    arrays: Arrays


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What one axis says: the class, and how probable it is that this is right (0 to 1)."""

    says: str
    sure: float


def trained(header: Header, arrays: Arrays) -> Trained:
    """A model from its parts; raises ``BadModel`` where they do not belong to this code."""
    columns = sum(axis.width for axis in header.axes)
    _expect("features", FEATURES, header.features)
    _expect("cues", NAMES, header.cues)
    _expect("table", (BUCKETS, columns), arrays.table.shape)
    _expect("scales", (columns,), arrays.scales.shape)
    _expect("cue weights", (len(NAMES) + len(PAIRS) + 1, columns), arrays.cues.shape)
    _expect("slopes", (columns, columns + 1), arrays.slopes.shape)
    return Trained(header=header, axes={axis.name: axis for axis in header.axes}, arrays=arrays)


def pieces_of(model: Trained, buckets: Buckets) -> Reals:
    """A row a piece, a column a class: what each says, in steps of the column's scale."""
    return model.arrays.table.take(buckets, axis=0).astype(np.float32)


def margins_of(
    model: Trained, pieces: Reals, numbers: Reals, columns: slice = EVERY, kept: Kept = None
) -> Reals:
    """The margins of columns, of all pieces or those kept: the more, the likelier the class."""
    arrays = model.arrays
    count = len(pieces) if kept is None else int(kept.sum())
    share = np.full(len(pieces), max(1, count) ** -0.5, dtype=np.float32)
    if kept is not None:
        share *= kept
    shown = np.flatnonzero(numbers)
    together: Reals = arrays.cues[pairs_of(numbers), columns].sum(axis=0)
    said: Reals = (share @ pieces[:, columns]) * arrays.scales[columns]
    cues: Reals = numbers[shown] @ arrays.cues[shown, columns] + arrays.cues[-1, columns]
    return said + cues + together


def read_axes(model: Trained, margins: Reals) -> dict[str, Read]:
    """What every axis says: the class of the highest margin with its calibrated probability."""
    odds, plain = _odds(model.arrays.slopes, EVERY, margins), margins.tolist()
    return {axis.name: _read(axis, plain, odds) for axis in model.header.axes}


def probabilities(model: Trained, columns: slice, margins: Reals) -> list[float]:
    """The calibrated probability of each class of an axis of more than two, in their order."""
    odds = _odds(model.arrays.slopes, columns, margins)
    return [one / sum(odds) for one in odds]


def _odds(slopes: Reals, columns: slice, margins: Reals) -> list[float]:
    mine, offsets = slopes[columns, :-1][:, columns], slopes[columns, -1]
    odds: list[float] = np.exp(np.clip(mine @ margins + offsets, -30, 30)).tolist()
    return odds


def _read(axis: Axis, margins: list[float], odds: list[float]) -> Read:
    first, width = axis.first, axis.width
    if width == 1:
        yes, says = odds[first] / (1 + odds[first]), margins[first] > 0
        return Read(says=axis.classes[says], sure=yes if says else 1 - yes)
    mine, shares = margins[first : first + width], odds[first : first + width]
    best = mine.index(max(mine))
    return Read(says=axis.classes[best], sure=shares[best] / sum(shares))


def _expect(what: str, wanted: object, got: object) -> None:
    if wanted != got:
        raise BadModel(f"model: expected {what} {wanted!r:.80}, got {got!r:.80}; train it anew")
