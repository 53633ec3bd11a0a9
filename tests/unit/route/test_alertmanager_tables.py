"""Do our pure functions answer as Alertmanager's, row by row of its own tables?

The inputs that break the easy version: a log entry of nothing but ends, a source that is a target
of the same rule, a label that is missing, two spans of one alert of which one has ended.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import pytest

from schemas.states import AlertKind, AlertState, PriorityBand
from schemas.yaml_marks import read_yaml
from services.route.domain.alerting import AlertGroup, Member
from services.route.domain.calendars import Hold, read_holds
from services.route.domain.findings import Findings
from services.route.domain.flushing import Quiet, flush
from services.route.domain.grouping import grown
from services.route.domain.intents import AlertIntent
from services.route.domain.message import About
from services.route.domain.silencing import LabelMatch, all_accept
from services.route.domain.spec import CalendarSpec
from services.route.domain.ways import Inhibition, Pace, Way
from tests.boards import a_group

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ABOUT = About(lang="ru", team="Карты")
PACE = Pace(wait=MINUTE, interval=MINUTE, repeat=10 * MINUTE, send_resolved=True)
Labels = Mapping[str, str]


def is_(label: str, *values: str) -> LabelMatch:
    return LabelMatch(label=label, values=frozenset(values))


def is_not(label: str, *values: str) -> LabelMatch:
    return LabelMatch(label=label, values=frozenset(values), negated=True)


class Row(NamedTuple):
    """A row of ``TestDedupStageNeedsUpdate``: what the log knows since when, and what is so."""

    why: str
    known_firing: str | None
    known_ended: str
    firing: str
    ended: str
    minutes: int = 0
    send_resolved: bool = True


NEWS = (
    Row("nobody was told", None, "", "2 3 4", ""),
    Row("others fire", "1 2 3", "", "2 3 4", ""),
    Row("told long ago", "1 2 3", "", "1 2 3", "", 10_000),
    Row("the same after the repeat interval", "1 2 3", "", "1 2 3", "", 11),
    Row("another end", "1 2", "3", "1", "2 3", 9),
    Row("the last end clears the log", "1 2", "3", "", "1 2 3", 9, send_resolved=False),
    Row("the last end", "1 2", "3", "", "1 2 3", 9),
)
NO_NEWS = (
    Row("nobody was told, and nothing fires", None, "", "", "2 3 4"),
    Row("the same before the repeat interval", "1 2 3", "", "1 2 3", "", 9),
    Row("only ends, of what nobody knew to fire", "", "1 2 3", "", "3 4 5", 11),
    Row("another end where ends are not told", "1 2", "3", "1", "2 3", 9, send_resolved=False),
)


def an_intent(**changes: Any) -> AlertIntent:
    """Somebody is to be called about the alert ``a``."""
    intent = AlertIntent(
        id="i",
        base="a",
        kind=AlertKind.case,
        severity=PriorityBand.normal,
        brand="b",
        team="t",
        ticket_id="",
        count=1,
        need="?",
        link=None,
        at=NOW,
        partition=0,
        about=ABOUT,
    )
    return msgspec.structs.replace(intent, **changes)


def a_member(base: str, **changes: Any) -> Member:
    member = Member(
        group_key="g",
        base=base,
        labels={},
        kind=AlertKind.case,
        severity=PriorityBand.normal,
        need="?",
        about=ABOUT,
        starts_at=NOW - 20 * MINUTE,
        ends_at=None,
        announced=1,
    )
    return msgspec.structs.replace(member, **changes)


def _group(row: Row) -> AlertGroup:
    told_at = None if row.known_firing is None else NOW - row.minutes * MINUTE
    pace = msgspec.structs.replace(PACE, send_resolved=row.send_resolved)
    ended = tuple(row.known_ended.split())
    return a_group("g", pace=pace, told_at=told_at, ended=ended, ticks_at=NOW)


def _members(row: Row) -> tuple[Member, ...]:
    known = (row.known_firing or "").split()
    told = {base: AlertState.raised if base in known else None for base in "12345"}
    ends = {**dict.fromkeys(row.firing.split()), **dict.fromkeys(row.ended.split(), NOW)}
    return tuple(a_member(base, ends_at=at, told=told[base]) for base, at in ends.items())


@pytest.mark.parametrize("row", NEWS, ids=lambda row: row.why)
def test_what_is_news_is_told(row: Row) -> None:
    done = flush(_group(row), _members(row), Quiet(), 30 * MINUTE, NOW)

    assert len(done.told) == 1


@pytest.mark.parametrize("row", NO_NEWS, ids=lambda row: row.why)
def test_what_is_no_news_is_not(row: Row) -> None:
    done = flush(_group(row), _members(row), Quiet(), 30 * MINUTE, NOW)

    assert done.told == ()


def test_a_notification_that_is_set_names_what_fired_and_what_ended() -> None:
    """``TestSetNotifiesStage``."""
    row = Row("", "1", "", "2", "1")

    done = flush(_group(row), _members(row), Quiet(), 30 * MINUTE, NOW)

    assert done.group.told_at == NOW
    assert done.group.ended == ("1",)
    assert [one.base for one in done.members if one.told is AlertState.raised] == ["2"]
    assert done.dropped == ("1",)


EQUAL: tuple[tuple[list[Labels], tuple[str, ...], bool], ...] = (
    ([], (), False),
    ([{}], (), True),
    ([{"topic": "b", "lang": "d"}, {"topic": "b", "lang": "f"}], ("topic",), True),
    ([{"topic": "c", "lang": "d"}, {"topic": "c", "lang": "f"}], ("topic",), False),
    ([{"topic": "b", "lang": "f"}, {"topic": "c"}], ("topic", "lang"), False),
    ([{"topic": "c"}], ("clock",), True),
    ([{"clock": ""}], ("clock",), True),
    ([{"clock": "ack"}], ("clock",), False),
)
"""``TestInhibitRuleHasEqual``, of a target with the topic b; what has ended is no source at all."""


@pytest.mark.parametrize(("sources", "equal", "quiet"), EQUAL)
def test_sources_inhibit_what_is_equal(
    sources: list[Labels], equal: tuple[str, ...], *, quiet: bool
) -> None:
    rule = Inhibition(source=(is_("kind", "spike"),), target=(is_("kind", "case"),), equal=equal)
    firing = [{"kind": "spike", **one} for one in sources]

    assert rule.while_firing(firing).quiets({"kind": "case", "topic": "b"}) == quiet


# Two rules, of each of which something fires: of the second one it is source and target at once.
FIRST: Labels = {"source": "1", "topic": "2", "matter": "1"}
SECOND: Labels = {"lang": "1", "kind": "1", "matter": "1"}
RULE_1 = Inhibition(source=(is_("source", "1"),), target=(is_("topic", "1"),), equal=("matter",))
RULE_2 = Inhibition(source=(is_("lang", "1"),), target=(is_("kind", "1"),), equal=("matter",))
RULE_1_NOT = msgspec.structs.replace(RULE_1, target=(is_not("topic", "1"),))
TARGETS: tuple[tuple[Labels, bool, bool], ...] = (
    ({"topic": "1", "matter": "1"}, True, False),
    ({"kind": "1", "matter": "1"}, True, True),
    ({"topic": "1", "team": "1", "matter": "1"}, True, False),
    ({"topic": "1", "kind": "1", "matter": "1"}, True, True),
    ({"topic": "0", "matter": "1"}, False, True),
    ({"source": "1", "topic": "1", "matter": "1"}, True, False),
    ({"lang": "1", "kind": "1", "matter": "1"}, False, True),
    ({"topic": "1", "matter": "0"}, False, False),
)
"""A target; is it quiet by ``TestInhibitRuleMatches``, by ``TestInhibitRuleMatchers``?"""


@pytest.mark.parametrize(("target", "plain", "negated"), TARGETS)
def test_rules_match_sources_and_targets(target: Labels, *, plain: bool, negated: bool) -> None:
    def quiet(*rules: Inhibition) -> bool:
        return any(rule.while_firing([FIRST, SECOND]).quiets(target) for rule in rules)

    assert quiet(RULE_1, RULE_2) == plain
    # There each source is a target of the first rule, too: the other one lacks the topic.
    assert quiet(RULE_1_NOT, RULE_2) == negated


POST: Labels = {"topic": "test", "matter": "web-1", "source": "/user/profile", "lang": "GET"}
SILENCES: tuple[tuple[tuple[LabelMatch, ...], bool], ...] = (
    ((is_("topic", "test"),), True),
    ((is_not("topic", "test"),), False),
    ((is_("topic", "test"), is_("lang", "POST")), False),
    ((is_("topic", "test"), is_not("lang", "POST")), True),
    ((is_("source", "/user/profile", "/user/name"),), True),
    ((is_not("source", "/user/profile", "/user/name"),), False),
    ((is_("source", "/user/profile"), is_("source", "/nothing/else")), False),
    ((is_("clock", ""),), True),
    ((is_not("clock", ""),), False),
    ((is_not("topic", ""),), True),
)
"""``TestQMatches`` and ``TestMatcher``, lists for expressions; a label that is missing is ""."""


@pytest.mark.parametrize(("matches", "accepted"), SILENCES)
def test_a_silence_takes_what_all_its_matches_take(
    matches: tuple[LabelMatch, ...], *, accepted: bool
) -> None:
    assert all_accept(matches, POST) == accepted


def _span(member: tuple[int, int | None], again: tuple[int, int | None]) -> tuple[float, Any]:
    """Since and until when an alert fires of which two spans are told, in minutes from now."""
    (begins, ends), (begins_again, ends_again) = member, again
    old = a_member(
        "a",
        starts_at=NOW + begins * MINUTE,
        ends_at=None if ends is None else NOW + ends * MINUTE,
    )
    intent = an_intent(
        at=NOW + begins_again * MINUTE,
        holds=None if ends_again is None else (ends_again - begins_again) * MINUTE,
    )
    merged = grown(old, intent, NOW)
    until = merged.ends_at and (merged.ends_at - NOW) / MINUTE
    return (merged.starts_at - NOW) / MINUTE, until


MERGED = (
    ("both without an end", (-2, None), (-1, None), (-2, None)),
    ("the later one has an end", (-1, None), (0, 2), (-1, 2)),
    ("the later one has none", (-1, 3), (0, None), (-1, None)),
    ("the earlier one ends later", (-1, 3), (0, 2), (-1, 3)),
    ("the later one ends later", (-1, 3), (-1, 4), (-1, 4)),
    ("the earlier one has ended", (-3, -1), (-2, 1), (-3, 1)),
    ("begun before", (-1, None), (-2, None), (-2, None)),
    ("no overlap", (-3, -2), (-1, 1), (-1, 1)),
)
"""``TestAlertMerge``: without an end stands for one that is only a time-out."""


@pytest.mark.parametrize(("why", "member", "again", "merged"), MERGED)
def test_two_spans_of_an_alert_are_merged(
    why: str,
    member: tuple[int, int | None],
    again: tuple[int, int | None],
    merged: tuple[int, int | None],
) -> None:
    assert _span(member, again) == merged, why


def a_way(place: str, *matches: LabelMatch, goes_on: bool = False, ways: Any = ()) -> Way:
    return Way(id=place, pace=PACE, group_by=(), matches=matches, goes_on=goes_on, ways=ways)


ROUTES = a_way(
    "default",
    ways=(
        a_way(
            "A",
            is_("team", "team-A"),
            is_not("level", "critical"),
            ways=(
                a_way("testing", is_("severity", "testing"), is_not("matter", "quux")),
                a_way("productionA", is_("severity", "production"), goes_on=True),
                a_way("productionB", is_("severity", "production", "produce")),
            ),
        ),
        a_way("BC", is_("team", "team-B", "team-C")),
        a_way(
            "role",
            is_("kind", "role"),
            ways=(
                a_way(
                    "role-testing",
                    is_("severity", "testing"),
                    ways=(a_way("long", is_("clock", "long")),),
                ),
            ),
        ),
    ),
)
TAKEN: tuple[tuple[Labels, list[str]], ...] = (
    ({"team": "team-A"}, ["A"]),
    ({"team": "team-A", "severity": "unset"}, ["A"]),
    ({"team": "team-C"}, ["BC"]),
    ({"team": "team-A", "severity": "testing"}, ["testing"]),
    ({"team": "team-A", "severity": "production"}, ["productionA", "productionB"]),
    ({"kind": "role"}, ["role"]),
    ({"severity": "testing", "kind": "role"}, ["role-testing"]),
    ({"severity": "testing", "kind": "role", "clock": "long"}, ["long"]),
    ({"team": "team-A", "level": "critical"}, ["default"]),
    ({"team": "team-A", "severity": "testing", "matter": "quux"}, ["A"]),
    ({}, ["default"]),
)
"""``TestRouteMatch`` and ``TestRouteMatchers``."""


@pytest.mark.parametrize(("labels", "taken"), TAKEN)
def test_an_alert_takes_the_ways_that_it_should(labels: Labels, taken: list[str]) -> None:
    assert [way.id for way in ROUTES.taken_by(labels)] == taken


def test_all_ways_are_walked() -> None:
    """``TestRouteWalk``."""
    walked = [way.id for way in ROUTES.all()]

    inner = ["A", "testing", "productionA", "productionB", "BC", "role", "role-testing", "long"]
    assert walked == ["default", *inner]


ONE, ONE_LAST = (a_way("one", is_("topic", "1", "2"), goes_on=on) for on in (True, False))
TWO_ON, TWO = (a_way("two", is_("topic", "2"), goes_on=on) for on in (True, False))


@pytest.mark.parametrize(
    ("ways", "topic", "taken"),
    [
        ((ONE, TWO), "1", ["one"]),
        ((ONE, TWO), "2", ["one", "two"]),
        ((TWO_ON, ONE_LAST), "2", ["two", "one"]),
        ((ONE, TWO), "other", ["root"]),
    ],
)
def test_the_order_of_ways_is_that_of_the_file(
    ways: tuple[Way, ...], topic: str, taken: list[str]
) -> None:
    """``TestRoutingTest`` of the command line."""
    assert [way.id for way in a_way("root", ways=ways).taken_by({"topic": topic})] == taken


SYDNEY = ZoneInfo("Australia/Sydney")
HOURS = {
    "evenings": {"mon-sun": "00:00-09:00, 17:00-24:00"},
    "weekends": {"sat-sun": "00:00-24:00"},
    "weekdays": {"mon-fri": "09:00-17:00"},
}


def _holds(*names: str) -> tuple[Hold, ...]:
    specs = {
        name: CalendarSpec(timezone="Australia/Sydney", weekly=weekly)
        for name, weekly in HOURS.items()
    }
    found = read_holds(specs, Findings(read_yaml("{}")))
    return tuple(found[name] for name in names)


@pytest.mark.parametrize(
    ("at", "muted", "inactive"),
    [
        (datetime(2024, 1, 1, 0, tzinfo=SYDNEY), True, True),
        (datetime(2024, 1, 1, 9, tzinfo=SYDNEY), False, False),
        (datetime(2024, 1, 1, 16, 59, 59, tzinfo=SYDNEY), False, False),
        (datetime(2024, 1, 1, 17, tzinfo=SYDNEY), True, True),
        (datetime(2024, 1, 6, 10, tzinfo=SYDNEY), True, True),
        (datetime(2024, 1, 1, 10, tzinfo=UTC), True, True),
        (datetime(2024, 1, 6, 10, tzinfo=UTC), True, True),
        (datetime(2024, 1, 1, 22, 30, tzinfo=UTC), False, False),
    ],
)
def test_a_way_is_quiet_in_its_hours(at: datetime, *, muted: bool, inactive: bool) -> None:
    """``TestTimeMuteStage`` and ``TestTimeActiveStage``."""
    mute = msgspec.structs.replace(a_way("0"), mute=_holds("evenings", "weekends"))
    active = msgspec.structs.replace(a_way("0"), active=_holds("weekdays"))

    assert (mute.is_quiet(at), active.is_quiet(at)) == (muted, inactive)
