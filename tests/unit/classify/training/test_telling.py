# Three inputs that break the easy version:
# 1. a piece that stands in every text, of any class: it must count less than one that tells;
# 2. a piece that stands only outside the class: it tells as much as one that stands inside;
# 3. posts that weigh more than others: a rare class is balanced, and its pieces with it.
"""How well does a piece tell a class from the rest, before a machine is fitted?"""

from math import log, sqrt

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from services.classify.domain.grams import BUCKETS
from services.classify.training.matrix import TELLING, telling_of

EVERYWHERE, INSIDE, OUTSIDE, NEVER, CUE = 0, 1, 2, 3, BUCKETS + 2
TEXTS = (
    (True, (EVERYWHERE, INSIDE, CUE)),
    (True, (EVERYWHERE, INSIDE)),
    (False, (EVERYWHERE, OUTSIDE, CUE)),
    (False, (EVERYWHERE, OUTSIDE)),
)
YES = np.array([yes for yes, _ in TEXTS])
EVEN = np.ones(len(TEXTS))


def rows() -> csr_matrix:
    """The texts as a matrix; how much a piece is worth in its row does not matter."""
    matrix = np.zeros((len(TEXTS), BUCKETS + 4), dtype=np.float32)
    for place, (_, pieces) in enumerate(TEXTS):
        matrix[place, list(pieces)] = 0.25 + place
    return csr_matrix(matrix)


def by_hand(inside: float, outside: float, all_inside: float, all_outside: float) -> float:
    """The worth of one piece by the formula of the paper, one count added everywhere."""
    odds = ((inside + 1) / (all_inside + BUCKETS)) / ((outside + 1) / (all_outside + BUCKETS))
    return 1 - TELLING + TELLING * abs(log(odds))


def test_a_piece_of_one_class_counts_more_than_one_that_stands_everywhere() -> None:
    telling = telling_of(rows(), YES, EVEN)

    assert telling[INSIDE] == pytest.approx(telling[OUTSIDE])
    assert telling[INSIDE] > 1 > telling[EVERYWHERE] > 0
    assert telling[CUE] == 1


def test_the_odds_are_those_of_the_paper() -> None:
    telling = telling_of(rows(), YES, EVEN)

    everywhere, inside = by_hand(2, 2, 4, 4), by_hand(2, 0, 4, 4)
    length = sqrt((4 + 2 + 2) / (4 * everywhere**2 + 4 * inside**2))
    assert telling[[EVERYWHERE, INSIDE]] == pytest.approx(
        np.array([everywhere, inside]) * length, rel=1e-4
    )


def test_a_post_that_weighs_more_counts_more() -> None:
    heavy = telling_of(rows(), YES, np.where(YES, 9.0, 1.0))

    assert heavy[INSIDE] > heavy[OUTSIDE]
    assert heavy[INSIDE] / heavy[OUTSIDE] == pytest.approx(
        by_hand(18, 0, 36, 4) / by_hand(0, 2, 36, 4), rel=1e-4
    )


def test_rows_stay_as_long_as_they_were() -> None:
    telling, there = telling_of(rows(), YES, EVEN), rows()[:, :BUCKETS].toarray() != 0

    assert float((there * telling[:BUCKETS] ** 2).sum()) == pytest.approx(float(there.sum()))
