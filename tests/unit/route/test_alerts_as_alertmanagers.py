"""Are the same people told of the same as by Alertmanager? Any policy, any timeline, twice.

The inputs that break the easy version: a source and its target that are due at one instant; an
alert that fires again after its own end and before its group is looked at; an end that comes while
a silence or the hours of a way keep it quiet; a way that goes on into children of its own.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.route.domain.alert_play import play
from services.route.settings import read_needs
from tests.alert_oracle import ROUTES, Oracle, Sent, Switches
from tests.alert_timelines import T0, Timeline

NEEDS = read_needs()
START = T0.hour * 3600
HOURS = {"tea": (START + 300, START + 600), "morning": (9 * 3600, START + 480)}
"""The calendars of the timelines' policy, in seconds of the day."""
LABELS = {
    "kind": ["case", "spike"],
    "topic": ["safety", "information", "other"],
    "severity": ["normal", "critical"],
    "brand": ["one", "two"],
    "clock": ["ack", ""],
}
UNTIL = 1500
ROUNDS = 250

Lines = Sequence[tuple[float, dict[str, Any]]]


def _value(label: str) -> st.SearchStrategy[Any]:
    words = st.sampled_from(LABELS[label])
    several = st.lists(words, min_size=1, max_size=2, unique=True)
    return st.one_of(words, several, several.map(lambda some: {"not": some}))


