"""Who is told of hours without anybody, and is it what ``coverage`` says (R58)?

The inputs that break the easy version: a gap that has begun, looked at a minute later; sick leave
of three weeks, so that the gap began before the days one looks at; a gap that ends after the day
ahead, whose hours are told whole; an evening that is the next day elsewhere; the hour that comes
twice; a team that keeps office hours and has a gap every evening; a ladder that begins with a role.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.states import AlertKind, PriorityBand
from services.route.domain.coverage import coming_gaps, gaps, must_receive
from services.route.domain.gap_calls import gap_calls
from services.route.domain.intents import AlertIntent
from services.route.domain.policy import Policy
from services.route.domain.policy_file import read_policy
from services.route.domain.swaps import Swap
from services.route.settings import read_needs

NEEDS = read_needs()
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
PEOPLE = ("anna", "boris", "vera")
CALENDARS = """
policy: rota
calendars:
  office: {timezone: Europe/Sofia, weekly: {mon-fri: "09:00-13:00, 14:00-18:00"}, holidays: BG}
  night: {timezone: Europe/Sofia, weekly: {mon-sun: "18:00-09:00"}}
  moscow: {timezone: Europe/Moscow, weekly: {mon-sun: "08:00-20:30"}}
  york: {timezone: America/New_York, weekly: {mon-sat: "22:00-03:30", sun: "20:00-24:00"}}
"""
RULES = """
sla:
  calm: {calendar: office, first_response: 2h}
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
WHOLE = "[{during: office, people: [anna]}, {during: night, people: [boris]}]"
ROUND = "[{during: always, people: [anna]}]"
MARKS = [
    datetime(2026, 3, 2, 10, tzinfo=UTC),
    datetime(2026, 3, 28, 12, tzinfo=UTC),  # clocks go forward in Sofia in the night
    datetime(2026, 10, 24, 12, tzinfo=UTC),  # and back
    datetime(2026, 12, 31, 12, tzinfo=UTC),
]


def rota(duty: str, *, lang: str = "en", ladder: str = "{}", title: str = "Fraud") -> Policy:
    """Fraud must receive at any hour; care keeps office hours."""
    head = f"fraud: {{title: {title}, languages: [{lang}], duty: {duty}, alerts: x"
    care = "care: {languages: [en], duty: [{during: office, people: [vera]}], alerts: y}"
    return read_policy(f"{CALENDARS}teams:\n  {head}, ladder: {ladder}}}\n  {care}\n{RULES}")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def away(since: datetime, until: datetime, person: str = "anna") -> Swap:
    return Swap(person=person, since=since, until=until)


def calls(policy: Policy, now: datetime, *swaps: Swap) -> list[AlertIntent]:
    return list(gap_calls(policy, NEEDS, now, swaps))


@st.composite
def rotas(draw: st.DrawFn) -> Policy:
    """One to three duties of a team; whatever they leave open is a gap."""
    kinds = st.sampled_from(["office", "night", "moscow", "york", "otherwise", "always"])
    during = draw(st.lists(kinds, min_size=1, max_size=3, unique=True))
    duties = []
    for one in during:
        people = draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True))
        weekly = ", rotate: weekly" if draw(st.booleans()) else ""
        duties.append(f"{{during: {one}, people: [{', '.join(people)}]{weekly}}}")
    return rota(f"[{', '.join(duties)}]")


def instants(mark: datetime, days: int) -> st.SearchStrategy[datetime]:
    minutes = days * DAY // MINUTE
    return st.integers(-minutes, minutes).map(lambda n: mark + n * MINUTE)


