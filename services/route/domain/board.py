"""Which alerts are open, and what is told of them now? The working set of one turn, in memory.

Intents come in, groups open, grow and end, and what is to be told goes out. The store looks up what
a turn touches and writes what it changed; a rehearsal on the command line keeps all of it here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from schemas.states import AlertState
from services.route.domain.alerting import AlertGroup, Member, Notice, first_fired
from services.route.domain.flushing import Quiet, flush
from services.route.domain.grouping import (
    grown,
    hurried,
    identity_of,
    is_late,
    mark_of,
    opened,
    ways_of,
)
from services.route.domain.intents import AlertIntent, CaseNews, Intent
from services.route.domain.needs import Needs
from services.route.domain.policy import Policy
from services.route.domain.silencing import Silence, all_accept
from services.route.domain.telling import notice_of, summed, told_to
from services.route.domain.ways import Inhibited


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn goes by: the policy and its words, silences, whether alerts are held, the time.

    ``slack`` is how long the pipeline itself may take, in business time.
    """

    policy: Policy
    needs: Mapping[str, Needs]
    now: datetime
    silences: Sequence[Silence] = ()
    held: bool = False
    slack: timedelta = timedelta()

    @property
    def late_after(self) -> timedelta:
        """What is older pages nobody any more."""
        return self.policy.page_within + self.slack


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a group, to which channels, and which team or role is called by it.

    ``firing`` and ``ended`` are the bases of the alerts that it is about.
    """

    group: AlertGroup
    notice: Notice
    channels: tuple[str, ...]
    called: str
    firing: tuple[str, ...]
    ended: tuple[str, ...]


@dataclass(slots=True)
class Board:
    """Open groups by their identity, their alerts by key and base; and what the turn changed.

    ``whole`` are the groups of which all alerts are here.
    """

    groups: dict[str, AlertGroup] = field(default_factory=dict)
    members: dict[str, dict[str, Member]] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    changed_groups: dict[str, AlertGroup] = field(default_factory=dict)
    changed_members: dict[str, Member] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    told: list[Told] = field(default_factory=list)
    went_to: dict[str, list[str]] = field(default_factory=dict)

    def take(self, intent: Intent, around: Around) -> None:
        """One alert into its groups, or what became of a case to its alerts."""
        if isinstance(intent, CaseNews):
            self._heard(intent, around.now)
            return
        policy, now = around.policy, around.now
        late = is_late(intent, around.late_after, now)
        if late:  # what others add to it comes as late as it did: it ends by being told
            intent = msgspec.structs.replace(intent, holds=None)
        elif intent.fades_after:  # a delay of the pipeline is no silence of customers
            heard = max(now - intent.at, timedelta())
            intent = msgspec.structs.replace(intent, holds=heard + intent.fades_after)
        for way in ways_of(intent, policy, late=late):
            identity = identity_of(way, intent, mark_of(intent.drill, policy), late=late)
            group = self.groups.get(identity) or opened(way, intent, policy, now, late=late)
            known = self.members.get(group.key, {}).get(intent.base)
            member = grown(known, intent, now) if known else first_fired(group, intent)
            self._put(member)
            self._keep(hurried(group, member, now))
            self.went_to.setdefault(intent.id, []).append(group.key)

    def flush(self, group: AlertGroup, around: Around, inhibited: Sequence[Inhibited]) -> None:
        """Look at a group that is due: tell what has changed, call the next, or end it.

        ``inhibited`` is what is quiet while others with the group's mark fire, anywhere.
        """
        members = self.members.setdefault(group.key, {})
        quiet = _quiet(group, members, around, inhibited)
        done = flush(group, tuple(members.values()), quiet, around.late_after, around.now)
        for member in done.members:
            if member is not members[member.base]:
                self._put(member)
        spoken = done.spoken_of(quiet, around.now)
        for told, state in done.told:
            self._say(told, state, spoken, around)
        self._keep(summed(done.group, spoken, around.needs, around.now))
        for base in done.dropped:
            self.dropped.add(members.pop(base).id)
        for member in done.late:
            self.take(_again(member, group), around)

    def acknowledge(self, group: AlertGroup, by: str, around: Around) -> AlertGroup:
        """The group as somebody's own, told to all who were called; a second time is no change."""
        if group.state is AlertState.acknowledged or group.closed_at:
            return group
        mine = msgspec.structs.replace(
            group,
            state=AlertState.acknowledged,
            acknowledged_by=by,
            acknowledged_at=around.now,
            climbs_at=around.now + around.policy.alerting.taken_within,
            tellings=group.tellings + 1,
        )
        self._keep(mine)
        members = list(self.members.get(mine.key, {}).values())
        if mine.drill:  # there is no case that could be claimed
            members = [msgspec.structs.replace(one, taken=True) for one in members]
            for member in members:
                self._put(member)
        if members:
            self._say(mine, AlertState.acknowledged, members, around)
        return mine

    def done_with(self, now: datetime) -> Iterator[str]:
        """Groups of this turn that nobody is needed for any more."""
        for key in self.whole:
            members = self.members.get(key, {}).values()
            if members and not any(one.fires(now) for one in members):
                yield key

    def _say(
        self, group: AlertGroup, state: AlertState, members: Sequence[Member], around: Around
    ) -> None:
        group = summed(group, members, around.needs, around.now)
        notice = notice_of(group, state, members, around.now)
        called = group.chain[group.level - 1].to if group.level else group.called
        firing = [one.base for one in members if one.fires(around.now)]
        ended = [one.base for one in members if one.base not in firing]
        channels = told_to(group, state, still=bool(firing))
        if group.rehearsal and channels:
            channels = (group.rehearsal,)
        told = Told(
            group=group,
            notice=notice,
            channels=channels,
            called=called,
            firing=tuple(firing),
            ended=tuple(ended) if group.pace.send_resolved else (),
        )
        self.told.append(told)

    def _heard(self, news: CaseNews, now: datetime) -> None:
        """What a case needs nobody for any more ends; what somebody has taken is theirs."""
        change: dict[str, Any] = {"taken": True}
        if news.over:
            change = {"ends_at": news.at, "settled": True}
        for members in self.members.values():
            for member in list(members.values()):
                about = news.base == member.base or not news.base
                about = about and member.ticket == news.ticket_id
                about = about and member.labels.get("clock") not in news.spares
                if about and member.fires(now) and member.starts_at <= news.at:
                    self._put(msgspec.structs.replace(member, **change))

    def _keep(self, group: AlertGroup) -> None:
        self.changed_groups[group.key] = group
        if group.closed_at:
            self.groups.pop(group.identity, None)
        else:
            self.groups[group.identity] = group

    def _put(self, member: Member) -> None:
        self.members.setdefault(member.group_key, {})[member.base] = member
        self.changed_members[member.id] = member
        self.dropped.discard(member.id)


def _quiet(
    group: AlertGroup,
    members: Mapping[str, Member],
    around: Around,
    inhibited: Sequence[Inhibited],
) -> Quiet:
    way = around.policy.alerting.way(group.way)
    return Quiet(
        held=around.held,
        muted=way is not None and way.is_quiet(around.now),
        hushed=frozenset(
            base
            for base, one in members.items()
            if any(all_accept(silence.matches, one.labels) for silence in around.silences)
            or any(rule.quiets(one.labels) for rule in inhibited)
        ),
    )


def _again(member: Member, group: AlertGroup) -> AlertIntent:
    """The alert as it came, for the summary of its team: nobody was told of it in time."""
    return AlertIntent(
        id=member.id,
        base=member.base,
        kind=member.kind,
        severity=member.severity,
        brand=group.brand,
        team=group.team,
        ticket_id=member.ticket or next(iter(member.tickets), ""),
        count=member.count,
        need=member.need,
        link=member.link,
        at=member.starts_at,
        partition=group.partition,
        about=member.about,
        labels=member.labels,
        one_case=bool(member.ticket),
        holds=member.ends_at - member.starts_at if member.ends_at else None,
        late=True,
        drill=group.drill,
        traces=member.traces,
    )
