"""What a lead may silence, as Alertmanager lets it, and what a silence then hushes.

The inputs that break the easy version: a wish that names only what is not to be silenced; a start
that has passed while the person typed; ninety days that begin next month; an end in another zone;
a silence that is ended before it began; a word with a letter of another alphabet.
"""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from services.route.domain.silence_wish import (
    KeptSilence,
    SilenceState,
    SilenceWish,
    brands_named,
    concerns,
    ended,
    silence_of,
    state_of,
    view_of,
    wrong_wish,
)
from services.route.domain.silencing import LABELS, all_accept
from tests.builders import MONDAY, minutes

DAY = timedelta(days=1)
TEAMS = ("fraud", "care", "lead")


def a_wish(**changes: Any) -> SilenceWish:
    until = (MONDAY + minutes(60)).isoformat()
    fields = {"matches": {"team": "fraud"}, "until": until, "reason": "the release", **changes}
    return msgspec.json.decode(msgspec.json.encode(fields), type=SilenceWish)


def wrong(**changes: Any) -> dict[str, str]:
    return dict(wrong_wish(a_wish(**changes), MONDAY, TEAMS))


def a_silence(**changes: Any) -> KeptSilence:
    return silence_of(a_wish(**changes), MONDAY, "boss")


@pytest.mark.parametrize(
    ("matches", "labels", "hushed"),
    [
        ({"team": "fraud"}, {"team": "fraud"}, True),
        ({"team": "fraud"}, {"team": "care"}, False),
        ({"team": "fraud"}, {}, False),
        ({"kind": ["spike", "hot_topic"]}, {"kind": "hot_topic"}, True),
        ({"kind": ["spike", "hot_topic"]}, {"kind": "case"}, False),
        (
            {"team": "fraud", "topic": {"not": "safety"}},
            {"team": "fraud", "topic": "safety"},
            False,
        ),
        ({"team": "fraud", "topic": {"not": "safety"}}, {"team": "fraud", "topic": "other"}, True),
        ({"team": "fraud", "topic": {"not": "safety"}}, {"team": "fraud"}, True),
        ({"team": "fraud", "lang": {"not": ["ru", "bg"]}}, {"team": "fraud", "lang": "en"}, True),
        ({"team": "fraud", "lang": {"not": ["ru", "bg"]}}, {"team": "fraud", "lang": "bg"}, False),
    ],
)
def test_a_silence_hushes_what_each_of_its_matches_accepts(
    matches: dict[str, Any], labels: dict[str, str], *, hushed: bool
) -> None:
    assert wrong(matches=matches) == {}
    assert all_accept(a_silence(matches=matches).matches, labels) is hushed


@pytest.mark.parametrize(
    "matches",
    [
        {"team": "fraud"},
        {"team": ["care", "fraud"], "topic": {"not": "safety"}},
        {"brand": "лавка", "lang": {"not": ["bg", "ru"]}},
    ],
)
def test_what_is_shown_can_be_wished_for_again_as_it_is(matches: dict[str, Any]) -> None:
    shown = msgspec.json.decode(msgspec.json.encode(view_of(a_silence(matches=matches), MONDAY)))

    assert shown["matches"] == matches
    assert a_silence(matches=shown["matches"]) == a_silence(matches=matches)


@pytest.mark.parametrize(
    ("matches", "field", "says"),
    [
        ({}, "matches", "would silence all"),
        ({"topic": {"not": "safety"}}, "matches", "would silence all"),
        ({"severity": {"not": ["critical"]}, "kind": {"not": "case"}}, "matches", "silence all"),
        ({"teem": "fraud"}, "matches.teem", "got `teem`, did you mean `team`?"),
        ({"team": "froud"}, "matches.team", "care, fraud, lead, got `froud`, did you mean `fraud`"),
        ({"team": "fraud", "kind": "spikes"}, "matches.kind", "did you mean `spike`?"),
        ({"kind": ["case", "sla", "hot-topic"]}, "matches.kind", "did you mean `hot_topic`?"),
        ({"kind": "unknown"}, "matches.kind", "got `unknown`"),
        ({"severity": "urgent"}, "matches.severity", "expected one of critical, high"),
        ({"severity": "сritical"}, "matches.severity", "did you mean `critical`?"),
        ({"team": "fraud", "topic": {"not": "safty"}}, "matches.topic", "did you mean `safety`?"),
        ({"clock": "first_respons"}, "matches.clock", "did you mean `first_response`?"),
        ({"visibility": "hidden"}, "matches.visibility", "private, public, unlisted"),
        ({"brand": ""}, "matches.brand", "expected a value"),
        ({"brand": []}, "matches.brand", "expected a value"),
        ({"team": "fraud", "source": {"not": []}}, "matches.source", "expected a value"),
        ({"team": ["fraud", ""]}, "matches.team", "got ``"),
    ],
)
def test_a_wish_that_cannot_be_is_told_where_and_what_was_meant(
    matches: dict[str, Any], field: str, says: str
) -> None:
    found = wrong(matches=matches)

    assert list(found) == [field]
    assert says in found[field]


