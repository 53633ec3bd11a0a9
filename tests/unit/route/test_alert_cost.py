"""What alerts cost people, against sums made by hand (N15).

The inputs that break the easy version: a matter told four times and acknowledged once; one marked
useless by a person although somebody took it; one that has not ended; an alert while nobody was on
duty; 22:00 and 07:00 themselves; one night over midnight; the hour that clocks show twice; a person
in two teams of two zones; a message that somebody has it, which asks nobody.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import pytest

from schemas.states import AlertState
from services.route.domain.alert_cost import (
    CALLS,
    AlertFact,
    Cost,
    PersonCost,
    TeamCost,
    as_json,
    cost_of,
)
from services.route.domain.cost_table import WORDS, cost_table

SOFIA, MOSCOW, INDIA = "Europe/Sofia", "Europe/Moscow", "Asia/Kolkata"


def fact(at: str, key: str = "k", on_duty: Sequence[str] = ("anna",), **changes: Any) -> AlertFact:
    fields = {"team": "fraud", "zone": SOFIA, "state": AlertState.raised, **changes}
    when = datetime.fromisoformat(at)
    return AlertFact(group_key=key, at=when, on_duty=tuple(on_duty), **fields)


def ending(at: str) -> datetime:
    return datetime.fromisoformat(at)


OVER = ending("2026-03-04T12:00:00Z")
ACKED: dict[str, Any] = {"acknowledged_by": "anna", "taken": True, "ended_at": OVER}
LEFT: dict[str, Any] = {"ended_at": OVER}
MARKED: dict[str, Any] = {
    "acknowledged_by": "boris",
    "taken": True,
    "ended_at": OVER,
    "useless_by": "boris",
}
FACTS = (
    # Monday night in Sofia (UTC+2): 23:10, 23:40 and 00:20; one matter, told three times.
    fact("2026-03-02T21:10:00Z", "stolen", **ACKED),
    fact("2026-03-02T21:40:00Z", "stolen", state=AlertState.repeated, **ACKED),
    fact("2026-03-02T22:20:00Z", "stolen", ["anna", "boris"], state=AlertState.escalated, **ACKED),
    fact("2026-03-02T22:25:00Z", "stolen", state=AlertState.acknowledged, **ACKED),
    # Tuesday: 10:05 and 10:55 are one hour; nobody took the one, the other was marked.
    fact("2026-03-03T08:05:00Z", "noise", **LEFT),
    fact("2026-03-03T08:55:00Z", "joke", **MARKED),
    fact("2026-03-04T12:00:00Z", "joke", state=AlertState.resolved, **MARKED),
    # Care, in Moscow (UTC+3): 11:30, while nobody was there, and 12:30; it has not ended.
    fact("2026-03-03T08:30:00Z", "open", [], team="care", zone=MOSCOW),
    fact(
        "2026-03-03T09:30:00Z", "open", ["vera"], team="care", zone=MOSCOW, state=AlertState.updated
    ),
)


def person(cost: Cost, name: str) -> PersonCost:
    (found,) = (one for one in cost.people if one.person == name)
    return found


def team(cost: Cost, name: str) -> TeamCost:
    (found,) = (one for one in cost.teams if one.team == name)
    return found


def plain(value: object) -> Any:
    return json.loads(msgspec.json.encode(value))


def test_a_person_has_the_alerts_and_shares_that_a_hand_counts() -> None:
    anna = person(cost_of(FACTS), "anna")

    # five alerts about three matters: one acknowledged and useful, one left, one marked
    assert plain(anna.load) == {
        "alerts": 5,
        "matters": 3,
        "acknowledged": 2,
        "useless": 2,
        "share_acknowledged": 0.67,
        "share_useless": 0.67,
    }
    assert plain(anna.busiest) == {"since": "2026-03-02T21:00:00Z", "zone": SOFIA, "alerts": 2}
    assert plain(anna.night) == {"alerts": 3, "nights": 1}


def test_everybody_on_duty_pays_and_a_team_pays_once() -> None:
    cost = cost_of(FACTS)

    alerts = {one.person: one.load.alerts for one in cost.people}
    teams = {one.team: (one.load.alerts, one.load.matters, one.to_nobody) for one in cost.teams}
    assert alerts == {"anna": 5, "boris": 1, "vera": 1}
    assert teams == {"fraud": (5, 3, 0), "care": (2, 1, 1)}
    assert (cost.load.alerts, cost.load.matters) == (7, 4)
    assert cost.woken == ("anna", "boris")


def test_a_matter_that_has_not_ended_is_neither_acknowledged_nor_useless() -> None:
    care = team(cost_of(FACTS), "care").load

    assert (care.acknowledged, care.useless) == (0, 0)
    assert (care.share_acknowledged, care.share_useless) == (0.0, 0.0)


def test_each_hour_of_each_person_is_a_row_in_order() -> None:
    rows = [
        (f"{one.hour.since:%d %H:%M}", one.person, one.load.alerts, one.load.share_useless)
        for one in cost_of(FACTS).hours
    ]

    assert rows == [
        ("02 21:00", "anna", 2, 0.0),
        ("02 22:00", "anna", 1, 0.0),
        ("02 22:00", "boris", 1, 0.0),
        ("03 08:00", "anna", 2, 1.0),
        ("03 09:00", "vera", 1, 0.0),
    ]


@pytest.mark.parametrize("state", list(AlertState))
def test_only_what_asks_somebody_to_look_is_counted(state: AlertState) -> None:
    called = cost_of([fact("2026-03-03T08:05:00Z", state=state)]).load.alerts

    assert called == (state in {"raised", "updated", "escalated", "repeated"})
    assert len(CALLS) == 4


@pytest.mark.parametrize(
    ("known", "useless"),
    [
        ({}, False),
        ({"ended_at": OVER}, True),
        ({"ended_at": OVER, "acknowledged_by": "anna"}, False),
        ({"ended_at": OVER, "taken": True}, False),
        ({"useless_by": "anna"}, True),
        ({"useless_by": "anna", "acknowledged_by": "anna", "taken": True}, True),
    ],
)
def test_useless_is_what_is_marked_or_ended_untouched(
    known: dict[str, Any], *, useless: bool
) -> None:
    assert cost_of([fact("2026-03-03T08:05:00Z", **known)]).load.useless == useless


def test_what_is_known_of_a_matter_holds_for_each_of_its_alerts() -> None:
    first = fact("2026-03-03T08:05:00Z", "k", **LEFT)
    later = fact("2026-03-03T11:05:00Z", "k", ["boris"], acknowledged_by="boris", **LEFT)

    cost = cost_of([first, later])

    assert (person(cost, "anna").load.acknowledged, person(cost, "anna").load.useless) == (1, 0)


@pytest.mark.parametrize(
    ("at", "zone", "at_night"),
    [
        ("2026-03-02T19:59:59Z", SOFIA, 0),
        ("2026-03-02T20:00:00Z", SOFIA, 1),
        ("2026-03-03T04:59:59Z", SOFIA, 1),
        ("2026-03-03T05:00:00Z", SOFIA, 0),
        ("2026-03-02T19:00:00Z", MOSCOW, 1),
        ("2026-03-02T16:30:00Z", INDIA, 1),
        ("2026-03-02T16:29:00Z", INDIA, 0),
        ("2026-07-02T19:00:00Z", SOFIA, 1),  # summer time
    ],
)
def test_the_night_is_that_of_the_teams_clocks(at: str, zone: str, at_night: int) -> None:
    cost = cost_of([fact(at, zone=zone)])

    assert person(cost, "anna").night.alerts == at_night
    assert cost.woken == (("anna",) if at_night else ())


def test_a_night_is_one_over_midnight_and_the_next_evening_another() -> None:
    night = ["2026-03-02T21:30:00Z", "2026-03-02T22:30:00Z", "2026-03-03T04:30:00Z"]
    evening = "2026-03-03T20:30:00Z"

    found = person(cost_of([fact(at) for at in (*night, evening)]), "anna").night

    assert (found.alerts, found.nights) == (4, 2)


def test_the_hour_that_comes_twice_is_two() -> None:
    twice = ["2026-10-25T00:30:00Z", "2026-10-25T00:40:00Z", "2026-10-25T01:30:00Z"]  # 03:30, 03:30

    hours = cost_of([fact(at) for at in twice]).hours

    assert [one.load.alerts for one in hours] == [2, 1]


def test_an_hour_begins_where_the_teams_clocks_begin_it() -> None:
    (one,) = cost_of([fact("2026-03-02T10:45:00Z", zone=INDIA)]).hours  # 16:15 there

    assert one.hour.since == ending("2026-03-02T10:30:00Z")


def test_of_hours_as_busy_the_first_is_the_busiest() -> None:
    cost = cost_of([fact("2026-03-03T12:05:00Z"), fact("2026-03-03T08:05:00Z")])

    assert cost.busiest is not None
    assert cost.busiest.since == ending("2026-03-03T08:00:00Z")


def test_who_stands_twice_in_a_duty_pays_once() -> None:
    assert cost_of([fact("2026-03-03T08:05:00Z", "k", ["anna", "anna"])]).people[0].load.alerts == 1


def test_no_alerts_cost_nothing() -> None:
    cost = cost_of([])

    assert (cost.load.alerts, cost.load.share_useless, cost.busiest) == (0, None, None)
    assert (cost.people, cost.teams, cost.hours, cost.woken) == ((), (), (), ())
    assert [list(cost_table(cost, lang)) for lang in ("en", "ru", "bg")] == [
        ["There were no alerts."],
        ["Вызовов не было."],
        ["Нямаше повиквания."],
    ]


def test_a_machine_reads_it_back_as_it_was() -> None:
    cost = cost_of(FACTS)

    assert msgspec.json.decode(as_json(cost), type=Cost) == cost


TABLES = {
    "en": """\
