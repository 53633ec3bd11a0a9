"""In which hours of the coming days does nobody receive what a team is sent (R58, N13)?

Exact by the calendars' own intervals: between two edges the duty does not change, so one look at
the beginning of each piece is enough.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import msgspec

from schemas.calendars import Calendar
from schemas.states import AlertNeed, RuleMode
from services.route.domain.policy import Policy
from services.route.domain.swaps import Swap
from services.route.domain.teams import Duty, Team
from worktime.always import ALWAYS
from worktime.shifts import DAY, read_shifts
from worktime.spans import spans_of_year
from worktime.walls import read_zone, to_instant, to_micros, wall_to_utc

MIDNIGHT = "00:00"
_REACHES = (2, 32, 366)
"""Days to either side in which the ends of a gap are looked for: two are enough for most."""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """An interval, half open, in which a team has nobody on duty."""

    team: str
    zone: str
    since: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        """How long it lasts, in real time."""
        return self.until - self.since


def gaps(policy: Policy, first: date, days: int, swaps: Sequence[Swap] = ()) -> tuple[Gap, ...]:
    """Every gap of every team in so many days from that date, as the team's clocks show them."""
    return tuple(
        gap for team in policy.teams.values() for gap in _gaps_of(team, first, days, swaps)
    )


def coming_gaps(
    policy: Policy, now: datetime, days: int, swaps: Sequence[Swap] = ()
) -> tuple[Gap, ...]:
    """Every gap from now on for so many days, what lies outside of them cut off."""
    until = now + days * DAY
    return tuple(
        msgspec.structs.replace(gap, since=max(gap.since, now), until=min(gap.until, until))
        for gap in whole_gaps(policy, now, until, swaps)
    )


def whole_gaps(
    policy: Policy, since: datetime, until: datetime, swaps: Sequence[Swap] = ()
) -> tuple[Gap, ...]:
    """Every gap that touches this time, from its first hour to its last, up to a year off.

    So a gap is the same one whenever it is looked at, also while it lasts.
    """
    return tuple(gap for team in policy.teams.values() for gap in _whole(team, since, until, swaps))


def _whole(team: Team, since: datetime, until: datetime, swaps: Sequence[Swap]) -> Sequence[Gap]:
    """Looks around as far as it must: a gap that reaches the edge of the look may go on."""
    zone, found = zone_of(team), list[Gap]()
    for reach in _REACHES:
        first, last = (since - reach * DAY).date(), (until + reach * DAY).date()
        found = [
            gap
            for gap in _gaps_of(team, first, (last - first).days, swaps)
            if gap.since < until and gap.until > since
        ]
        begins, ends = (wall_to_utc(zone, day.isoformat(), MIDNIGHT) for day in (first, last))
        if not any(gap.since == begins or gap.until == ends for gap in found):
            break
    return found


def must_receive(policy: Policy) -> frozenset[str]:
    """The teams that somebody may need at any hour: by ``alert: now``, or a promise around it."""
    return frozenset(
        rule.then.team
        for rule in policy.rules
        if rule.mode is RuleMode.active
        and rule.then.team
        and (rule.then.alert is AlertNeed.now or _never_closes(rule.then.sla, policy))
    )


def _never_closes(sla: str | None, policy: Policy) -> bool:
    return sla is not None and policy.sla[sla].hold.calendar == ALWAYS


def _gaps_of(team: Team, first: date, days: int, swaps: Sequence[Swap]) -> Iterator[Gap]:
    zone = zone_of(team)
    since = wall_to_utc(zone, first.isoformat(), MIDNIGHT)
    until = wall_to_utc(zone, (first + days * DAY).isoformat(), MIDNIGHT)
    edges = sorted({since, until, *_edges(team, swaps, since, until)})
    empty = [(start, end) for start, end in pairwise(edges) if not team.on_duty(start, swaps)]
    for start, end in _joined(empty):
        yield Gap(team=team.name, zone=zone, since=start, until=end)


def zone_of(team: Team) -> str:
    """The time zone of the first calendar that a person wrote; UTC where there is none."""
    written = (duty.hold.calendar for duty in team.duty if duty.hold.calendar != ALWAYS)
    return next((calendar.timezone for calendar in written), "UTC")


