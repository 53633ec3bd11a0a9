"""What do alerts cost the people who get them? By person, hour and team, and how many were useless.

An alert is one message that was delivered; a matter is what a group of them was about. Shares are
of matters: what was told five times and acknowledged once was acknowledged.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from schemas.event import Contract, Instant
from schemas.states import AlertState
from worktime.walls import read_zone

CALLS = frozenset(
    {AlertState.raised, AlertState.updated, AlertState.escalated, AlertState.repeated}
)
"""What asks somebody to look; that somebody has it, or that it is over, asks nobody."""
NIGHT_FROM, NIGHT_UNTIL = 22, 7
"""Hours of the team's clocks; half open."""


K = TypeVar("K")


class AlertFact(Contract, frozen=True, kw_only=True):
    """One alert that was delivered, who was on duty then, and what became of its matter.

    ``taken``: somebody claimed or answered a case of it; ``useless_by`` marked it as useless.
    ``exercise``: a drill or a rehearsal, which is no cost.
    """

    group_key: str
    team: str
    zone: str
    state: AlertState
    at: Instant
    on_duty: tuple[str, ...]
    acknowledged_by: str | None = None
    taken: bool = False
    ended_at: Instant | None = None
    useless_by: str | None = None
    exercise: bool = False


class Load(Contract, frozen=True, kw_only=True):
    """How much it was; the shares are of the matters, null where there are none."""

    alerts: int
    matters: int
    acknowledged: int
    useless: int
    share_acknowledged: float | None
    share_useless: float | None


class Hour(Contract, frozen=True, kw_only=True):
    """An hour of a team's clocks by its first instant, and how many alerts came in it."""

    since: Instant
    zone: str
    alerts: int


class Night(Contract, frozen=True, kw_only=True):
    """How many alerts came in how many nights."""

    alerts: int
    nights: int


class PersonCost(Contract, frozen=True, kw_only=True):
    """What a person got while on duty."""

    person: str
    load: Load
    busiest: Hour
    night: Night


class TeamCost(Contract, frozen=True, kw_only=True):
    """What a team got; ``to_nobody`` came while nobody was on duty."""

    team: str
    load: Load
    busiest: Hour
    night: Night
    to_nobody: int


class HourCost(Contract, frozen=True, kw_only=True):
    """What a person got in one hour."""

    person: str
    hour: Hour
    load: Load


class Cost(Contract, frozen=True, kw_only=True):
    """What alerts cost, who got most first; ``woken`` are those whom one reached at night.

    ``exercises`` are drills and rehearsals; nothing else counts them.
    """

    load: Load
    busiest: Hour | None
    people: tuple[PersonCost, ...]
    teams: tuple[TeamCost, ...]
    hours: tuple[HourCost, ...]
    woken: tuple[str, ...]
    exercises: Load


class _Matters:
    """What became of each matter, by all that is known of it."""

    def __init__(self, facts: Iterable[AlertFact]) -> None:
        seen, marked, ended, handled = set[str](), set[str](), set[str](), set[str]()
        self.acknowledged = set[str]()
        for fact in facts:
            seen.add(fact.group_key)
            for said, keys in (
                (fact.acknowledged_by, self.acknowledged),
                (fact.useless_by, marked),
                (fact.ended_at, ended),
                (fact.taken, handled),
            ):
                if said:
                    keys.add(fact.group_key)
        self.useless = marked | (ended - handled - self.acknowledged)

    def load(self, calls: Sequence[AlertFact]) -> Load:
        """How much these alerts were."""
        keys = {fact.group_key for fact in calls}
        acknowledged, useless = len(keys & self.acknowledged), len(keys & self.useless)
        return Load(
            alerts=len(calls),
            matters=len(keys),
            acknowledged=acknowledged,
            useless=useless,
            share_acknowledged=_share(acknowledged, keys),
            share_useless=_share(useless, keys),
        )


def cost_of(facts: Sequence[AlertFact]) -> Cost:
    """What these alerts cost, of whatever time they are."""
    matters = _Matters(facts)
    asked = [fact for fact in facts if fact.state in CALLS]
    calls = [fact for fact in asked if not fact.exercise]
    on_duty = _by(calls, lambda fact: set(fact.on_duty))
    of_teams = _by(calls, lambda fact: (fact.team,))
    people = [_person(name, theirs, matters) for name, theirs in on_duty.items()]
    teams = [_team(name, theirs, matters) for name, theirs in of_teams.items()]
    people.sort(key=lambda one: (-one.load.alerts, one.person))
    teams.sort(key=lambda one: (-one.load.alerts, one.team))
    return Cost(
        load=matters.load(calls),
        busiest=_busiest(calls) if calls else None,
        people=tuple(people),
        teams=tuple(teams),
        hours=tuple(_hours(calls, matters)),
        woken=tuple(sorted(one.person for one in people if one.night.alerts)),
        exercises=matters.load([fact for fact in asked if fact.exercise]),
    )


def as_json(cost: Cost) -> str:
    """The same for a machine."""
    return msgspec.json.encode(cost).decode()


def _person(name: str, calls: Sequence[AlertFact], matters: _Matters) -> PersonCost:
    load, busiest, night = matters.load(calls), _busiest(calls), _night(calls)
    return PersonCost(person=name, load=load, busiest=busiest, night=night)


def _team(name: str, calls: Sequence[AlertFact], matters: _Matters) -> TeamCost:
    return TeamCost(
        team=name,
        load=matters.load(calls),
        busiest=_busiest(calls),
        night=_night(calls),
        to_nobody=sum(not fact.on_duty for fact in calls),
    )


def _hours(calls: Sequence[AlertFact], matters: _Matters) -> list[HourCost]:
    found = _by(calls, lambda fact: {(_hour_of(fact), person) for person in fact.on_duty})
    return [
        HourCost(person=person, hour=_hour(since, theirs), load=matters.load(theirs))
        for (since, person), theirs in sorted(found.items(), key=lambda item: item[0])
    ]


def _by(
    calls: Iterable[AlertFact], keys: Callable[[AlertFact], Iterable[K]]
) -> Mapping[K, list[AlertFact]]:
    found: dict[K, list[AlertFact]] = {}
    for fact in calls:
        for key in keys(fact):
            found.setdefault(key, []).append(fact)
    return found


def _busiest(calls: Sequence[AlertFact]) -> Hour:
    """The hour with most alerts, the first of those that have as many."""
    hours = _by(calls, lambda fact: (_hour_of(fact),))
    since = min(hours, key=lambda hour: (-len(hours[hour]), hour))
    return _hour(since, hours[since])


def _hour(since: datetime, calls: Sequence[AlertFact]) -> Hour:
    return Hour(since=since, zone=calls[0].zone, alerts=len(calls))


def _hour_of(fact: AlertFact) -> datetime:
    """As an instant: an hour that the clocks show twice is two."""
    return _local(fact).replace(minute=0, second=0, microsecond=0).astimezone(UTC)


def _night(calls: Iterable[AlertFact]) -> Night:
    walls = [_local(fact).replace(tzinfo=None) for fact in calls]
    at_night = [wall for wall in walls if wall.hour >= NIGHT_FROM or wall.hour < NIGHT_UNTIL]
    nights = {(wall - timedelta(hours=NIGHT_UNTIL)).date() for wall in at_night}
    return Night(alerts=len(at_night), nights=len(nights))


def _local(fact: AlertFact) -> datetime:
    return fact.at.astimezone(read_zone(fact.zone))


def _share(part: int, whole: Collection[str]) -> float | None:
    return round(part / len(whole), 2) if whole else None