team   alerts  matters  acknowledged  useless  busiest hour          22-07 (nights)  nobody there
fraud  5       3        67 %          67 %     2026-03-02 23:00 (2)  3 (1)           0
care   2       1        0 %           0 %      2026-03-03 11:00 (1)  -               1
all    7       4        50 %          50 %     2026-03-03 10:00 (3)

person  alerts  matters  acknowledged  useless  busiest hour          22-07 (nights)
anna    5       3        67 %          67 %     2026-03-02 23:00 (2)  3 (1)
boris   1       1        100 %         0 %      2026-03-03 00:00 (1)  1 (1)
vera    1       1        0 %           0 %      2026-03-03 12:00 (1)  -

hour              person  alerts  matters  acknowledged  useless
2026-03-02 23:00  anna    2       1        100 %         0 %
2026-03-03 00:00  anna    1       1        100 %         0 %
2026-03-03 00:00  boris   1       1        100 %         0 %
2026-03-03 10:00  anna    2       2        50 %          100 %
2026-03-03 12:00  vera    1       1        0 %           0 %

Woken at night: anna, boris
""",
    "ru": """\
человек  вызовы  поводы  приняты  напрасные  самый тяжёлый час     22-07 (ночей)
anna     5       3       67 %     67 %       2026-03-02 23:00 (2)  3 (1)
""",
    "bg": """\
човек  повиквания  поводи  приети  напразни  най-тежък час         22-07 (нощи)
anna   5           3       67 %    67 %      2026-03-02 23:00 (2)  3 (1)
""",
}


@pytest.mark.parametrize("lang", ["en", "ru", "bg"])
def test_a_lead_reads_it_in_the_own_language(lang: str) -> None:
    found = list(cost_table(cost_of(FACTS), lang))

    assert set(TABLES[lang].splitlines()) <= set(found)
    assert len(found) == len(TABLES["en"].splitlines())
    if lang == "en":
        assert found == TABLES[lang].splitlines()


def test_every_word_is_said_in_every_language() -> None:
    said = {lang: msgspec.structs.asdict(words) for lang, words in WORDS.items()}

    assert said.keys() == {"en", "ru", "bg"}
    for name in said["en"]:
        assert all(words[name] for words in said.values()), name
    assert not set(said["en"].values()) & {*said["ru"].values(), *said["bg"].values()}
