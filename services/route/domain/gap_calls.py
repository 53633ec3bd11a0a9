"""Who is told that nobody will be on duty, and in which words? Ahead of time, once a gap (R58)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from schemas.event import derive_id
from schemas.states import AlertKind, PriorityBand
from services.route.domain.coverage import Gap, coming_gaps, must_receive, whole_gaps
from services.route.domain.grouping import REHEARSAL
from services.route.domain.intents import AlertIntent, CaseNews
from services.route.domain.message import About
from services.route.domain.needs import Needs, language_of
from services.route.domain.policy import Policy
from services.route.domain.swaps import Swap
from services.route.domain.teams import Team
from worktime.shifts import DAY
from worktime.walls import read_zone

AHEAD = 1 * DAY
"""How long before its first hour a gap is told of."""
WEEK = 7
"""Days that a gauge looks ahead."""
LOOK = 366 * DAY
"""Swaps of so long to either side may begin or end a gap of now."""


def gap_calls(
    policy: Policy, needs: Mapping[str, Needs], now: datetime, swaps: Sequence[Swap] = ()
) -> Iterator[AlertIntent]:
    """A call for each gap of the coming day that ``coverage`` calls wrong: of who must receive.

    A team that keeps office hours, and that nothing calls at night, has a gap every evening.
    """
    needed = must_receive(policy)
    for gap in whole_gaps(policy, now, now + AHEAD, swaps):
        if gap.team in needed:
            yield gap_call(gap, policy, needs, now)


def gap_hours(policy: Policy, now: datetime, swaps: Sequence[Swap] = ()) -> Mapping[str, float]:
    """How many hours of the coming week have nobody, of each team that must receive at any hour."""
    found = dict.fromkeys(must_receive(policy), 0.0)
    for gap in coming_gaps(policy, now, WEEK, swaps):
        if gap.team in found:
            found[gap.team] += (gap.until - gap.since).total_seconds() / 3600
    return found


def gap_call(gap: Gap, policy: Policy, needs: Mapping[str, Needs], now: datetime) -> AlertIntent:
    """The call of a gap: the same alert whoever looks at it, and whenever, until it is past."""
    team, base = policy.teams[gap.team], base_of(gap, policy)
    lang = language_of(team.languages, needs)
    return AlertIntent(
        id=derive_id(base, "AlertIntent", now.isoformat()),
        base=base,
        kind=AlertKind.duty_gap,
        severity=PriorityBand.high,
        brand="",
        team=team.name,
        called=_told(team, policy).name,
        ticket_id="",
        count=1,
        need=_need(gap, team, needs[lang]),
        link=None,
        at=now,
        partition=0,
        about=About(lang=lang, team=team.title, timezone=gap.zone),
        labels={
            "team": team.name,
            "kind": AlertKind.duty_gap.value,
            "severity": PriorityBand.high.value,
            "matter": f"{gap.since:%Y%m%dT%H%M}",
        },
        holds=gap.until - now,
    )


def gap_closed(base: str, now: datetime) -> CaseNews:
    """Somebody will be there after all."""
    name = derive_id(base, "CaseNews", now.isoformat())
    return CaseNews(id=name, ticket_id="", base=base, at=now, over=True)


def base_of(gap: Gap, policy: Policy) -> str:
    """What makes a gap one alert: its team and its first hour; who was told in a rehearsal is none.

    So a policy that goes live tells the teams of it.
    """
    rehearsal = "" if policy.live else f":{REHEARSAL}"
    return f":{AlertKind.duty_gap}:{gap.team}:{gap.since:%Y%m%dT%H%M}{rehearsal}"


def _told(team: Team, policy: Policy) -> Team:
    """Whoever can still find somebody: the first step of the ladder, where that is a team."""
    first = team.ladder[0].to if team.ladder else team.name
    return policy.teams.get(first, team)


def _need(gap: Gap, team: Team, needs: Needs) -> str:
    zone = read_zone(gap.zone)
    since, until = gap.since.astimezone(zone), gap.until.astimezone(zone)
    last = f"{until:%H:%M}" if until.date() == since.date() else f"{until:%d.%m %H:%M}"
    hours = {"from": f"{since:%d.%m %H:%M}", "until": last}
    return needs.calls[AlertKind.duty_gap].format(team=team.title, **hours)
