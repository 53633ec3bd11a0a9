# Three inputs that break the easy version:
# 1. a head whose rows have not one length: scoring would stop at the shorter, without a word;
# 2. scores so far apart that exp of them overflows;
# 3. two values with the same score: the first, on every machine.
"""What does a linear head say of a vector, and which files are heads?"""

import msgspec
import pytest

from schemas.classified import Model
from services.classify.domain.head import AxisHead, BadHead, Head, read_head, says
from services.classify.domain.opinion import AXES, Opinion, understood
from services.classify.second_opinion.encoder import HEAD


def head(*weights: tuple[float, ...], bias: tuple[float, ...] = (0.0, 0.0)) -> Head:
    """A head of one axis with two values."""
    tone = AxisHead(values=("negative", "positive"), bias=bias, weights=weights)
    return Head(model=Model(name="m", version="1"), axes={"tone": tone})


def test_the_highest_score_is_said_with_its_share() -> None:
    found = says(head((1.0, 0.0), (0.0, 1.0)), (0.0, 1.0))["tone"]

    assert found.value == "positive"
    assert found.confidence == pytest.approx(0.7311, abs=1e-4)


def test_far_apart_is_sure_and_equal_is_the_first() -> None:
    far = says(head((1e6,), (-1e6,)), (1.0,))["tone"]
    even = says(head((1.0,), (1.0,)), (1.0,))["tone"]

    assert (far.value, far.confidence) == ("negative", 1.0)
    assert (even.value, even.confidence) == ("negative", 0.5)


@pytest.mark.parametrize(
    "wrong",
    [
        head((1.0, 0.0), (0.0,)),
        head((1.0, 0.0)),
        head((1.0,), (0.0,), bias=(0.0,)),
        Head(model=Model(name="m", version="1"), axes={}),
    ],
)
def test_a_file_that_does_not_fit_is_no_head(wrong: Head) -> None:
    with pytest.raises(BadHead):
        read_head(msgspec.json.encode(wrong))


@pytest.mark.parametrize("content", [b"", b"{}", b'{"model": 1}', b"\xff"])
def test_what_is_no_head_is_refused(content: bytes) -> None:
    with pytest.raises(BadHead, match="expected a head"):
        read_head(content)


def test_the_head_that_is_shipped_speaks_our_words() -> None:
    shipped = read_head(HEAD.read_bytes())

    for axis, one in shipped.axes.items():
        for value in one.values:
            says_it = {axis: {"value": value, "confidence": 1.0}}
            opinion = msgspec.convert(
                {"id": "1", "model": {"name": "m", "version": "1"}, "says": says_it}, Opinion
            )
            assert understood(opinion).ignored == 0
    assert shipped.axes.keys() <= AXES.keys()
    assert HEAD.stat().st_size < 1_048_576
