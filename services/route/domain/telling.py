"""What do people and subscribers read of a group? Its gravest alert, and how many there are."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from schemas.alerts import AlertChanged
from schemas.event import derive_id
from schemas.states import AlertKind, AlertState, PriorityBand
from services.route.domain.alerting import (
    FIRST_TICKETS,
    FIRST_TRACES,
    AlertGroup,
    Member,
    Notice,
    gravity,
)
from services.route.domain.needs import Needs


def told_to(group: AlertGroup, state: AlertState, *, still: bool) -> tuple[str, ...]:
    """The channels that hear of it: the first, the next one up, or all who know already.

    ``still``: something fires. Where ends are told to nobody, there is nothing else to tell.
    """
    if state is AlertState.escalated:
        return (group.chain[group.level - 1].channel,)
    if not still and not group.pace.send_resolved:
        return ()
    return group.reached


def summed(
    group: AlertGroup, members: Sequence[Member], needs: Mapping[str, Needs], now: datetime
) -> AlertGroup:
    """The group with its gravest severity, its need in words, and its count, as they stand."""
    ordered = _grave_first(members, now)
    if not ordered:
        return group
    first, said = ordered[0], needs[group.about.lang]
    summary = group.kind is AlertKind.summary
    return msgspec.structs.replace(
        group,
        severity=first.severity,
        need=_all_in_one(ordered, said) if summary else said.counted(first.need, _count(ordered)),
        count=_count(ordered),
        about=group.about if summary else first.about,
    )


def notice_of(
    group: AlertGroup, state: AlertState, members: Sequence[Member], now: datetime
) -> Notice:
    """What is told of a group as it stands, with the cases and the address of its gravest alert."""
    ordered = _grave_first(members, now)
    tickets = dict.fromkeys(ticket for one in ordered for ticket in one.tickets)
    alert = msgspec.structs.replace(
        alert_event(group, state, now),
        ticket_ids=tuple(tickets)[:FIRST_TICKETS],
        link=None if group.kind is AlertKind.summary else ordered[0].link,
    )
    traces = dict.fromkeys(trace for one in ordered for trace in one.traces)
    return Notice(alert=alert, about=group.about, traces=tuple(traces)[:FIRST_TRACES])


def alert_event(group: AlertGroup, state: AlertState, now: datetime) -> AlertChanged:
    """A group as subscribers see it; the id is of how often it was told."""
    return AlertChanged(
        event_id=derive_id(group.key, "AlertChanged", group.tellings),
        occurred_at=now,
        group_key=group.key,
        state=state,
        kind=group.kind,
        severity=group.severity,
        brand=group.brand,
        team=group.team,
        ticket_ids=(),
        count=group.count,
        need=group.need,
        acknowledged_by=group.acknowledged_by,
        level=group.level,
        exercise=group.exercise,
    )


def _all_in_one(ordered: Sequence[Member], said: Needs) -> str:
    """What a summary says: how many, how grave, and the gravest of them."""
    bands = {
        band: _count([one for one in ordered if one.severity is band])
        for band in (PriorityBand.critical, PriorityBand.high)
    }
    return said.calls[AlertKind.summary].format(
        count=_count(ordered),
        critical=bands[PriorityBand.critical],
        high=bands[PriorityBand.high],
        need=said.counted(ordered[0].need, ordered[0].count),
    )


def _count(members: Sequence[Member]) -> int:
    return sum(one.count for one in members)


def _grave_first(members: Sequence[Member], now: datetime) -> Sequence[Member]:
    """Those that fire, or all where none does; the gravest and oldest first."""
    firing = [one for one in members if one.fires(now)] or members
    return sorted(firing, key=lambda one: (-gravity(one.severity), one.starts_at, one.base))
