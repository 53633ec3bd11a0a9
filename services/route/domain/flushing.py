"""What is told of a group now? As Alertmanager's dispatcher and its log of notifications decide it.

A group is told of first when something fires, again with an interval between when something new
fires or ends, and unchanged after the repeat interval, exactly: no rounding up to the next but one
interval. What ended while nobody was to hear of it is told once it may be, where its beginning was:
an incident that somebody saw opened is never left open. Decision 0014 says what else differs.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from schemas.states import AlertKind, AlertState
from services.route.domain.alerting import AlertGroup, Member
from services.route.domain.chain import climbed, first_rung

Telling = tuple[AlertGroup, AlertState]


class Quiet(msgspec.Struct, frozen=True, kw_only=True):
    """Why nobody is to hear: all alerts are held, the way is muted by its hours, some are hushed.

    ``hushed`` are the bases of alerts that a silence or an inhibition keeps quiet.
    """

    held: bool = False
    muted: bool = False
    hushed: frozenset[str] = frozenset()

    def hushes(self, member: Member) -> bool:
        """Is nobody to hear of it?"""
        return self.held or self.muted or member.base in self.hushed


class Flush(msgspec.Struct, frozen=True, kw_only=True):
    """A group after a look at it: its alerts, which of them leave it, and what is told.

    ``late`` are alerts that go into a summary instead.
    """

    group: AlertGroup
    members: tuple[Member, ...]
    dropped: tuple[str, ...] = ()
    told: tuple[Telling, ...] = ()
    late: tuple[Member, ...] = ()

    def spoken_of(self, quiet: Quiet, now: datetime) -> Sequence[Member]:
        """The alerts that what is told is about; of a summary those that still need somebody."""
        spoken = [one for one in self.members if one.base not in quiet.hushed]
        if self.group.kind is AlertKind.summary:
            return [one for one in spoken if one.fires(now)]
        return spoken


def flush(
    group: AlertGroup, members: Sequence[Member], quiet: Quiet, late_after: timedelta, now: datetime
) -> Flush:
    """Look at a group that is due."""
    if quiet.held or quiet.muted:
        return _passed_over(group, members, quiet, now)
    if group.kind is AlertKind.summary:
        return _summed_up(group, members, quiet, now)
    done = Flush(group=group, members=tuple(members))
    if now >= group.ticks_at:
        done = _ticked(group, members, quiet, late_after, now)
    firing = [one for one in done.spoken_of(quiet, now) if one.fires(now)]
    group, state = climbed(done.group, firing, now)
    told = (*done.told, (group, state)) if state else done.told
    return msgspec.structs.replace(done, group=group, told=told)


def _ticked(
    group: AlertGroup, members: Sequence[Member], quiet: Quiet, late_after: timedelta, now: datetime
) -> Flush:
    missed = _missed(group, members, late_after, now)
    left = [one for one in members if one.base not in missed]
    spoken = [one for one in left if one.base not in quiet.hushed]
    group = msgspec.structs.replace(group, ticks_at=now + group.pace.interval, flushed=True)
    state = _news(group, left, spoken, now)
    if state:
        group = _told(group, state, spoken, now)
        left = [_noted(one, quiet, now) for one in left]
    gone = _gone(left, quiet, now)
    untold = (one.base for one in gone if one.told is AlertState.raised)
    group = msgspec.structs.replace(group, known=tuple(dict.fromkeys((*group.known, *untold))))
    dropped = (*missed, *(one.base for one in gone))
    if len(dropped) == len(members):
        group = _closed(group, now)
    return Flush(
        group=group,
        members=tuple(left),
        dropped=dropped,
        told=((group, state),) if state else (),
        late=tuple(one for one in members if one.base in missed),
    )


def _news(
    group: AlertGroup, members: Iterable[Member], spoken: Sequence[Member], now: datetime
) -> AlertState | None:
    """What is worth telling (Alertmanager's ``DedupStage.needsUpdate``); a doubled count is too."""
    firing = [one for one in spoken if one.fires(now)]
    ended = [one for one in spoken if not one.fires(now)]
    if group.told_at is None:
        return AlertState.raised if firing else None
    if not firing:
        return _end(group, members, ended, now)
    if _has_changed(group, firing, ended):
        return AlertState.updated
    mine = group.state is AlertState.acknowledged or all(one.taken for one in firing)
    climbs = group.climbs_at is not None and group.climbs_at <= now
    due = group.told_at + group.pace.repeat <= now and not climbs
    return AlertState.repeated if due and not mine else None


def _end(
    group: AlertGroup, members: Iterable[Member], ended: Sequence[Member], now: datetime
) -> AlertState | None:
    """What is told where nothing that may be heard of fires: of what was told, that it is over."""
    everything = list(members)
    known = bool(group.known) or any(one.told is AlertState.raised for one in everything)
    if not ended or not known:
        return None
    others = any(one.fires(now) for one in everything)
    return AlertState.updated if others else AlertState.resolved


def _has_changed(group: AlertGroup, firing: Iterable[Member], ended: Iterable[Member]) -> bool:
    """Does something new fire, has more of it, or has ended where that is told?

    What began and ended again since its end was told is known to have ended.
    """
    if any(one.told is not AlertState.raised or one.count >= 2 * one.announced for one in firing):
        return True
    return group.pace.send_resolved and any(one.base not in group.ended for one in ended)


def _told(
    group: AlertGroup, state: AlertState, spoken: Iterable[Member], now: datetime
) -> AlertGroup:
    first = state is AlertState.raised
    return msgspec.structs.replace(
        group,
        told_at=now,
        tellings=group.tellings + 1,
        ended=tuple(one.base for one in spoken if not one.fires(now)),
        known=(),
        reached=(group.channel,) if first else group.reached,
        climbs_at=first_rung(group, now) if first else group.climbs_at,
    )


def _noted(member: Member, quiet: Quiet, now: datetime) -> Member:
    """The alert with what has just been told of it; one that was left out is told anew later."""
    if member.base in quiet.hushed:
        return msgspec.structs.replace(member, told=None) if member.fires(now) else member
    told = AlertState.raised if member.fires(now) else AlertState.resolved
    return msgspec.structs.replace(member, told=told, announced=member.count)


def _gone(members: Iterable[Member], quiet: Quiet, now: datetime) -> Sequence[Member]:
    """What leaves a group: what has ended, but for what somebody is still to hear the end of."""
    return [
        one
        for one in members
        if not one.fires(now) and not (quiet.hushes(one) and one.told is AlertState.raised)
    ]


def _missed(
    group: AlertGroup, members: Sequence[Member], late_after: timedelta, now: datetime
) -> tuple[str, ...]:
    """What nobody was told of while alerts were held or nobody looked, and is too old to page."""
    if group.told_at or group.kind is AlertKind.summary:
        return ()
    if not (group.held or now - group.ticks_at > late_after):
        return ()
    old = (one for one in members if one.fires(now) and now - one.starts_at > late_after)
    return tuple(one.base for one in old)


def _summed_up(group: AlertGroup, members: Sequence[Member], quiet: Quiet, now: datetime) -> Flush:
    """A summary is told once, of what still needs somebody, and is over."""
    waiting = [one for one in members if one.fires(now) and one.base not in quiet.hushed]
    told = _told(group, AlertState.raised, waiting, now) if waiting else group
    closed = msgspec.structs.replace(told, closed_at=now, climbs_at=None)
    return Flush(
        group=closed,
        members=tuple(members),
        dropped=tuple(one.base for one in members),
        told=((closed, AlertState.raised),) if waiting else (),
    )


def _passed_over(
    group: AlertGroup, members: Sequence[Member], quiet: Quiet, now: datetime
) -> Flush:
    """Nobody is to hear now; what began and ended meanwhile is nobody's."""
    at = now + group.pace.interval
    later = msgspec.structs.replace(
        group,
        ticks_at=at,
        climbs_at=max(group.climbs_at, at) if group.climbs_at else None,
        held=group.held or quiet.held,
        flushed=group.flushed or quiet.muted,
    )
    gone = tuple(one.base for one in _gone(members, quiet, now))
    if len(gone) == len(members):
        later = _closed(later, now)
    return Flush(group=later, members=tuple(members), dropped=gone)


def _closed(group: AlertGroup, now: datetime) -> AlertGroup:
    return msgspec.structs.replace(group, state=AlertState.resolved, closed_at=now, climbs_at=None)
