"""How are heads fitted? One linear machine a class, in parts for honest margins, then in whole."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.svm import LinearSVC

from services.classify.training.lessons import CLASSES, FOLDS, Lesson
from services.classify.training.matrix import telling_of

PENALTY = {"intent": 0.7, "topic": 0.4, "disposition": 0.7, "repeat_contact": 0.7}
"""Of an axis; of any other 0.3. The higher, the closer to the posts that were seen."""
SOURCE_WEIGHS = 0.15
"""Lets a larger set have its own habits, in columns that are dropped after training."""

Real = NDArray[np.float64]


class Fitted(msgspec.Struct, frozen=True, kw_only=True):
    """The heads of one axis: a column a class (one for two classes), and margins out of fold."""

    axis: str
    weights: Real
    """Columns of the matrix by classes; the last row is the offset."""
    honest: Real
    """Of every row, labelled posts first, margins by heads that did not see it."""
    rest: Real
    """The same of the labelled posts without their named cues (``domain/rest.py``)."""

    def best(self) -> NDArray[np.int64]:
        """Of every row the place of the class that honest margins say."""
        one = self.honest.shape[1] == 1
        best: NDArray[np.int64] = (
            (self.honest[:, 0] > 0).astype(np.int64) if one else self.honest.argmax(axis=1)
        )
        return best


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What all fits share."""

    rows: csr_matrix
    rests: csr_matrix
    source: NDArray[np.str_]
    fold: NDArray[np.int64]
    lessons: tuple[Lesson, ...]
    labelled: int

    shared: ClassVar[list["Work"]] = []
    """Set before the workers are forked, so that no matrix is copied."""


def fit_all(work: Work) -> list[Fitted]:
    """Every axis' heads; the same input gives the same weights."""
    tasks = [(place, part, word) for place, lesson in enumerate(work.lessons)
             for part in (*range(FOLDS), None) for word in _columns(lesson.axis)]  # fmt: skip
    Work.shared[:] = [work]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork")) as pool:
        done = dict(zip(tasks, pool.map(_fit, tasks), strict=True))
    return [_fitted(work, place, done) for place in range(len(work.lessons))]


def _columns(axis: str) -> tuple[str, ...]:
    classes = CLASSES[axis]
    return classes[1:] if len(classes) == 2 else classes


def _fit(task: tuple[int, int | None, str]) -> Real:
    """The weights of one class against the rest, on all parts but one."""
    place, part, word = task
    work = Work.shared[0]
    lesson = work.lessons[place]
    mine = np.flatnonzero(lesson.taught(word) & (work.fold != (-1 if part is None else part)))
    source = work.source[mine]
    others = np.unique(source[source != "labelled"])
    habits = csr_matrix((source[:, None] == others) * SOURCE_WEIGHS)
    machine = LinearSVC(C=PENALTY.get(lesson.axis, 0.3), tol=1e-3, max_iter=3000, random_state=0)
    rows, yes, weights = work.rows[mine], lesson.targets[mine] == word, lesson.weights[mine]
    telling = telling_of(rows, yes, weights)
    machine.fit(hstack([rows @ diags(telling), habits]).tocsr(), yes, sample_weight=weights)
    return np.concatenate([machine.coef_[0][: len(telling)] * telling, machine.intercept_])


def _fitted(work: Work, place: int, done: dict[tuple[int, int | None, str], Real]) -> Fitted:
    lesson = work.lessons[place]
    columns = _columns(lesson.axis)
    honest = np.zeros((len(lesson.targets), len(columns)))
    rest = np.zeros((work.labelled, len(columns)))
    for part in range(FOLDS):
        out = np.flatnonzero(work.fold == part)
        weights = np.stack([done[place, part, word] for word in columns], axis=1)
        honest[out] = work.rows[out] @ weights[:-1] + weights[-1]
        ours = out[out < work.labelled]
        rest[ours] = work.rests[ours] @ weights[:-1] + weights[-1]
    whole = np.stack([done[place, None, word] for word in columns], axis=1)
    return Fitted(axis=lesson.axis, weights=whole, honest=honest, rest=rest)
