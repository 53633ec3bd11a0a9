"""How does a model come about? From data to files, the same bytes for the same input."""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np

from services.classify.domain.cues import NAMES
from services.classify.domain.eye import Eye
from services.classify.domain.grams import BUCKETS
from services.classify.domain.lexicon import Lexicon
from services.classify.domain.model import FEATURES, Arrays, Axis, Header, Read
from services.classify.model_files import save, save_languages
from services.classify.training.card import card
from services.classify.training.corpora import Corpora, sha1
from services.classify.training.heads import Fitted, Real, Work, fit_all
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
    header, arrays = _model(fitted, profile, worths)
    save(out, header, arrays)
    held = _held(found, fitted)
    encoder = msgspec.json.Encoder()
    (out / "held.jsonl").write_bytes(b"\n".join(map(encoder.encode, held)) + b"\n")
    (out / "CARD.md").write_text("\n".join(card(found, fitted, header)) + "\n", "utf-8")
    log(f"wrote {out.name}: {len(header.axes)} axes, {arrays.table.shape[1]} columns")


def _tell(found: Corpora, log: Log) -> None:
    log(", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "scikit-learn")))
    for name, rows in (("labelled", found.labelled), ("natives", found.natives)):
        names, counts = np.unique([row.source for row in rows], return_counts=True)
        told = ", ".join(f"{one} {count}" for one, count in zip(names, counts, strict=True))
        log(f"{name} {len(rows)}: {told}")


def _model(fitted: list[Fitted], profile: str, worths: Worths) -> tuple[Header, Arrays]:
    axes: list[Axis] = []
    for head in fitted:
        first = sum(axis.width for axis in axes)
        axes.append(Axis(name=head.axis, classes=CLASSES[head.axis], first=first))
    weights = np.concatenate([head.weights for head in fitted], axis=1)
    table, scales = quantised(weights[:BUCKETS] * worths[:, None])
    cues = weights[BUCKETS:] * cue_weights()[:, None]
    header = Header(
        name="linear", version="1", profile=profile, features=FEATURES, cues=NAMES, axes=tuple(axes)
    )
    return header, Arrays(
        table=table,
        scales=scales,
        cues=cues.astype(np.float32),
        slopes=_slopes(fitted, axes).astype(np.float32),
    )


def _slopes(fitted: list[Fitted], axes: list[Axis]) -> Real:
    columns = sum(axis.width for axis in axes)
    slopes = np.zeros((columns, columns + 1))
    for head, axis in zip(fitted, axes, strict=True):
        slopes[axis.columns, axis.columns] = head.slopes[:, :-1]
        slopes[axis.columns, -1] = head.slopes[:, -1]
    return slopes


def _held(found: Corpora, fitted: list[Fitted]) -> list[Held]:
    count = len(found.labelled)
    said = {head.axis: _said(head, count) for head in fitted}
    wording = _expected(next(head for head in fitted if head.axis == "urgency"))
    return [
        held_of(sha1(row.text), {axis: one[place] for axis, one in said.items()}, wording[place])
        for place, row in enumerate(found.labelled)
    ]


def _said(head: Fitted, count: int) -> list[Read]:
    """The class of each labelled post by honest margins, and its calibrated probability."""
    classes, honest, best = CLASSES[head.axis], head.honest[:count], head.best()[:count]
    odds = honest @ head.slopes[:, :-1].T + head.slopes[:, -1]
    if len(classes) == 2:
        yes = 1 / (1 + np.exp(-odds[:, 0]))
        sure = np.where(best == 1, yes, 1 - yes)
    else:
        shares = np.exp(odds - odds.max(axis=1, keepdims=True))
        sure = (shares / shares.sum(axis=1, keepdims=True))[np.arange(len(best)), best]
    return [
        Read(says=classes[one], sure=float(share)) for one, share in zip(best, sure, strict=True)
    ]


def _expected(head: Fitted) -> list[float]:
    """The mean of the bands by their probability, of the text without its named cues."""
    odds = head.rest @ head.slopes[:, :-1].T + head.slopes[:, -1]
    shares = np.exp(odds - odds.max(axis=1, keepdims=True))
    bands = np.arange(shares.shape[1])
    return [float(one) for one in shares @ bands / shares.sum(axis=1)]
