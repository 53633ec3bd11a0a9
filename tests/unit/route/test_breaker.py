"""A channel that fails is left alone, longer each time and never for more than a minute.

The inputs that break the easy version: failures of sends that were under way when the pause began;
a probe that fails again and again; one success after four failures.
"""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.route.channels.breaker import (
    CLOSED,
    FAILURES,
    PAUSE_SECONDS,
    Breaker,
    allowance,
    failed,
)

MOST = 5


def after(times: int, breaker: Breaker = CLOSED, *, now: float = 100, chance: float = 0) -> Breaker:
    for _ in range(times):
        breaker = failed(breaker, now, chance)
    return breaker


def pauses(times: int, *, chance: float) -> Sequence[float]:
    """How long each pause is where every probe fails at once."""
    breaker, found = after(FAILURES, chance=chance), [0.0]
    found = [breaker.until - 100]
    for _ in range(times - 1):
        now = breaker.until
        breaker = failed(breaker, now, chance)
        found.append(breaker.until - now)
    return found


def test_it_opens_at_the_fifth_failure_and_at_none_before() -> None:
    assert not after(FAILURES - 1).is_open
    assert allowance(after(FAILURES - 1), 100, MOST) == MOST

    assert after(FAILURES).is_open
    assert allowance(after(FAILURES), 100, MOST) == 0


def test_after_the_pause_one_is_tried_and_no_more() -> None:
    breaker = after(FAILURES)

    assert allowance(breaker, breaker.until - 0.001, MOST) == 0
    assert allowance(breaker, breaker.until, MOST) == 1


def test_what_was_under_way_lengthens_no_pause() -> None:
    breaker = after(FAILURES)

    assert after(4, breaker, now=101) == breaker


def test_pauses_grow_up_to_a_minute() -> None:
    assert pauses(7, chance=0) == pytest.approx([*PAUSE_SECONDS, 60, 60])


def test_a_pause_is_shortened_by_up_to_a_half() -> None:
    assert pauses(3, chance=0.5) == pytest.approx([3.75, 7.5, 15])


@given(
    st.lists(st.tuples(st.floats(0, 90), st.floats(0, 1, exclude_max=True)), max_size=50),
)
def test_no_history_leaves_a_channel_alone_for_more_than_a_minute(
    history: list[tuple[float, float]],
) -> None:
    breaker, now = CLOSED, 0.0
    for seconds, chance in history:
        now += seconds
        breaker = failed(breaker, now, chance)

        assert allowance(breaker, now + 60, MOST) >= 1
