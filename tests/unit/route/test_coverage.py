"""Hours of the coming week in which a team has nobody, against a look at every minute (N13).

The inputs that break the easy version: the night on which clocks go back, inside a shift over
midnight; a holiday whose evening belongs to a night shift; a rotation whose turn falls to somebody
who is ill; a look late in the evening, when it is the next day elsewhere.
"""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from schemas.calendars import Calendar
from schemas.yaml_marks import BadFile
from services.route.__main__ import main
from services.route.domain.coverage import coming_gaps, gaps, must_receive
from services.route.domain.policy import Policy
from services.route.domain.policy_file import read_policy
from services.route.domain.swaps import Swap, read_swaps, standing

MINUTE = timedelta(minutes=1)
RULES = """
rules:
  - id: money
    why: At once.
    when: {topic: fraud_security}
    then: {disposition: human_review, team: fraud, sla: calm, alert: now}
    tests:
      - {post: a, facts: {topic: fraud_security}, gives: {rule: money}}
      - {post: b, facts: {}, gives: {rule: rest}}
  - id: rest
    why: Nothing stays.
    then: {disposition: human_review, team: care, sla: calm}
    tests: [{post: c, facts: {}, gives: {rule: rest}}]
"""
POLICY = (
    """
policy: rota
calendars:
  office:
    timezone: Europe/Sofia
    weekly: {mon-fri: "09:00-13:00, 14:00-18:00"}
    holidays: BG
    overrides: {"2026-03-06": "10:00-12:20"}
  night: {timezone: Europe/Sofia, weekly: {mon-sun: "18:00-09:00"}, holidays: BG}
  moscow: {timezone: Europe/Moscow, weekly: {mon-sun: "08:00-20:30"}}
  york: {timezone: America/New_York, weekly: {sat: "22:00-03:30", sun: "20:00-24:00"}}
sla:
  calm: {calendar: office, first_response: 2h}
  quick: {first_response: 15m}
teams:
  fraud:
    languages: [ru]
    duty:
      - {during: office, people: [anna, boris], rotate: weekly}
      - {during: night, people: [night]}
    alerts: x
  care:
    languages: [bg]
    duty: [{during: office, people: [vera, gleb]}, {during: moscow, people: [gleb]}]
    alerts: x
  far: {languages: [en], duty: [{during: york, people: [joe]}], alerts: x}
  empty: {languages: [en], duty: [{during: york, people: [kim]}], alerts: x}
  lead: {languages: [en], duty: [{during: always, people: [lead]}], alerts: x}
  floor:
    languages: [en]
    duty: [{during: office, people: [vera]}, {during: otherwise, people: [gleb]}]
    alerts: x
"""
    + RULES
)
WEEKS = [
    date(2026, 3, 2),  # 3 March is a holiday
    date(2026, 3, 26),  # clocks go forward in Sofia on the 29th
    date(2026, 10, 22),  # and back on the 25th; in New York a week later
    date(2026, 10, 29),
    date(2026, 12, 28),  # the year ends in the middle of a night shift
]


def rota(text: str = POLICY) -> Policy:
    """The policy; one of its teams lost its last duty after it was read."""
    policy = read_policy(text)
    without = msgspec.structs.replace(policy.teams["empty"], duty=())
    return msgspec.structs.replace(policy, teams={**policy.teams, "empty": without})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


SWAPS = (
    Swap(person="anna", since=at("2026-10-26T10:30:00Z"), until=at("2026-10-27T10:00:00Z")),
    Swap(person="boris", since=at("2026-03-02T07:10:00Z"), until=at("2026-03-30T00:00:00Z")),
    Swap(
        person="night",
        since=at("2026-03-28T20:00:00Z"),
        until=at("2026-03-29T03:45:00Z"),
        instead="boris",
    ),
    Swap(
        person="gleb",
        since=at("2026-03-01T00:00:00Z"),
        until=at("2026-12-30T12:34:00Z"),
        instead="vera",
    ),
    Swap(person="lead", since=at("2026-12-31T21:59:00Z"), until=at("2026-12-31T22:01:00Z")),
)


def by_the_minute(
    policy: Policy, name: str, zone: str, first: date, swaps: Sequence[Swap]
) -> list[tuple[datetime, datetime]]:
    """Ask every minute of seven local days who is there."""
    since, until = (
        datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        for day in (first, first + timedelta(days=7))
    )
    found: list[tuple[datetime, datetime]] = []
    now = since
    while now < until:
        duties = policy.teams[name].duty
        regular = [who for duty in duties if not duty.otherwise for who in duty.people_at(now)]
        spare = [who for duty in duties if duty.otherwise for who in duty.people_at(now)]
        if not standing(regular, now, swaps) and not standing(spare, now, swaps):
            begun = found.pop()[0] if found and found[-1][1] == now else now
            found.append((begun, now + MINUTE))
        now += MINUTE
    return found


