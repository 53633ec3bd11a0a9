"""Whom does a timeline call, and when? What was worked out by hand, in memory.

The inputs that break the easy version: a repeat interval that is a multiple of the group interval;
an alert that ends and fires again between two looks; an end while nobody may hear of it; an
acknowledgement that no claim follows; a hold that is longer than what is old may page; a summary of
two brands that both still need somebody.
"""

from datetime import datetime

import pytest

from schemas.states import AlertState
from services.route.domain.alert_play import Call, play
from services.route.domain.board import Around, Board
from services.route.settings import read_needs
from tests.alert_timelines import AT_ONCE, T0, TIMELINES, Heard, Timeline, fires, in_order
from tests.alertmanager_cases import CASES
from tests.boards import a_group


def heard(call: Call) -> Heard:
    return (
        int((call.at - T0).total_seconds()),
        call.channel,
        call.state.value,
        call.level,
        frozenset(call.firing),
        frozenset(call.resolved),
    )


@pytest.mark.parametrize("timeline", [*TIMELINES, *CASES], ids=lambda one: one.name)
def test_a_timeline_calls_whom_it_should_when_it_should(timeline: Timeline) -> None:
    calls = play(timeline.timeline, timeline.policy, read_needs(), timeline.ends_at)

    assert in_order(map(heard, calls)) == timeline.expected


def test_a_key_is_of_one_opening() -> None:
    (again,) = [one for one in TIMELINES if one.name.startswith("an end is told once")]

    calls = list(play(again.timeline, again.policy, read_needs(), again.ends_at))

    keys: list[str] = [call.group for call in calls]
    assert keys[0] == keys[1] != keys[2]
    assert all(isinstance(call.at, datetime) for call in calls)


def test_what_is_over_is_nobodys_any_more() -> None:
    over = a_group(state=AlertState.resolved, closed_at=T0)
    board, policy = Board(), TIMELINES[0].policy

    same = board.acknowledge(over, "vera", Around(policy=policy, needs=read_needs(), now=T0))

    assert same is over
    assert (board.told, board.changed_groups) == ([], {})


def test_late_alerts_of_two_brands_are_one_summary_of_their_team() -> None:
    lines = [(0.0, fires("a1", since=-3600)), (10.0, fires("a2", since=-3600, brand="other"))]
    late = Timeline("late", f"{AT_ONCE}, summary_wait: 1m", lines, [])

    (call,) = play(late.timeline, late.policy, read_needs())

    assert sorted(call.firing) == ["a1", "a2"]