@st.composite
def looks(draw: st.DrawFn) -> tuple[Policy, datetime, tuple[Swap, ...]]:
    """A rota, an instant to look at, and swaps before, around and after it."""
    mark = draw(st.sampled_from(MARKS))
    swaps = []
    for _ in range(draw(st.integers(0, 4))):
        since = draw(instants(mark, 3))
        length = draw(st.integers(1, 12 * DAY // MINUTE))
        instead = draw(st.sampled_from([None, *PEOPLE]))
        person = draw(st.sampled_from(PEOPLE))
        until = since + length * MINUTE
        swaps.append(Swap(person=person, since=since, until=until, instead=instead))
    return draw(rotas()), draw(instants(mark, 2)), tuple(swaps)


def started(found: Sequence[AlertIntent]) -> set[str]:
    return {call.base for call in found}


@settings(max_examples=60, deadline=None)
@given(look=looks(), wait=st.integers(1, DAY // MINUTE))
def test_a_gap_is_called_if_and_only_if_coverage_reports_it_for_the_coming_day(
    look: tuple[Policy, datetime, tuple[Swap, ...]], wait: int
) -> None:
    policy, now, swaps = look
    until, needed = now + DAY, must_receive(policy)
    reported = [
        gap
        for gap in gaps(policy, (now - 40 * DAY).date(), 80, swaps)
        if gap.team in needed and gap.since < until and gap.until > now
    ]

    found = calls(policy, now, *swaps)

    bases = [f":duty_gap:{gap.team}:{gap.since:%Y%m%dT%H%M}" for gap in reported]
    assert [call.base for call in found] == bases
    assert [call.holds for call in found] == [gap.until - now for gap in reported]
    coming = [gap for gap in coming_gaps(policy, now, 1, swaps) if gap.team in needed]
    assert [(max(g.since, now), min(g.until, until)) for g in reported] == [
        (gap.since, gap.until) for gap in coming
    ]
    there = policy.teams["fraud"].on_duty(now + wait * MINUTE - MINUTE, swaps)
    inside = [g for g in reported if g.since <= now + wait * MINUTE - MINUTE < g.until]
    assert bool(there) != bool(inside)


@settings(max_examples=60, deadline=None)
@given(look=looks(), wait=st.integers(1, 3 * DAY // MINUTE))
def test_a_gap_is_the_same_call_at_every_look(
    look: tuple[Policy, datetime, tuple[Swap, ...]], wait: int
) -> None:
    policy, now, swaps = look
    later = now + wait * MINUTE
    lasting = [
        f":duty_gap:{gap.team}:{gap.since:%Y%m%dT%H%M}"
        for gap in gaps(policy, (now - 40 * DAY).date(), 80, swaps)
        if gap.team == "fraud" and gap.since < now + DAY and gap.until > later
    ]

    first, again = calls(policy, now, *swaps), calls(policy, later, *swaps)

    assert set(lasting) <= started(first) & started(again)


def test_three_weeks_of_sick_leave_are_one_call() -> None:
    policy, since = rota(ROUND), at("2026-03-02T06:30:00Z")
    leave = away(since, since + 21 * DAY)

    told = [calls(policy, since + n * 6 * HOUR, leave) for n in range(-3, 21 * 4)]

    assert {len(one) for one in told} == {1}
    assert {one[0].base for one in told} == {":duty_gap:fraud:20260302T0630"}
    assert len({one[0].need for one in told}) == 1
    assert calls(policy, since + 21 * DAY, leave) == []
    assert calls(policy, since - DAY - MINUTE, leave) == []


def test_a_year_without_anybody_is_one_call_too() -> None:
    policy, since = rota(ROUND), at("2026-01-01T00:00:00Z")
    leave = away(since, since + 300 * DAY)

    told = [calls(policy, since + n * 30 * DAY, leave) for n in range(10)]

    assert {base for one in told for base in started(one)} == {":duty_gap:fraud:20260101T0000"}


def test_two_gaps_of_one_day_are_two_calls() -> None:
    policy, now = rota(WHOLE), at("2026-03-04T06:00:00Z")

    found = calls(policy, now)

    assert [call.base for call in found] == [":duty_gap:fraud:20260304T1100"]
    both = calls(policy, now, away(at("2026-03-04T08:00:00Z"), at("2026-03-04T08:30:00Z")))
    assert len({call.id for call in both}) == 2


def test_who_is_called_by_nothing_at_night_has_no_gap_to_tell_of() -> None:
    now = at("2026-03-04T06:00:00Z")
    policy = rota(ROUND)

    assert {gap.team for gap in coming_gaps(policy, now, 1)} == {"care"}
    assert calls(policy, now) == []


def test_a_swap_that_fills_the_gap_ends_the_calls() -> None:
    policy, since = rota(ROUND), at("2026-03-04T06:00:00Z")
    leave = away(since, since + 4 * HOUR)
    filled = Swap(person="anna", since=since, until=since + 4 * HOUR, instead="boris")

    assert len(calls(policy, since - HOUR, leave)) == 1
    assert calls(policy, since - HOUR, filled) == []


@pytest.mark.parametrize(("ahead", "holds"), [(24, 29), (1, 6), (0, 5), (-3, 2)])
def test_it_holds_until_somebody_is_there_again(ahead: int, holds: int) -> None:
    since = at("2026-03-04T06:00:00Z")
    now = since - ahead * HOUR + (MINUTE if ahead == 24 else 0 * HOUR)

    (call,) = calls(rota(ROUND), now, away(since, since + 5 * HOUR))

    assert call.holds is not None
    assert -(-call.holds // HOUR) == holds
    assert call.at == now


@pytest.mark.parametrize(
    ("ladder", "called"),
    [
        ("{}", "fraud"),
        ("{75%: care, 100%: manager}", "care"),
        ("{75%: manager, 100%: care}", "fraud"),
        ("{150%: fraud, 50%: care}", "care"),
    ],
)
def test_the_first_step_of_the_ladder_is_told_where_it_is_a_team(ladder: str, called: str) -> None:
    since = at("2026-03-04T06:00:00Z")

    (call,) = calls(rota(ROUND, ladder=ladder), since, away(since, since + HOUR))

    assert (call.called, call.team) == (called, "fraud")


@pytest.mark.parametrize(
    ("lang", "title", "need"),
    [
        ("ru", "Карты", "В команде Карты никто не дежурит с 24.10 22:30 до 25.10 04:30"),
        ("bg", "Карти", "В екип Карти няма дежурен от 24.10 22:30 до 25.10 04:30"),
        ("en", "Cards", "Nobody is on duty in team Cards from 24.10 22:30 until 25.10 04:30"),
        ("de", "Karten", "Nobody is on duty in team Karten from 24.10 22:30 until 25.10 04:30"),
    ],
)
def test_the_need_tells_the_hours_of_the_teams_own_clocks(lang: str, title: str, need: str) -> None:
    since = at("2026-10-24T19:30:00Z")  # clocks go back in this night: seven hours are told as six
    leave = away(since, since + 7 * HOUR, "boris")

    (call,) = calls(rota(WHOLE, lang=lang, title=title), since - HOUR, leave)[:1]

    assert call.need == need
    assert call.about.team == title
    assert call.about.timezone == "Europe/Sofia"


def test_of_one_day_the_date_is_told_once() -> None:
    (call,) = calls(rota(WHOLE), at("2026-03-04T06:00:00Z"))

    assert call.need.endswith("from 04.03 13:00 until 14:00")


def test_it_is_an_alert_of_no_brand_and_no_case() -> None:
    (call,) = calls(rota(WHOLE), at("2026-03-04T06:00:00Z"))

    assert (call.kind, call.severity) == (AlertKind.duty_gap, PriorityBand.high)
    assert (call.brand, call.ticket_id, call.partition, call.link) == ("", "", 0, None)