@pytest.mark.parametrize(
    ("times", "refused"),
    [
        ({"until": MONDAY + minutes(1)}, False),
        ({"until": MONDAY}, True),
        ({"from": MONDAY - DAY, "until": MONDAY - minutes(1)}, True),
        ({"from": MONDAY + DAY, "until": MONDAY + DAY}, True),
        ({"from": MONDAY + DAY, "until": MONDAY + minutes(60)}, True),
        ({"until": MONDAY + 90 * DAY}, False),
        ({"until": MONDAY + 90 * DAY + minutes(1)}, True),
        ({"from": MONDAY - DAY, "until": MONDAY + 90 * DAY}, False),
        ({"from": MONDAY + 30 * DAY, "until": MONDAY + 120 * DAY}, False),
        ({"from": MONDAY + 30 * DAY, "until": MONDAY + 121 * DAY}, True),
        ({"until": "2026-03-02T12:30:00+02:00"}, False),
        ({"until": "2026-03-02T11:59:00+02:00"}, True),
    ],
)
def test_an_end_lies_after_the_start_to_come_and_within_ninety_days(
    times: dict[str, Any], *, refused: bool
) -> None:
    assert ("until" in wrong(**times)) is refused


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"until": None}, "until"),
        ({"until": "2026-03-02T12:00:00"}, "timezone"),
        ({"reason": ""}, "reason"),
        ({"matches": {"team": {"is": "fraud"}}}, "unknown field `is`"),
        ({"matches": {"team": 7}}, "matches"),
        ({"by": "somebody else"}, "unknown field `by`"),
    ],
)
def test_a_wish_of_another_shape_is_none(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=says):
        a_wish(**changes)


def test_a_silence_begins_when_it_is_asked_for_however_long_that_took() -> None:
    assert a_silence(**{"from": MONDAY - minutes(5)}).since == MONDAY
    assert a_silence(**{"from": MONDAY + minutes(5)}).since == MONDAY + minutes(5)
    assert a_silence().since == MONDAY


def test_it_comes_holds_and_ends_by_itself() -> None:
    silence = a_silence(**{"from": MONDAY + minutes(5)})
    instants = [MONDAY, MONDAY + minutes(5), silence.until - minutes(1), silence.until]

    states = [state_of(silence, at) for at in instants]

    assert [state.value for state in states] == ["coming", "holding", "holding", "ended"]


def test_ended_before_its_time_it_keeps_its_start_and_says_by_whom() -> None:
    now = MONDAY + minutes(10)

    left = ended(a_silence(), now, "lena")

    assert left is not None
    assert (left.since, left.until) == (MONDAY, now)
    assert (left.by, left.ended_by, left.ended_at) == ("boss", "lena", now)
    assert state_of(left, now) is SilenceState.ended
    assert ended(left, now + minutes(1), "boss") is None
    assert ended(a_silence(), MONDAY + minutes(60), "boss") is None


def test_ended_before_it_began_it_never_holds() -> None:
    coming = a_silence(**{"from": MONDAY + minutes(20)})

    left = ended(coming, MONDAY + minutes(1), "boss")

    assert left is not None
    assert left.since == left.until == coming.since
    states = {state_of(left, MONDAY + minutes(n)) for n in range(90)}
    assert states == {SilenceState.ended}


def test_the_brands_are_named_only_where_each_is() -> None:
    assert brands_named({"brand": ("a", "b"), "team": "care"}) == frozenset({"a", "b"})
    assert brands_named({"team": "care"}) is None
    assert brands_named(a_wish(matches={"brand": {"not": "a"}}).matches) is None


def test_a_silence_concerns_a_brand_that_it_may_hush() -> None:
    anybody, others = a_wish().matches, a_wish(matches={"brand": {"not": "a"}}).matches

    assert concerns({"brand": "a"}, {"a", "b"})
    assert not concerns({"brand": "a"}, {"b"})
    assert concerns(anybody, {"b"})
    assert concerns(others, {"b"})
    assert not concerns(others, {"a"})


def test_every_label_can_be_named() -> None:
    values = {"kind": "case", "severity": "high", "topic": "safety", "team": "care"}
    values |= {"visibility": "private", "clock": "first_response"}

    assert wrong(matches={label: values.get(label, "x") for label in LABELS}) == {}
