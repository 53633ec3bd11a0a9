"""Which group does an alert belong to, and when is that one told? Opened, hurried, grown."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from schemas.states import AlertKind
from services.route.domain.alerting import (
    FIRST_TICKETS,
    FIRST_TRACES,
    AlertGroup,
    Member,
    graver,
)
from services.route.domain.intents import AlertIntent
from services.route.domain.message import About
from services.route.domain.policy import Policy
from services.route.domain.teams import Team
from services.route.domain.ways import Way

SUMMED_UP_AFTER = 10
"""Even while more keeps coming, a summary waits no longer than so many of its waits."""
REHEARSAL = "rehearsal"


def is_late(intent: AlertIntent, late_after: timedelta, now: datetime) -> bool:
    """Is it too old to page anybody? A gap of duty never is: it lies ahead."""
    return intent.late or (intent.kind is not AlertKind.duty_gap and now - intent.at > late_after)


def ways_of(intent: AlertIntent, policy: Policy, *, late: bool) -> Sequence[Way]:
    """The ways that an alert takes; what is late takes the first of a summary's, once."""
    root = policy.alerting.root
    if not late:
        return root.taken_by(intent.labels)
    labels = {**intent.labels, "kind": AlertKind.summary.value}
    return tuple(root.taken_by(labels))[:1]


def mark_of(drill: str | None, policy: Policy) -> str:
    """What keeps the alerts of a drill or a rehearsal apart; of a real one nothing."""
    rehearsal = "" if policy.live else REHEARSAL
    return ":".join(filter(None, (rehearsal, drill)))


def identity_of(way: Way, intent: AlertIntent, mark: str, *, late: bool) -> str:
    """What makes alerts one call: the way, the brand, and the labels that it groups by.

    A summary is one of a team, of whatever brands. An exercise never shares a call with what is
    real.
    """
    if late:
        return summary_of(way, intent.team, mark)
    values = (intent.labels.get(label, "") for label in way.group_by)
    return "|".join((way.id, intent.brand, *values, *filter(None, (mark,))))


def summary_of(way: Way, team: str, mark: str = "") -> str:
    """The identity of a team's summary."""
    return "|".join((way.id, AlertKind.summary, team, *filter(None, (mark,))))


def opened(
    way: Way, intent: AlertIntent, policy: Policy, now: datetime, *, late: bool
) -> AlertGroup:
    """A group for a first alert; its chain is its team's of this moment."""
    team, called = _team(intent.team, policy), _team(intent.called or intent.team, policy)
    mark = mark_of(intent.drill, policy)
    identity = identity_of(way, intent, mark, late=late)
    brand = "" if late else intent.brand
    named = ":".join(identity.split("|")[2:] or [intent.kind.value])
    wait = policy.alerting.summary_wait if late else way.pace.wait
    return AlertGroup(
        key=f"{brand}:{named}:{intent.at:%Y%m%dT%H%M}-{intent.id[:8]}-{way.id}",
        identity=identity,
        way=way.id,
        kind=AlertKind.summary if late else intent.kind,
        brand=brand,
        team=team.name,
        called=called.name,
        partition=intent.partition,
        channel=way.channel or called.channel,
        pace=msgspec.structs.replace(way.pace, wait=wait),
        chain=() if late else called.chain,
        opened_at=now,
        ticks_at=now + wait,
        about=About(lang=intent.about.lang, team=intent.about.team) if late else intent.about,
        mark=mark,
        drill=intent.drill,
        rehearsal="" if policy.live else policy.alerting.test_channel,
    )


def hurried(group: AlertGroup, member: Member, now: datetime) -> AlertGroup:
    """The group's next look, with one alert more: a first one that has waited already is told now.

    A summary waits until nothing more comes, but not for ever.
    """
    if group.flushed:
        return group
    wait = group.pace.wait
    if group.kind is AlertKind.summary:
        at = min(now + wait, group.opened_at + SUMMED_UP_AFTER * wait)
        return msgspec.structs.replace(group, ticks_at=at)
    if member.starts_at + wait <= now:
        return msgspec.structs.replace(group, ticks_at=min(now, group.ticks_at))
    return group


def grown(member: Member, intent: AlertIntent, now: datetime) -> Member:
    """The alert once more: it goes on, or fires again where it had ended.

    Two that overlap began when the earlier one did, as Alertmanager merges them.
    """
    fires, overlaps = member.fires(now), member.fires(intent.at)
    ends_at = intent.at + intent.holds if intent.holds else None
    if fires and ends_at and member.ends_at:
        ends_at = max(ends_at, member.ends_at)
    more = (ticket for ticket in (intent.ticket_id,) if ticket and ticket not in member.tickets)
    return msgspec.structs.replace(
        member,
        severity=graver(member.severity, intent.severity),
        need=intent.need,
        about=intent.about,
        labels=intent.labels,
        link=intent.link or member.link,
        starts_at=min(member.starts_at, intent.at) if overlaps else intent.at,
        ends_at=ends_at,
        tickets=(*member.tickets, *more)[:FIRST_TICKETS],
        count=max(member.count, intent.count) if fires else intent.count,
        taken=member.taken and fires,
        traces=(*member.traces, *intent.traces)[:FIRST_TRACES],
    )


def _team(name: str, policy: Policy) -> Team:
    """The team of that name, or the last resort where the policy has it no more."""
    return policy.teams.get(name) or policy.teams[policy.last_resort]
