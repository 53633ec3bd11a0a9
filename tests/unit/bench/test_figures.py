"""The arithmetic of the benchmark: medians, ratios within a round, goals that were met or not.

The inputs that break the easy version: a round that was slow for both sides; a goal whose part was
not measured; a window that sees all its messages at once.
"""

import msgspec
import pytest

from bench import bare
from bench.__main__ import GOALS, spreads, table
from bench.figures import Goal, Spread, percentile, ratios, spread, verdicts
from bench.posted import Posted, posted
from bench.window import Window, measured
from schemas.event import decoders, encode


def test_a_spread_is_the_median_between_the_extremes() -> None:
    assert spread([5.0, 1.0, 9.0, 2.0]) == Spread(low=1.0, median=3.5, high=9.0)


def test_a_slow_round_disturbs_no_ratio() -> None:
    samples = {"ours": [30.0, 300.0], "bare": [20.0, 200.0]}

    assert ratios(samples, "ours", "bare") == [1.5, 1.5]


def test_rounds_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratios({"ours": [1.0, 2.0], "bare": [1.0]}, "ours", "bare")


@pytest.mark.parametrize(("percent", "value"), [(50, 5.0), (99, 10.0), (1, 1.0), (100, 10.0)])
def test_a_percentile_is_a_value_that_was_measured(percent: int, value: float) -> None:
    assert percentile([float(n) for n in range(10, 0, -1)], percent) == value


def test_a_goal_is_met_by_the_median_and_up_to_its_limit() -> None:
    goals = [Goal(figure="p99", at_most=150), Goal(figure="cpu", at_most=60)]
    figures = {"p99": spread([100.0, 150.0, 900.0]), "cpu": spread([60.1])}

    assert [one.met for one in verdicts(goals, figures)] == [True, False]


def test_a_goal_that_was_not_measured_is_not_called_met() -> None:
    (verdict,) = verdicts([Goal(figure="p99", at_most=150)], {})

    assert not verdict.met
    assert str(verdict) == "not measured"


def test_the_table_says_of_every_goal_whether_it_was_met() -> None:
    figures = spreads({"bare cpu": [20.0, 40.0], "aiokafka cpu": [30.0, 62.0]})

    lines = list(table(figures))

    assert figures["aiokafka / bare"] == Spread(low=1.5, median=1.525, high=1.55)
    assert next(line for line in lines if line.startswith("goal:")).endswith("MISSED: 1.52 of 1.5")
    assert sum(line.startswith("goal:") for line in lines) == len(GOALS)


def test_a_window_counts_what_came_after_the_warming_up() -> None:
    window = Window(warm=10, total=30)

    assert [window.acked(n) for n in (5, 7, 10, 8)] == [False, False, False, True]
    assert measured(window).messages == 18


def test_a_window_that_never_closed_says_so() -> None:
    window = Window(warm=1, total=10)
    window.acked(10)

    with pytest.raises(RuntimeError, match="expected a window"):
        measured(window)


def test_the_bare_loop_writes_the_bytes_that_ours_writes() -> None:
    record = posted(1, 0)
    plain = msgspec.json.decode(record.value, type=bare.Posted)
    ours = decoders((Posted,))["Posted"].decode(record.value)

    assert msgspec.to_builtins(plain) == msgspec.to_builtins(ours)
    assert len(msgspec.json.encode(plain)) == len(encode(ours)) == len(record.value)
