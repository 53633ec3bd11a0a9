"""Who is called, and how often? Intents fold into groups: one alert for one outage."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from schemas.alerts import AlertChanged
from schemas.event import Contract, Instant, derive_id
from schemas.states import AlertKind, AlertState, PriorityBand
from schemas.vocabulary import CaseTopic
from services.route.domain.book import AlertIntent
from services.route.domain.context import bucket_of
from services.route.domain.message import About, Words

FIRST_TICKETS = 20
"""How many ticket ids an alert names; the rest is a count (contracts.md)."""

_OF_ONE_CASE = frozenset({AlertKind.case, AlertKind.removed})
"""What is told once, however long ago; of any other kind a quiet window ends the group."""


class Undelivered(Exception):  # noqa: N818 - says what happened
    """The channel did not accept; ``retry_after`` is its own wish in seconds, where it has one."""

    def __init__(self, why: str, *, retry_after: float | None = None) -> None:
        super().__init__(why)
        self.retry_after = retry_after


class Needs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line per topic that says what customers need, by language (R57); no post's text.

    ``calls`` says why somebody is called for another reason than one case.
    """

    topics: Mapping[CaseTopic, str]
    calls: Mapping[AlertKind, str]
    many: str
    message: Words


class Notice(Contract, frozen=True, kw_only=True):
    """An alert on its way to a channel, with what its words are made of."""

    alert: AlertChanged
    about: About


class AlertGroup(Contract, frozen=True, kw_only=True):
    """All alerts about one thing; people acknowledge the group."""

    key: str
    base: str
    kind: AlertKind
    severity: PriorityBand
    brand: str
    team: str
    channel: str
    state: AlertState
    ticket_ids: tuple[str, ...]
    count: int
    announced: int
    need: str
    link: str | None
    opened_at: Instant
    last_at: Instant
    partition: int
    about: About
    acknowledged_by: str | None = None


def need_of(needs: Needs, topic: CaseTopic, count: int) -> str:
    """The need in one line, in the team's language."""
    line = needs.topics[topic]
    return needs.many.format(need=line, count=count) if count > 1 else line


def joins(group: AlertGroup | None, intent: AlertIntent, window: timedelta) -> bool:
    """Does an intent belong to this group, or has the matter been quiet for a whole window?"""
    return group is not None and (
        intent.kind in _OF_ONE_CASE or intent.at - group.last_at <= window
    )


def open_group(intent: AlertIntent) -> AlertGroup:
    """A group with its first intent; its key is derived from event time."""
    once = intent.kind in _OF_ONE_CASE
    key = intent.base if once else f"{intent.base}:{bucket_of(intent.at):%Y%m%dT%H%M}"
    return AlertGroup(
        key=key,
        base=intent.base,
        kind=intent.kind,
        severity=intent.severity,
        brand=intent.brand,
        team=intent.team,
        channel=intent.channel,
        state=AlertState.raised,
        ticket_ids=(intent.ticket_id,) if intent.ticket_id else (),
        count=intent.count,
        announced=intent.count,
        need=intent.need,
        link=intent.link,
        opened_at=intent.at,
        last_at=intent.at,
        partition=intent.partition,
        about=intent.about,
    )


def fold(group: AlertGroup, intent: AlertIntent) -> tuple[AlertGroup, bool]:
    """The group with one more intent, and whether that is worth an update (twice as many)."""
    tickets = group.ticket_ids
    more = intent.kind is AlertKind.sla and intent.ticket_id not in tickets
    if intent.ticket_id and intent.ticket_id not in tickets and len(tickets) < FIRST_TICKETS:
        tickets = (*tickets, intent.ticket_id)
    count = max(group.count + more, intent.count)
    worth = count >= 2 * group.announced
    folded = msgspec.structs.replace(
        group,
        ticket_ids=tickets,
        count=count,
        announced=count if worth else group.announced,
        need=intent.need if worth else group.need,
        about=intent.about if worth else group.about,
        last_at=max(group.last_at, intent.at),
    )
    return folded, worth


class Folded(msgspec.Struct, frozen=True, kw_only=True):
    """The groups that intents have changed, and what is told of them, in order."""

    groups: tuple[AlertGroup, ...]
    told: tuple[tuple[AlertGroup, AlertChanged], ...]


def fold_all(
    latest: Mapping[str, AlertGroup], intents: Iterable[AlertIntent], window: timedelta
) -> Folded:
    """Fold intents, in order, into the latest group of their base, or open one."""
    now, changed = dict(latest), dict[str, AlertGroup]()
    told: list[tuple[AlertGroup, AlertChanged]] = []
    for intent in intents:
        group, state = now.get(intent.base), None
        if group is None or not joins(group, intent, window):
            group, state = open_group(intent), AlertState.raised
        else:
            group, worth = fold(group, intent)
            state = AlertState.updated if worth else None
        now[intent.base] = changed[group.key] = group
        if state:
            told.append((group, alert_event(group, state, intent.at)))
    return Folded(groups=tuple(changed.values()), told=tuple(told))


def acknowledge(group: AlertGroup, by: str) -> AlertGroup | None:
    """The group as somebody's own; None where it is acknowledged already."""
    if group.state is AlertState.acknowledged:
        return None
    return msgspec.structs.replace(group, state=AlertState.acknowledged, acknowledged_by=by)


def alert_event(group: AlertGroup, state: AlertState, at: datetime) -> AlertChanged:
    """What subscribers are told: once raised, updated per announced count, once anybody's."""
    counted = group.announced if state in {AlertState.raised, AlertState.updated} else 0
    return AlertChanged(
        event_id=derive_id(group.key, "AlertChanged", state, counted),
        occurred_at=at,
        group_key=group.key,
        state=state,
        kind=group.kind,
        severity=group.severity,
        brand=group.brand,
        team=group.team,
        ticket_ids=group.ticket_ids,
        count=group.count,
        need=group.need,
        link=group.link,
        acknowledged_by=group.acknowledged_by,
    )