def _matches(least: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    some = st.lists(st.sampled_from(sorted(LABELS)), min_size=least, max_size=2, unique=True)
    return some.flatmap(lambda names: st.fixed_dictionaries({n: _value(n) for n in names}))


_PACE = {
    "group_by": st.lists(st.sampled_from(["kind", "topic", "clock"]), max_size=2, unique=True),
    "group_wait": st.sampled_from(["0s", "10s", "30s", "60s"]),
    "group_interval": st.sampled_from(["30s", "60s", "90s"]),
    "repeat_interval": st.sampled_from(["30s", "60s", "100s", "5m", "1h"]),
    "send_resolved": st.booleans(),
}
_HOURS = {name: st.lists(st.sampled_from(sorted(HOURS)), max_size=1) for name in ("mute", "active")}


def _ways(depth: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    optional: dict[str, st.SearchStrategy[Any]] = {
        **_PACE,
        **_HOURS,
        "channel": st.sampled_from(["phone", "pager", "chat"]),
        "continue": st.booleans(),
    }
    if depth:
        optional["routes"] = _ways(depth - 1)
    way = st.fixed_dictionaries({"when": _matches()}, optional=optional)
    return st.lists(way, max_size=3)


_RULE = st.fixed_dictionaries(
    {
        "source": _matches(1),
        "target": _matches(1),
        "equal": st.lists(st.sampled_from(["topic", "brand", "clock"]), max_size=2, unique=True),
    }
)
ALERTING = st.fixed_dictionaries(
    {**_PACE, "routes": _ways(1), "inhibit": st.lists(_RULE, max_size=2)}
)
_ALL_LABELS = st.fixed_dictionaries({name: st.sampled_from(LABELS[name]) for name in LABELS})


@st.composite
def timelines(draw: st.DrawFn) -> Lines:
    """Alerts that fire, end and fire again, silences that come and go."""
    drawn = draw(st.lists(_ALL_LABELS, min_size=1, max_size=5))
    pool = {f"a{n}": {k: v for k, v in one.items() if v} for n, one in enumerate(drawn)}
    names = st.sampled_from(sorted(pool))
    lines: list[tuple[float, dict[str, Any]]] = []
    for _ in range(draw(st.integers(1, 14))):
        at = draw(st.integers(0, 90)) * 10
        what = draw(st.sampled_from(["fires", "fires", "fires", "ends", "silences", "unsilences"]))
        if what == "fires":
            name = draw(names)
            since = at - draw(st.sampled_from([0, 0, 0, 10, 60, 120]))
            spans = st.sampled_from([None, None, 10, 45, 100, 200])
            until = {"until": since + span} if (span := draw(spans)) else {}
            lines.append(
                (at, {"fires": {"id": name, "labels": pool[name], "since": since} | until})
            )
        elif what == "ends":
            lines.append((at, {"ends": draw(names)}))
        elif what == "silences":
            since = at + draw(st.sampled_from([0, 0, 30]))
            until_at = since + draw(st.sampled_from([20, 60, 200]))
            said = {"id": draw(st.integers(1, 2)), "matches": draw(_matches(1))}
            lines.append((at, {"silences": {**said, "since": since, "until": until_at}}))
        else:
            lines.append((at, {"unsilences": draw(st.integers(1, 2))}))
    return sorted(lines, key=lambda line: line[0])


def told(alerting: Mapping[str, Any], lines: Lines) -> list[Sent]:
    """What route tells."""
    written = json.dumps(alerting)[1:-1]
    timeline = Timeline("any", written, lines, (), until=UNTIL)
    calls = play(timeline.timeline, timeline.policy, NEEDS, timeline.ends_at)
    return sorted(
        (
            int((call.at - T0).total_seconds()),
            call.channel,
            tuple(sorted(call.firing)),
            tuple(sorted(call.resolved)),
        )
        for call in calls
    )


@given(alerting=ALERTING, lines=timelines())
@settings(max_examples=ROUNDS, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_policy_tells_what_alertmanager_would(
    alerting: Mapping[str, Any], lines: Lines
) -> None:
    expected = Oracle(alerting, HOURS).play(lines, START, UNTIL)

    assert told(alerting, lines) == sorted(expected)


AT_ONCE: dict[str, Any] = {
    "group_by": ["topic"],
    "group_wait": "0s",
    "group_interval": "60s",
    "repeat_interval": "60s",
}
SAFETY = {"topic": "safety"}


def fires(name: str, **more: Any) -> dict[str, Any]:
    return {"fires": {"id": name, "labels": {**SAFETY, "brand": "one"}, **more}}


def fires_of_two(name: str) -> dict[str, Any]:
    return {"fires": {"id": name, "labels": {**SAFETY, "brand": "two"}}}


RARE, SLOW = {**AT_ONCE, "repeat_interval": "1h"}, {**AT_ONCE, "group_wait": "60s"}
SILENT = {"silences": {"id": 1, "matches": SAFETY, "until": 100}}
DIFFERENCES: tuple[tuple[str, dict[str, Any], Lines, set[int], set[int]], ...] = (
    ("repeats_exactly", AT_ONCE, [(0, fires("a"))], {0, 60, 120}, {0, 120}),
    ("owes_ends", RARE, [(0, fires("a")), (30, SILENT), (40, {"ends": "a"})], {0, 120}, {0}),
    (
        "opens_anew",
        RARE,
        [(5, fires("a")), (10, {"ends": "a"}), (70, fires("b"))],
        {5, 65, 70},
        {5, 65, 125},
    ),
    ("brands_apart", RARE, [(0, fires("a")), (1, fires_of_two("b"))], {0, 1}, {0, 60}),
    (
        "ends_hurry",
        SLOW,
        [(0, fires("a", since=-30)), (10, fires("b")), (40, {"ends": "a"})],
        {60, 120},
        {40, 100},
    ),
)
"""A switch, what happens, when route calls, when Alertmanager does."""


@pytest.mark.parametrize(("switch", "alerting", "lines", "ours", "theirs"), DIFFERENCES)
def test_each_difference_is_one(
    switch: str, alerting: dict[str, Any], lines: Lines, ours: set[int], theirs: set[int]
) -> None:
    other = ROUTES._replace(**{switch: not getattr(ROUTES, switch)})

    as_theirs = Oracle(alerting, HOURS, other).play(lines, START, 130)

    assert {at for at, *_ in told(alerting, lines) if at <= 130} == ours
    assert {at for at, *_ in as_theirs} == theirs


def test_every_difference_is_shown() -> None:
    assert tuple(name for name, *_ in DIFFERENCES) == Switches._fields