def _edges(
    team: Team, swaps: Sequence[Swap], since: datetime, until: datetime
) -> Iterator[datetime]:
    """Every instant at which somebody may come or go."""
    instants = (
        *(edge for swap in swaps for edge in (swap.since, swap.until)),
        *(edge for duty in team.duty for edge in _edges_of(duty, since, until)),
    )
    yield from (edge for edge in instants if since < edge < until)


def _edges_of(duty: Duty, since: datetime, until: datetime) -> Iterator[datetime]:
    """Openings and closings, and the midnights at which the turn of a rotation may pass on."""
    for year in range(since.year, until.year + 1):
        spans = spans_of_year(read_shifts(_in_year(duty, year)), year)
        yield from map(to_instant, _within(spans.starts, since, until))
        yield from map(to_instant, _within(spans.ends, since, until))
        yield datetime(year, 1, 1, tzinfo=UTC)
    yield from _midnights("UTC", since, until)
    yield from _midnights(duty.hold.calendar.timezone, since, until)


def _in_year(duty: Duty, year: int) -> Calendar:
    """The calendar as duty sees it in that year: its holidays are those of the year asked in."""
    return duty.hold.resolved(datetime(year, 1, 1, tzinfo=UTC))


def _within(edges: Iterable[int], since: datetime, until: datetime) -> Iterator[int]:
    first, last = to_micros(since), to_micros(until)
    return (edge for edge in edges if first <= edge <= last)


def _midnights(zone: str, since: datetime, until: datetime) -> Iterator[datetime]:
    for n in range((until - since).days + 3):
        yield wall_to_utc(zone, (since.date() + n * DAY).isoformat(), MIDNIGHT)


def _joined(pieces: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """Neighbours become one; the pieces are sorted and disjoint."""
    begun: datetime | None = None
    ended: datetime | None = None
    for start, end in pieces:
        if begun and ended and start != ended:
            yield begun, ended
            begun = None
        begun, ended = begun or start, end
    if begun and ended:
        yield begun, ended


def as_rows(found: Sequence[Gap], policy: Policy) -> Iterator[dict[str, object]]:
    """A row for each gap, then one with the totals per team."""
    for gap in found:
        zone = read_zone(gap.zone)
        yield {
            "team": gap.team,
            "from": gap.since.astimezone(zone),
            "until": gap.until.astimezone(zone),
            "hours": _hours(gap.length),
            "timezone": gap.zone,
            "from_utc": gap.since,
            "until_utc": gap.until,
        }
    needed = must_receive(policy)
    yield {
        "totals": {
            name: {
                "gaps": len(theirs := [gap for gap in found if gap.team == name]),
                "hours": _hours(sum((gap.length for gap in theirs), timedelta())),
                "must_receive": name in needed,
            }
            for name in policy.teams
        }
    }


def as_table(found: Sequence[Gap], policy: Policy) -> Iterator[str]:
    """The same for a person: by team the hours without anybody, as its own clocks show them."""
    needed = must_receive(policy)
    width = max(map(len, policy.teams))
    for name in policy.teams:
        theirs = [gap for gap in found if gap.team == name]
        hours = _hours(sum((gap.length for gap in theirs), timedelta()))
        wrong = " AND MUST RECEIVE" if theirs and name in needed else ""
        said = f"nobody for {hours:g} hours{wrong}" if theirs else "somebody at every hour"
        yield f"{name:<{width}}  {said}"
        yield from (f"{'':<{width}}  {_told(gap)}" for gap in theirs)


def _told(gap: Gap) -> str:
    zone = read_zone(gap.zone)
    since, until = gap.since.astimezone(zone), gap.until.astimezone(zone)
    last = f"{until:%H:%M}" if until.date() == since.date() else f"{until:%a %Y-%m-%d %H:%M}"
    return f"{since:%a %Y-%m-%d %H:%M} to {last}, {_hours(gap.length):g} h, {gap.zone}"


def _hours(length: timedelta) -> float:
    return round(length / timedelta(hours=1), 2)
