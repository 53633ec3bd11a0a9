# Three inputs that break the easy version:
# 1. posts that could be argued, rarer among labelled posts than among fair ones;
# 2. an axis whose sureness depends on the others: its row spans them all;
# 3. an axis that the labelled posts do not know, learnt from larger sets alone.
"""Is a probability as high as posts are right, of fair posts too?"""

from collections.abc import Sequence

import msgspec
import numpy as np

from services.classify.domain.model import Axis
from services.classify.training.calibration import slopes_of
from services.classify.training.corpora import HERE, Labelled
from services.classify.training.heads import Fitted, Real
from services.classify.training.lessons import Lesson

POST = msgspec.json.decode((HERE / "own_plain.jsonl").read_bytes().split(b"\n")[0], type=Labelled)
RIGHT, WRONG = (1.0, "true"), (1.0, "false")


def slopes(rows: Sequence[tuple[tuple[float, str], int]], labelled: int) -> Real:
    """Of two axes with the same margins and targets, by labelled posts and larger sets."""
    margins = np.array([[margin] for (margin, _), _ in rows])
    targets = np.array([word for (_, word), _ in rows])
    names = ("rude", "disposition")
    fitted = [Fitted(axis=name, weights=margins, honest=margins, rest=margins) for name in names]
    axes = [Axis(name=name, classes=("false", "true"), first=place)
            for place, name in enumerate(names)]  # fmt: skip
    taught = [Lesson(axis=name, targets=targets, weights=np.ones(len(rows))) for name in names]
    posts = [msgspec.structs.replace(POST, doubt=doubt) for _, doubt in rows[:labelled]]
    return slopes_of(fitted, axes, taught, posts)


def sure(found: Real) -> float:
    """The probability at a margin of one."""
    return float(1 / (1 + np.exp(-(found[0, 0] + found[0, -1]))))


def test_posts_that_could_be_argued_make_less_sure() -> None:
    clear, wrong = ((RIGHT, 0), ((-1.0, "false"), 0)), (WRONG, 1)
    argued = slopes([*clear * 40, *[wrong] * 10], 90)
    plain = slopes([*clear * 40, *[(WRONG, 0)] * 10], 90)

    assert sure(argued) < sure(plain) - 0.05


def test_a_disposition_looks_at_all_axes_and_any_other_at_its_own() -> None:
    found = slopes([(RIGHT, 0), ((-1.0, "false"), 0)] * 20, 40)

    assert found[0, 0] > 0
    assert found[0, 1] == 0
    assert np.all(found[1, :2] > 0)


def test_larger_sets_calibrate_what_no_labelled_post_knows() -> None:
    known = [(RIGHT, 0), ((-1.0, "false"), 0)] * 20

    assert np.array_equal(slopes([((1.0, ""), 0), *known], 1), slopes(known, 0))
