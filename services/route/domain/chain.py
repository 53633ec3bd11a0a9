"""Who is called next, when nobody has said "mine"? The chain of a group, frozen when it opened."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from schemas.states import AlertState
from services.route.domain.alerting import AlertGroup, Member


def first_rung(group: AlertGroup, now: datetime) -> datetime | None:
    """When the first one of the chain is called, counted from the first call."""
    return now + group.chain[0].after if group.chain else None


def climbed(
    group: AlertGroup, firing: Sequence[Member], now: datetime
) -> tuple[AlertGroup, AlertState | None]:
    """The group a rung higher where its time has come, and what is told of it.

    An acknowledgement that neither a claim nor an answer followed in time is no one's any more:
    then the chain goes on where it was, or, where it has ended, all who know are called again.
    """
    if group.climbs_at is None or now < group.climbs_at or group.closed_at:
        return group, None
    if all(one.taken for one in firing):
        return msgspec.structs.replace(group, climbs_at=now + group.pace.interval), None
    let_go = msgspec.structs.replace(
        group,
        state=AlertState.raised,
        acknowledged_by=None,
        acknowledged_at=None,
        told_at=now,
        tellings=group.tellings + 1,
        climbs_at=None,
    )
    if group.level >= len(group.chain):
        if group.state is AlertState.acknowledged:
            return let_go, AlertState.repeated
        return msgspec.structs.replace(group, climbs_at=None), None
    rung = group.chain[group.level]
    higher = group.chain[group.level + 1 :]
    up = msgspec.structs.replace(
        let_go,
        state=AlertState.escalated,
        level=group.level + 1,
        climbs_at=now + (higher[0].after - rung.after) if higher else None,
        reached=tuple(dict.fromkeys((*group.reached, rung.channel))),
    )
    return up, AlertState.escalated
