# Three inputs that break the easy version:
# 1. two cues, each known alone: what they say together must have a row of its own;
# 2. a cue that is gone: none of its pairs may stay behind;
# 3. a text in which nothing meets: no row at all, and no error.
"""Do two cues that meet count as a pair, once, and only when both are there?"""

from itertools import combinations

import msgspec
import numpy as np

from services.classify.domain.cues import MEET, NAMES, PAIRS, PLACE, Numbers, pairs_of
from services.classify.domain.model import Arrays, Looks, margins_of
from services.classify.model_files import read_model
from services.classify.settings import MODEL


def shown(*names: str) -> Numbers:
    numbers = np.zeros(len(NAMES), dtype=np.float32)
    numbers[[PLACE[name] for name in names]] = 1
    return numbers


def test_every_pair_has_a_row_of_its_own_behind_the_numbers() -> None:
    rows = [pairs_of(shown(*pair)).tolist() for pair in combinations(MEET, 2)]

    assert rows == [[len(NAMES) + place] for place in range(len(PAIRS))]


def test_three_cues_are_three_pairs_and_one_cue_is_none() -> None:
    three = pairs_of(shown("has:negative", "asks", "lang:bg")).tolist()

    assert [PAIRS[row - len(NAMES)] for row in three] == [
        ("has:negative", "asks"), ("has:negative", "lang:bg"), ("asks", "lang:bg"),
    ]  # fmt: skip
    assert len(pairs_of(shown("asks"))) == len(pairs_of(shown())) == 0
    assert len(pairs_of(shown("asks", "many:negative"))) == 0  # how many there are meets nothing


def test_a_pair_moves_a_margin_only_where_both_are_there() -> None:
    model = read_model(MODEL)
    cues = np.zeros_like(model.arrays.cues)
    cues[pairs_of(shown("asks", "has:thanks"))] = 2
    taught: Arrays = msgspec.structs.replace(model.arrays, cues=cues)
    model = msgspec.structs.replace(model, arrays=taught)
    nothing = np.zeros((0, cues.shape[1]), dtype=np.float32)

    kept = np.ones((2, 0), dtype=bool)
    numbers = np.stack([shown("asks", "has:thanks"), shown("asks", "has:praise")])
    together, apart = margins_of(model, nothing, Looks(kept=kept, numbers=numbers))
    assert np.all(together == 2)
    assert np.all(apart == 0)
