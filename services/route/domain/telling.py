"""What do people and subscribers read of a group? Its gravest alert, and how many there are."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from schemas.alerts import AlertChanged
from schemas.event import derive_id
from schemas.states import AlertKind, AlertState, PriorityBand
from services.route.domain.alerting import FIRST_TICKETS, AlertGroup, Member, Notice, gravity
from services.route.domain.message import About
from services.route.domain.needs import Needs


def told_to(group: AlertGroup, state: AlertState) -> tuple[str, ...]:
    """The channels that hear of it: the first, the next one up, or all who know already."""
    if state is AlertState.escalated:
        return (group.chain[group.level - 1].channel,)
    if state is AlertState.resolved and not group.pace.send_resolved:
        return ()
    return group.reached


def summed(group: AlertGroup, members: Sequence[Member], now: datetime) -> AlertGroup:
    """The group with its gravest severity, its need and its count, as they stand."""
    firing = [one for one in members if one.fires(now)]
    if not firing:
        return msgspec.structs.replace(group, count=0)
    first = _lead(firing)
    return msgspec.structs.replace(
        group,
        severity=first.severity,
        need=first.need,
        count=sum(one.count for one in firing),
    )


def notice_of(
    group: AlertGroup,
    state: AlertState,
    members: Sequence[Member],
    needs: Mapping[str, Needs],
    now: datetime,
) -> Notice:
    """What is told; its id is of the group and of how often it was told."""
    firing = [one for one in members if one.fires(now)] or list(members)
    first = _lead(firing)
    ordered = sorted(firing, key=_grave_first)
    tickets = dict.fromkeys(ticket for one in ordered for ticket in one.tickets)
    said = needs[group.lang]
    alert = AlertChanged(
        event_id=derive_id(group.key, "AlertChanged", group.tellings),
        occurred_at=now,
        group_key=group.key,
        state=state,
        kind=group.kind,
        severity=first.severity,
        brand=group.brand,
        team=group.team,
        ticket_ids=tuple(tickets)[:FIRST_TICKETS],
        count=sum(one.count for one in firing),
        need=_need(group, ordered, said),
        link=first.link,
        acknowledged_by=group.acknowledged_by,
        level=group.level,
        exercise=group.exercise,
    )
    if group.kind is AlertKind.summary:
        about = About(lang=group.lang, team=first.about.team)
        return Notice(alert=msgspec.structs.replace(alert, link=None), about=about)
    return Notice(alert=alert, about=first.about)


def _need(group: AlertGroup, ordered: Sequence[Member], said: Needs) -> str:
    first, count = ordered[0], sum(one.count for one in ordered)
    if group.kind is not AlertKind.summary:
        return said.counted(first.need, count)
    bands = {
        band: sum(one.count for one in ordered if one.severity is band)
        for band in (PriorityBand.critical, PriorityBand.high)
    }
    return said.calls[AlertKind.summary].format(
        count=count,
        critical=bands[PriorityBand.critical],
        high=bands[PriorityBand.high],
        need=said.counted(first.need, first.count),
    )


def _lead(members: Sequence[Member]) -> Member:
    return min(members, key=_grave_first)


def _grave_first(member: Member) -> tuple[int, datetime, str]:
    return (-gravity(member.severity), member.starts_at, member.base)