@pytest.mark.parametrize("swaps", [(), SWAPS], ids=["as planned", "swapped"])
@pytest.mark.parametrize("first", WEEKS, ids=str)
def test_the_gaps_are_those_of_a_look_at_every_minute(
    first: date, swaps: Sequence[Swap], monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = rota()
    _remember_holidays(monkeypatch)

    found = gaps(policy, first, 7, swaps)

    for name in policy.teams:
        theirs = [(gap.since, gap.until) for gap in found if gap.team == name]
        zone = {"far": "America/New_York", "empty": "UTC", "lead": "UTC"}.get(name, "Europe/Sofia")
        assert theirs == by_the_minute(policy, name, zone, first, swaps), name


def _remember_holidays(monkeypatch: pytest.MonkeyPatch) -> None:
    """The calendars of a year, resolved once: ten thousand looks ask for the same few."""
    kind = type(read_policy(POLICY).teams["fraud"].duty[0].hold)
    plain, known = kind.resolved, dict[tuple[bytes, int], Calendar]()

    def resolved(self: Any, when: datetime) -> Calendar:
        key = (msgspec.json.encode(self), when.year)
        if key not in known:
            known[key] = plain(self, when)
        return known[key]

    monkeypatch.setattr(kind, "resolved", resolved)


def test_an_hour_that_comes_twice_is_covered_twice_and_a_gap_over_it_is_longer() -> None:
    text = POLICY.replace(
        'night: {timezone: Europe/Sofia, weekly: {mon-sun: "18:00-09:00"}',
        ('night: {timezone: Europe/Sofia, weekly: {mon-sun: "18:00-01:00"}'),
    )

    found = [gap for gap in gaps(read_policy(text), date(2026, 10, 25), 1) if gap.team == "fraud"]

    assert [(gap.since.hour, gap.length) for gap in found] == [(22, timedelta(hours=18))]


@pytest.mark.parametrize("hour", [0, 3, 11, 22, 23])
def test_the_coming_gaps_begin_now_in_every_zone(hour: int) -> None:
    now = at("2026-03-04T00:30:00Z") + timedelta(hours=hour)
    until = now + timedelta(days=7)
    policy = rota()
    within = [
        (gap.team, max(gap.since, now), min(gap.until, until))
        for gap in gaps(policy, date(2026, 3, 2), 14, SWAPS)
        if gap.since < until and gap.until > now
    ]

    found = [(gap.team, gap.since, gap.until) for gap in coming_gaps(policy, now, 7, SWAPS)]

    assert found == within
    assert ("empty", now, until) in found
    assert all(now <= since < end <= until for _, since, end in found)


def test_gaps_that_touch_are_one() -> None:
    found = [gap for gap in gaps(rota(), date(2026, 3, 2), 7) if gap.team == "empty"]

    assert [gap.length for gap in found] == [timedelta(days=7)]


@pytest.mark.parametrize("name", ["default", "bank", "airline", "shop"])
def test_a_shipped_policy_leaves_no_hour_of_a_year_without_who_must_receive(name: str) -> None:
    policy = read_policy(Path(f"services/route/policy/{name}.yaml").read_text(encoding="utf-8"))

    found = gaps(policy, date(2026, 1, 1), 366)

    assert must_receive(policy)
    assert {gap.team for gap in found} & must_receive(policy) == set()


def test_who_is_there_otherwise_is_there_only_then() -> None:
    floor = read_policy(POLICY).teams["floor"]

    asked = ("2026-03-05T08:00:00Z", "2026-03-05T11:30:00Z", "2026-03-03T08:00:00Z")
    assert [floor.on_duty(at(one)) for one in asked] == [("vera",), ("gleb",), ("gleb",)]


def test_whoever_was_asked_before_duty_is_what_each_team_has_at_that_instant() -> None:
    policy, second = rota(), timedelta(seconds=1)
    since, until = at("2026-03-04T09:00:00Z"), at("2026-03-04T12:00:01Z")
    away = Swap(person="vera", since=since, until=until, instead="kim")
    edges = ("2026-03-02T07:00:00Z", "2026-03-06T10:20:00Z", "2026-03-09T07:00:00Z")
    moments = [moment + n * second for moment in (*map(at, edges), since, until) for n in (-1, 0)]

    for moment in moments:
        for swaps in ((), (away,)):
            teams = {name: team.on_duty(moment, swaps) for name, team in policy.teams.items()}
            there = {name: people for name, people in teams.items() if people}
            assert policy.on_duty(moment, swaps) == there


def test_a_calendar_has_the_holidays_of_the_years_asked_for_whatever_was_asked_before() -> None:
    office = read_policy(POLICY).sla["calm"].hold

    asked = [office.resolved(at(f"{year}-05-01T00:00:00Z")) for year in (2026, 2028, 2026)]
    liberation = [{day[:4] for day in one.holidays if day[4:] == "-03-03"} for one in asked]

    assert liberation == [{"2026", "2027"}, {"2028", "2029"}, {"2026", "2027"}]


def test_a_rotation_without_people_has_nobody() -> None:
    policy = rota()
    fraud = policy.teams["fraud"]
    office, night = fraud.duty
    nobody = msgspec.structs.replace(office, people=())
    empty = msgspec.structs.replace(fraud, duty=(nobody, night))
    left = msgspec.structs.replace(policy, teams={"fraud": empty})

    assert office.weekly
    assert [gap.length for gap in gaps(left, date(2026, 3, 5), 1)] == [timedelta(hours=9)]


def test_two_who_exchange_their_duties_are_both_there() -> None:
    since, until = at("2026-03-02T00:00:00Z"), at("2026-03-09T00:00:00Z")
    swaps = [
        Swap(person="anna", since=since, until=until, instead="boris"),
        Swap(person="boris", since=since, until=until, instead="anna"),
    ]

    assert standing(["anna"], since, swaps) == ("boris",)
    assert standing(["boris"], since, swaps) == ("anna",)
    assert standing(["anna"], until, swaps) == ("anna",)


def test_whoever_stands_in_must_be_there_himself() -> None:
    since, until = at("2026-03-02T00:00:00Z"), at("2026-03-09T00:00:00Z")
    swaps = [
        Swap(person="anna", since=since, until=until, instead="boris"),
        Swap(person="boris", since=since, until=until),
    ]

    assert standing(["anna", "vera"], since, swaps) == ("vera",)


def test_the_teams_that_must_receive_are_named_by_alerts_and_by_promises_around_the_clock() -> None:
    quick = POLICY.replace("team: care, sla: calm", "team: care, sla: quick")
    watched = POLICY.replace("    why: At once.\n", "    why: At once.\n    mode: monitor\n")

    assert must_receive(read_policy(POLICY)) == {"fraud"}
    assert must_receive(read_policy(quick)) == {"fraud", "care"}
    assert must_receive(read_policy(watched)) == set()


def run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, *options: str
) -> tuple[int, list[Any]]:
    file = tmp_path / "policy.yaml"
    file.write_text(text, encoding="utf-8")
    code = main(["coverage", str(file), "--from", "2026-03-02", *options])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_gap_is_told_in_local_time_and_in_utc(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _, rows = run(capsys, tmp_path, POLICY, "--days", "1")

    assert rows[0] == {
        "team": "fraud",
        "from": "2026-03-02T13:00:00+02:00",
        "until": "2026-03-02T14:00:00+02:00",
        "hours": 1.0,
        "timezone": "Europe/Sofia",
        "from_utc": "2026-03-02T11:00:00Z",
        "until_utc": "2026-03-02T12:00:00Z",
    }
    assert rows[-1]["totals"]["fraud"] == {"gaps": 1, "hours": 1.0, "must_receive": True}


def test_the_table_tells_a_person_the_hours_of_the_teams_own_clocks(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(POLICY, encoding="utf-8")

    assert main(["coverage", str(file), "--from", "2026-10-24", "--days", "2", "--table"]) == 1
    lines = capsys.readouterr().out.splitlines()

    assert lines[0] == "fraud  nobody for 18 hours AND MUST RECEIVE"
    assert lines[1] == "       Sat 2026-10-24 09:00 to 18:00, 9 h, Europe/Sofia"
    assert "care   nobody for 24 hours" in lines
    assert "       Sat 2026-10-24 20:30 to Sun 2026-10-25 07:00, 11.5 h, Europe/Sofia" in lines
    assert "lead   somebody at every hour" in lines


def test_only_a_gap_where_somebody_must_receive_is_wrong(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    whole = POLICY.replace("during: night, people: [night]", "during: always, people: [night]")

    assert run(capsys, tmp_path, POLICY)[0] == 1
    assert run(capsys, tmp_path, whole)[0] == 0


def test_sick_leave_opens_a_gap(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    whole = POLICY.replace("during: night, people: [night]", "during: always, people: [night]")
    duty = tmp_path / "duty.yaml"
    duty.write_text(
        "- {person: night, from: 2026-03-02T20:00:00Z, until: 2026-03-02T20:07:00Z, instead: null}"
    )

    code, rows = run(capsys, tmp_path, whole, "--duty", str(duty), "--days", "1")

    assert code == 1
    assert (rows[0]["from_utc"], rows[0]["hours"]) == ("2026-03-02T20:00:00Z", 0.12)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- {person: anna, from: 2026-03-02T20:00:00, until: 2026-03-03T20:00:00Z}", "timezone"),
        (
            "- {person: ana, from: 2026-03-02T20:00:00Z, until: 2026-03-03T20:00:00Z}",
            "1:4: $[0].person: expected one of anna, boris",
        ),
        (
            "- {person: anna, from: 2026-03-03T20:00:00Z, until: 2026-03-02T20:00:00Z}",
            "expected a time after `from`",
        ),
        ("- {persn: anna}", "did you mean `person`?"),
    ],
)
def test_a_bad_duty_file_says_where(text: str, says: str) -> None:
    with pytest.raises(BadFile) as caught:
        read_swaps(text, ["boris", "anna"])

    assert says in str(caught.value)


def test_json_is_read_as_well() -> None:
    text = '[{"person": "anna", "from": "2026-03-02T20:00:00Z", "until": "2026-03-02T21:00:00Z"}]'

    assert [swap.person for swap in read_swaps(text, ["anna"])] == ["anna"]
