"""Who is told that nobody will be on duty, and in which words? Ahead of time, once a gap (R58)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from schemas.event import derive_id
from schemas.states import AlertKind, PriorityBand
from services.route.domain.alerting import Needs
from services.route.domain.book import AlertIntent
from services.route.domain.coverage import Gap, must_receive, whole_gaps
from services.route.domain.message import About
from services.route.domain.policy import Policy
from services.route.domain.swaps import Swap
from services.route.domain.teams import Team
from worktime.shifts import DAY
from worktime.walls import read_zone

AHEAD = 1 * DAY
"""How long before its first hour a gap is told of."""
LOOK = 366 * DAY
"""Swaps of so long to either side may begin or end a gap of now."""
_SPARE = "en"
"""The words of a team none of whose languages has any."""


class GapCall(msgspec.Struct, frozen=True, kw_only=True):
    """One gap to be told of; ``holds_for`` is until its first hour, zero where that has begun."""

    intent: AlertIntent
    holds_for: timedelta


def gap_calls(
    policy: Policy, needs: Mapping[str, Needs], now: datetime, swaps: Sequence[Swap] = ()
) -> Iterator[GapCall]:
    """A call for each gap of the coming day that ``coverage`` calls wrong: of who must receive.

    A team that keeps office hours, and that nothing calls at night, has a gap every evening.
    """
    needed = must_receive(policy)
    for gap in whole_gaps(policy, now, now + AHEAD, swaps):
        if gap.team in needed:
            yield gap_call(gap, policy, needs, now)


def gap_call(gap: Gap, policy: Policy, needs: Mapping[str, Needs], now: datetime) -> GapCall:
    """The call of a gap: the same id whoever looks at it, and whenever."""
    team, start = policy.teams[gap.team], f"{gap.since:%Y%m%dT%H%M}"
    lang = next((one for one in team.languages if one in needs), _SPARE)
    intent = AlertIntent(
        id=derive_id(team.name, "AlertIntent", AlertKind.duty_gap, gap.since.isoformat()),
        base=f":{AlertKind.duty_gap}:{team.name}:{start}",
        kind=AlertKind.duty_gap,
        severity=PriorityBand.high,
        brand="",
        team=team.name,
        channel=_told(team, policy).channel,
        ticket_id="",
        count=1,
        need=_need(gap, team, needs[lang]),
        link=None,
        at=now,
        partition=0,
        about=About(lang=lang, team=team.title, timezone=gap.zone),
    )
    return GapCall(intent=intent, holds_for=max(gap.since - now, timedelta()))


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
