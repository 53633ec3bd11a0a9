"""What is known of each alert that was delivered? As the store has it, ready to be counted.

A message that went to several channels at once is one alert, as of its first delivery.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from schemas.event import Contract, Instant
from schemas.states import AlertState
from services.route.domain.alert_cost import AlertFact
from services.route.domain.alerting import AlertGroup, Member, Notice
from services.route.domain.coverage import zone_of
from services.route.domain.policy import Policy
from services.route.domain.why_hours import zone_of_policy

_UTC = "UTC"


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """One message that a channel accepted, and when."""

    notice: Notice
    at: Instant


class Marked(Contract, frozen=True, kw_only=True):
    """Whose mark it is that an alert was useless; a second one changes nothing."""

    group_key: str
    useless_by: str
    state: AlertState
    acknowledged_by: str | None = None


class Zones:
    """By whose clocks a team's hours are told: its calendar's, else those of most teams."""

    def __init__(self, policy: Policy | None) -> None:
        self._policy = policy
        self._most = zone_of_policy(policy) if policy else _UTC

    def of(self, team: str) -> str:
        """The zone of a team; one that the policy has no more has the company's."""
        known = self._policy.teams.get(team) if self._policy else None
        own = zone_of(known) if known else _UTC
        return self._most if own == _UTC else own


def handled(members: Iterable[Member]) -> frozenset[str]:
    """The groups of which somebody took or settled an alert."""
    return frozenset(one.group_key for one in members if one.taken or one.settled)


def facts_of(
    sent: Iterable[Sent], groups: Mapping[str, AlertGroup], taken: frozenset[str], zones: Zones
) -> Iterator[AlertFact]:
    """A fact for each alert; of a group that is gone only the alert itself is known."""
    seen: set[str] = set()
    for one in sorted(sent, key=lambda one: one.at):
        alert = one.notice.alert
        if alert.event_id in seen:
            continue
        seen.add(alert.event_id)
        group = groups.get(alert.group_key)
        yield AlertFact(
            group_key=alert.group_key,
            team=alert.team,
            zone=zones.of(alert.team),
            state=alert.state,
            at=one.at,
            on_duty=one.notice.people,
            acknowledged_by=group.acknowledged_by if group else alert.acknowledged_by,
            taken=alert.group_key in taken,
            ended_at=group.closed_at if group else None,
            useless_by=group.useless_by if group else None,
            exercise=alert.exercise,
        )


def marked(group: AlertGroup, by: str) -> AlertGroup:
    """The group as useless; whoever said so first stays."""
    return group if group.useless_by else msgspec.structs.replace(group, useless_by=by)


def mark_shown(group: AlertGroup) -> Marked:
    """What whoever marks it is told."""
    return Marked(
        group_key=group.key,
        useless_by=group.useless_by or "",
        state=group.state,
        acknowledged_by=group.acknowledged_by,
    )
