"""Whom does a timeline call, and when? What was worked out by hand, in memory.

The inputs that break the easy version: a repeat interval that is a multiple of the group interval;
an alert that ends and fires again between two looks; an end while nobody may hear of it; an
acknowledgement that no claim follows; a hold that is longer than what is old may page; a summary of
two brands that both still need somebody. A line with a word misspelt: a team, a label, a value, a
silence's; a line in another encoding.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from schemas.states import AlertState
from services.route.domain.alert_play import Call, play
from services.route.domain.alert_timeline import intents_of, read_timeline
from services.route.domain.board import Around, Board
from services.route.domain.export import BadLine
from services.route.domain.intents import AlertIntent
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


def test_many_fade_when_nothing_is_heard_not_when_the_pipeline_is_slow() -> None:
    """Posts of 10:00 to 10:20 are heard 29 minutes late: one call, over after a quiet half hour."""
    board, policy, needs = Board(), TIMELINES[0].policy, read_needs()
    (line,) = read_timeline(
        [msgspec.json.encode({"at": AT, **fires("a", kind="hot_topic")})], policy.teams
    )
    (first,) = intents_of(line, policy, needs)
    assert isinstance(first, AlertIntent)

    def heard_at(minute: int) -> list[AlertState]:
        now = T0 + timedelta(minutes=minute)
        around = Around(policy=policy, needs=needs, now=now)
        if minute < 50:
            at = now - timedelta(minutes=29)
            board.take(
                msgspec.structs.replace(
                    first, id=str(minute), at=at, holds=None, fades_after=timedelta(minutes=30)
                ),
                around,
            )
        board.told.clear()
        for group in list(board.groups.values()):
            board.flush(group, around, ())
        return [told.notice.alert.state for told in board.told]

    told = {minute: heard_at(minute) for minute in (29, 34, 49, 78, 79)}

    assert told[29] == [AlertState.raised]
    assert told[79] == [AlertState.resolved]
    assert not any(told[minute] for minute in (34, 49, 78))


AT = "2026-03-02T10:00:00Z"


def silenced(**matches: Any) -> dict[str, Any]:
    return {"silences": {"matches": matches, "until": "2026-03-02T11:00:00Z"}}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (fires("a", team="lede"), "fires.labels.team: expected one of care, lead, got `lede`"),
        (fires("a", kind="casse"), "fires.labels.kind: expected one of "),
        (fires("a", "saftey"), "fires.labels.topic: expected one of "),
        (
            {"fires": {"id": "a", "labels": {"brnad": "b"}}},
            "fires.labels.brnad: expected one of brand, clock, ",
        ),
        (silenced(team="lede"), "silences.matches.team: expected one of care, lead, got `lede`"),
        (silenced(team={"not": "lede"}), "silences.matches.team: expected one of care, lead, "),
        (silenced(tem="lead"), "silences.matches.tem: expected one of brand, clock, "),
        (silenced(team={"nott": "lead"}), "Object contains unknown field `nott`"),
        (silenced(team=7), "Expected `str | "),
    ],
)
def test_a_misspelt_word_is_told_with_its_line(line: dict[str, Any], said: str) -> None:
    lines = [
        b"",
        msgspec.json.encode({"at": AT, **fires("a")}),
        b" ",
        msgspec.json.encode({"at": AT, **line}),
    ]

    with pytest.raises(BadLine) as refused:
        read_timeline(lines, ["lead", "care"])

    assert str(refused.value).startswith(f"line 4: {said}")


@pytest.mark.parametrize("text", ["застраховка", "полица", "policy\xe9"])
def test_a_line_in_another_encoding_is_told(text: str) -> None:
    line = f'{{"at": "{AT}", "ends": "{text}"}}'

    assert read_timeline([line.encode()], [])[0].ends == text
    with pytest.raises(BadLine, match=r"^line 1: "):
        read_timeline([line.encode("latin-1" if text.startswith("p") else "cp1251")], [])
