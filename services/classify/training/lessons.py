"""What does each axis learn from which text? Rows, targets and weights, before any fitting."""

from collections.abc import Mapping, Sequence
from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray

from services.classify.training.corpora import Corpora, Labelled, Native, plain

FOLDS = 4
NATIVES_WEIGH = {"tone": 0.3, "rude": 0.15, "emotion": 1.0}
"""What a row of a larger set counts beside a post that was labelled by the guide."""
BALANCE = 0.5
"""0 leaves classes as frequent as they are, 1 makes all weigh the same."""

CLASSES: Mapping[str, tuple[str, ...]] = {
    "addressed": ("direct", "mention", "none"),
    "intent": ("complaint", "praise", "question", "request", "spam", "talk"),
    "tone": ("indifferent", "interested", "negative", "positive"),
    "strength": ("0", "1", "2"),
    "rude": ("false", "true"),
    "fair_claim": ("false", "true"),
    "solvable": ("no", "unknown", "yes"),
    "topic": (
        "account_access", "billing_payment", "cancellation_refund", "delivery_logistics",
        "fraud_security", "information", "other", "outage_availability", "price_terms",
        "product_quality", "safety", "staff_service",
    ),
    "disposition": (
        "answer_here", "human_review", "ignore_spam", "listen", "no_reply_insult",
        "no_reply_unresolvable", "public_ack_then_private", "thank",
    ),
    "urgency": ("0", "1", "2", "3"),
    "repeat_contact": ("false", "true"),
    "emotion": ("anger", "fear", "joy", "none", "sadness"),
}  # fmt: skip
"""Every axis that is learnt, and its classes in the order of their columns."""

PARALLEL = ("own:ru_own_c:", "own:en_own_c:", "own:plain_")
"""Posts written in several languages at once: those of one number say the same."""
CEDR = {"0": "joy", "1": "sadness", "3": "fear", "4": "anger"}
STRONGEST = ("anger", "fear", "sadness", "joy")
ABUSE = {"abusive": "true", "clean": "false"}


CALM = "neutral"
"""A target of two classes, nobody knows which; it teaches what a text is not."""
CALM_ONES = ("indifferent", "interested")


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """One axis' targets for all rows; an empty target is a row that teaches nothing here."""

    axis: str
    targets: NDArray[np.str_]
    weights: NDArray[np.float64]

    def taught(self, word: str) -> NDArray[np.bool_]:
        """Which rows say whether they are of a class."""
        unknown = ["", CALM] if word in CALM_ONES else [""]
        return ~np.isin(self.targets, unknown)


def lessons(corpora: Corpora) -> list[Lesson]:
    """A lesson for each axis, over the labelled posts and after them the natives."""
    source = sources(corpora)
    return [_lesson(axis, corpora, source) for axis in CLASSES]


def sources(corpora: Corpora) -> NDArray[np.str_]:
    """Where each row comes from; all labelled posts are one source."""
    natives = [row.source for row in corpora.natives]
    return np.array(["labelled"] * len(corpora.labelled) + natives)


def folds(corpora: Corpora) -> NDArray[np.int64]:
    """The part of each row; the same text, and texts written in parallel, are in the same part."""
    rows: Sequence[Labelled | Native] = (*corpora.labelled, *corpora.natives)
    return np.array([crc32(_family(row).encode()) % FOLDS for row in rows])


def _family(row: Labelled | Native) -> str:
    if isinstance(row, Labelled) and row.id.startswith(PARALLEL):
        return "parallel" + row.id.rsplit(":", 1)[1].lstrip("ce")
    return plain(row.text)[:60]


def _lesson(axis: str, corpora: Corpora, source: NDArray[np.str_]) -> Lesson:
    labelled = [row.says(axis) if axis != "emotion" else "" for row in corpora.labelled]
    targets = np.array(labelled + [_native(axis, row) for row in corpora.natives])
    return Lesson(axis=axis, targets=targets, weights=_weights(axis, targets, source))


def _native(axis: str, row: Native) -> str:
    kind = row.file.split(".")[0]
    if axis == "tone" and kind == "tone":
        return _tone(row)
    if axis == "rude" and kind == "abuse":
        return ABUSE[row.label]
    return _emotion(row) if axis == "emotion" and kind.startswith("emotion") else ""


def _tone(row: Native) -> str:
    """Neutral without a question is indifferent; with one it may be interest."""
    return "indifferent" if row.label == CALM and "?" not in row.text else row.label


def _emotion(row: Native) -> str:
    words = row.label.replace("disgust", "anger").split("|")
    if row.source == "cedr":
        words = [CEDR.get(digit, "none") for digit in row.label.strip("[]").split()]
    return next((word for word in STRONGEST if word in words), "none")


def _weights(axis: str, targets: NDArray[np.str_], source: NDArray[np.str_]) -> NDArray[np.float64]:
    """Every source on its own: a row of a rare class counts more, a native less."""
    targets = np.where(targets == CALM, CALM_ONES[0], targets)
    weights = np.zeros(len(targets))
    for name in np.unique(source):
        mine = (source == name) & (targets != "")
        if not mine.any():
            continue
        classes, counts = np.unique(targets[mine], return_counts=True)
        share = 1.0 if name == "labelled" else NATIVES_WEIGH[axis]
        balance = BALANCE if len(CLASSES[axis]) > 2 else 1.0
        for word, count in zip(classes, counts, strict=True):
            weights[mine & (targets == word)] = (
                share * (mine.sum() / len(classes) / count) ** balance
            )
    return weights
