"""What does a text's vector say on each axis? A linear head per axis, small enough to read."""

from collections.abc import Mapping, Sequence
from math import exp
from operator import mul

import msgspec

from schemas.classified import Model
from services.classify.domain.opinion import Said


class BadHead(Exception):  # noqa: N818 - reads as what it is
    """A file is no head; the message says why."""


class AxisHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One axis: a row of weights and a bias for each value that it can take."""

    values: tuple[str, ...]
    bias: tuple[float, ...]
    weights: tuple[tuple[float, ...], ...]


class Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All axes over vectors of one encoder, which ``model`` names."""

    model: Model
    axes: Mapping[str, AxisHead]


def read_head(content: bytes) -> Head:
    """The head of a file; raises ``BadHead``."""
    try:
        head = msgspec.json.decode(content, type=Head)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadHead(f"expected a head: {error}") from error
    for axis, one in head.axes.items():
        if not len(one.values) == len(one.bias) == len(one.weights) > 1:
            raise BadHead(f"{axis}: expected a bias and a row of weights for each of its values")
    if len({len(row) for one in head.axes.values() for row in one.weights}) != 1:
        raise BadHead("expected rows of weights of one length")
    return head


def says(head: Head, vector: Sequence[float]) -> dict[str, Said]:
    """The likeliest value on each axis with its probability (softmax); no library, no rounding."""
    return {axis: _likeliest(one, vector) for axis, one in head.axes.items()}


def _likeliest(head: AxisHead, vector: Sequence[float]) -> Said:
    pairs = zip(head.bias, head.weights, strict=True)
    scores = [bias + sum(map(mul, row, vector)) for bias, row in pairs]
    best = max(scores)
    sure = 1.0 / sum(exp(score - best) for score in scores)
    return Said(value=head.values[scores.index(best)], confidence=sure)
