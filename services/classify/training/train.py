"""How does a model come about? From data to files, the same bytes for the same input."""

from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np

from services.classify.domain.cues import NAMES
from services.classify.domain.eye import Eye
from services.classify.domain.grams import BUCKETS
from services.classify.domain.lexicon import Lexicon
from services.classify.domain.model import (
    FEATURES,
    Arrays,
    Axis,
    Header,
    Trained,
    read_axes,
    trained,
)
from services.classify.domain.rest import haste_of
from services.classify.model_files import save, save_languages
from services.classify.training.calibration import slopes_of
from services.classify.training.card import card
from services.classify.training.corpora import Corpora, sha1
from services.classify.training.heads import Fitted, Work, fit_all
from services.classify.training.held import Held, held_of
from services.classify.training.languages import trained_languages
from services.classify.training.lessons import CLASSES, folds, lessons, sources
from services.classify.training.matrix import Worths, cue_weights, matrix_of, rests_of, worths_of
from services.classify.training.quantised import quantised

Log = Callable[[str], None]


def train(
    found: Corpora, out: Path, profile: str, lexicons: Mapping[str, Lexicon], log: Log
) -> None:
    """Train a profile and write its model; says what it used."""
    _tell(found, log)
    languages = trained_languages(found)
    save_languages(out, languages)
    eye = Eye(languages=languages, lexicons=lexicons)
    texts = [row.text for row in found.labelled] + [row.text for row in found.natives]
    seen = [eye.see(text) for text in texts]
    worths = worths_of(seen)
    rows = matrix_of(seen, worths)
    log(f"matrix {rows.shape[0]} x {rows.shape[1]}, {rows.nnz} values")
    work = Work(
        rows=rows,
        rests=rests_of(seen[: len(found.labelled)], worths),
        source=sources(found),
        fold=folds(found),
        lessons=tuple(lessons(found)),
        labelled=len(found.labelled),
    )
    fitted = fit_all(work)
    model = _model(fitted, found, work, profile, worths)
    save(out, model.header, model.arrays)
    held = _held(found, fitted, model)
    encoder = msgspec.json.Encoder()
    (out / "held.jsonl").write_bytes(b"\n".join(map(encoder.encode, held)) + b"\n")
    (out / "CARD.md").write_text("\n".join(card(found, fitted, model.header)) + "\n", "utf-8")
    log(f"wrote {out.name}: {len(model.axes)} axes, {model.arrays.table.shape[1]} columns")


def _tell(found: Corpora, log: Log) -> None:
    log(", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "scikit-learn")))
    for name, rows in (("labelled", found.labelled), ("natives", found.natives)):
        names, counts = np.unique([row.source for row in rows], return_counts=True)
        told = ", ".join(f"{one} {count}" for one, count in zip(names, counts, strict=True))
        log(f"{name} {len(rows)}: {told}")


def _model(
    fitted: list[Fitted], found: Corpora, work: Work, profile: str, worths: Worths
) -> Trained:
    axes: list[Axis] = []
    for head in fitted:
        first = sum(axis.width for axis in axes)
        axes.append(Axis(name=head.axis, classes=CLASSES[head.axis], first=first))
    weights = np.concatenate([head.weights for head in fitted], axis=1)
    table, scales = quantised(weights[:BUCKETS] * worths[:, None])
    cues = weights[BUCKETS:] * cue_weights()[:, None]
    slopes = slopes_of(fitted, axes, work.lessons, found.labelled)
    header = Header(
        name="linear", version="1", profile=profile, features=FEATURES, cues=NAMES, axes=tuple(axes)
    )
    arrays = Arrays(
        table=table,
        scales=scales,
        cues=cues.astype(np.float32),
        slopes=slopes.astype(np.float32),
    )
    return trained(header, arrays)


def _held(found: Corpora, fitted: list[Fitted], model: Trained) -> Iterator[Held]:
    """What the model would say of each labelled post by honest margins."""
    count = len(found.labelled)
    whole = np.hstack([head.honest[:count] for head in fitted])
    rest = np.hstack([head.rest for head in fitted])
    looks = np.stack([whole, rest], axis=1).astype(np.float32)
    for row, margins in zip(found.labelled, looks, strict=True):
        yield held_of(sha1(row.text), read_axes(model, margins[0]), haste_of(model, margins))
