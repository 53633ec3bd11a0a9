"""What do texts look like as one matrix? The same pieces and numbers that are seen at run time."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from services.classify.domain.cues import NAMES, PAIRS, Numbers, pairs_of
from services.classify.domain.eye import Seen
from services.classify.domain.grams import BUCKETS, CHARACTERS, Buckets
from services.classify.domain.rest import looks_of

WORDS_WEIGH = 2.0
"""A word counts as much as two character pieces; folded into the table afterwards."""
RARITY = 0.75
"""0 counts all pieces the same, 1 by the logarithm of how rare they are; folded in as well."""
CUES_WEIGH = 0.3
"""Keeps the numbers of the cues in the range of the pieces, so that one penalty fits both."""
PAIRS_WEIGH = 0.1
"""The same of two cues that meet: there are many, and each is seldom."""

TELLING = 0.5
"""0 leaves a piece its worth, 1 multiplies it by how well the piece tells a class (log odds)."""

Worths = NDArray[np.float64]


def matrix_of(seen: Sequence[Seen], worths: Worths) -> csr_matrix:
    """A row a text as a judge saw it: pieces, then the numbers of the cues, then their pairs."""
    return _rows([one.buckets for one in seen], [one.numbers for one in seen], worths)


def rests_of(seen: Sequence[Seen], worths: Worths) -> csr_matrix:
    """The same rows without what the named cues say."""
    rests = [(one.buckets[look.kept[1]], look.numbers[1])
             for one, look in zip(seen, map(looks_of, seen), strict=True)]  # fmt: skip
    return _rows([pieces for pieces, _ in rests], [numbers for _, numbers in rests], worths)


def worths_of(seen: Sequence[Seen]) -> Worths:
    """How much one piece of each bucket counts: the fewer texts have it, the more it says."""
    texts = np.zeros(BUCKETS)
    for one in seen:
        texts[np.unique(one.buckets)] += 1
    plain = np.where(np.arange(BUCKETS) < CHARACTERS, 1.0, WORDS_WEIGH)
    worths = plain * (1 + np.log((len(seen) + 1) / (texts + 1))) ** RARITY
    # rows stay as long as they were, so that one penalty fits whatever the texts are
    return np.asarray(worths * np.sqrt((texts @ plain**2) / (texts @ worths**2)))


def telling_of(rows: csr_matrix, yes: NDArray[np.bool_], weights: Worths) -> Worths:
    """How well each column of a matrix tells a class from the rest, cues and pairs apart.

    Half of it by the naive odds of the pieces, so that the machine spends its penalty on pieces
    that say something. Source: Wang and Manning 2012, Baselines and Bigrams.
    """
    there = rows[:, :BUCKETS].sign()
    inside, outside = there.T @ (weights * yes) + 1, there.T @ (weights * ~yes) + 1
    odds = np.abs(np.log((inside / inside.sum()) / (outside / outside.sum())))
    telling, texts = np.ones(rows.shape[1]), there.getnnz(axis=0)
    mixed = 1 - TELLING + TELLING * odds
    # rows stay as long as they were, so that one penalty fits every class
    telling[:BUCKETS] = mixed * np.sqrt(texts.sum() / (texts @ mixed**2))
    return telling


def cue_weights() -> NDArray[np.float64]:
    """How much a number, a pair and the offset count, in the order of their rows."""
    return np.repeat([CUES_WEIGH, PAIRS_WEIGH, 1.0], [len(NAMES), len(PAIRS), 1])


def _rows(pieces: Sequence[Buckets], numbers: Sequence[Numbers], worths: Worths) -> csr_matrix:
    cues = csr_matrix(np.stack(numbers) * CUES_WEIGH)
    return hstack([sparse(pieces, worths.astype(np.float32)), cues, _pairs(numbers)]).tocsr()


def _pairs(numbers: Sequence[Numbers]) -> csr_matrix:
    found = [pairs_of(one) - len(NAMES) for one in numbers]
    ends, columns = np.cumsum([0, *map(len, found)]), np.concatenate(found)
    values = np.full(len(columns), PAIRS_WEIGH, dtype=np.float32)
    return csr_matrix((values, columns, ends), shape=(len(numbers), len(PAIRS)))


def sparse(pieces: Sequence[Buckets], weights: NDArray[np.floating]) -> csr_matrix:
    """A row a text, a column a bucket that has a weight; many pieces say no more than few."""
    sizes = np.array([len(some) for some in pieces])
    ends, columns = np.concatenate([[0], np.cumsum(sizes)]), np.concatenate(pieces)
    values = np.repeat(1 / np.sqrt(np.maximum(1, sizes)), sizes) * weights[columns]
    rows = csr_matrix(
        (values.astype(weights.dtype), columns, ends), shape=(len(pieces), len(weights))
    )
    rows.sum_duplicates()  # liblinear reads repeated columns wrongly, and says nothing
    return rows
