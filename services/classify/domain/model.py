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

FEATURES = 2
"""Counts up whenever pieces or numbers change their meaning: then a model must be trained anew."""


ONES = np.ones(len(PAIRS), dtype=np.float32)
"""A product with them sums rows faster than ``sum`` does."""


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


class Looks(msgspec.Struct, frozen=True, kw_only=True):
    """What of one text is looked at, a row a look: which pieces, and the numbers of the cues."""

    kept: NDArray[np.bool_]
    numbers: Reals


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


def margins_of(model: Trained, pieces: Reals, looks: Looks) -> Reals:
    """A row a look, a column a class: the margins; the more, the likelier the class."""
    arrays = model.arrays
    kept = looks.kept.astype(np.float32)
    counts = np.maximum(1, kept.sum(axis=1, keepdims=True))
    said: Reals = (kept @ pieces) * arrays.scales / np.sqrt(counts)
    said += looks.numbers @ arrays.cues[: len(NAMES)] + arrays.cues[-1]
    for place, numbers in enumerate(looks.numbers):
        met = pairs_of(numbers)
        said[place] += ONES[: len(met)] @ arrays.cues.take(met, axis=0)
    return said


def read_axes(model: Trained, margins: Reals) -> dict[str, Read]:
    """What every axis says: the class of the highest margin with its calibrated probability."""
    slopes, plain = model.arrays.slopes, margins.tolist()
    odds = np.exp(_bounded(slopes[:, :-1] @ margins + slopes[:, -1])).tolist()
    return {axis.name: _read(axis, plain, odds) for axis in model.header.axes}


def probabilities(model: Trained, axis: str, margins: Reals) -> Reals:
    """A row a look: the calibrated probability of each class of an axis of more than two."""
    columns = model.axes[axis].columns
    mine, offsets = model.arrays.slopes[columns, :-1], model.arrays.slopes[columns, -1]
    odds = np.exp(_bounded(margins @ mine.T + offsets))
    shares: Reals = odds / odds.sum(axis=1, keepdims=True)
    return shares


def _bounded(odds: Reals) -> Reals:
    """Log odds that can be made shares; ``clip`` does the same at four times the cost."""
    bounded: Reals = np.minimum(np.maximum(odds, -30), 30)
    return bounded


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
