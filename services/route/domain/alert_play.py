"""Who would be called when? A timeline of alerts, silences and people, played on a policy.

The clock is the timeline's own: it jumps from one instant at which something happens to the next.
All that happens at one instant has happened before anybody is called at it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

import msgspec

from schemas.event import Instant
from schemas.states import AlertState, PriorityBand
from services.route.domain.alert_timeline import Line, intents_of, silence_of
from services.route.domain.alerting import AlertGroup
from services.route.domain.board import Around, Board, Told
from services.route.domain.needs import Needs
from services.route.domain.policy import Policy
from services.route.domain.silencing import Silence

AFTER = timedelta(hours=1)
"""So long after its last line a timeline ends, where nobody says otherwise."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """What one channel is told at an instant, and of which alerts."""

    at: Instant
    channel: str
    group: str
    state: AlertState
    level: int
    severity: PriorityBand
    count: int
    firing: tuple[str, ...]
    resolved: tuple[str, ...]


def play(
    timeline: Sequence[Line],
    policy: Policy,
    needs: Mapping[str, Needs],
    until: datetime | None = None,
) -> Iterator[Call]:
    """Every call that a timeline leads to, in order."""
    playing = _Playing(policy, needs)
    for at, lines in groupby(timeline, lambda line: line.at):
        yield from playing.up_to(at)
        for line in lines:
            playing.happen(line)
        yield from playing.due(at)
    if timeline:
        end = until or timeline[-1].at + AFTER
        yield from playing.up_to(end)
        yield from playing.due(end)


class _Playing:
    def __init__(self, policy: Policy, needs: Mapping[str, Needs]) -> None:
        self._policy, self._needs, self._board = policy, needs, Board()
        self._silences: dict[int, Silence] = {}
        self._held = False

    def up_to(self, end: datetime) -> Iterator[Call]:
        """All calls before that instant."""
        while (at := min((g.due_at for g in self._groups()), default=end)) < end:
            yield from self.due(at)

    def due(self, now: datetime) -> Iterator[Call]:
        """All calls at that instant."""
        around = self._around(now)
        while due := [group for group in self._groups() if group.due_at <= now]:
            firing = [
                one.labels
                for members in self._board.members.values()
                for one in members.values()
                if one.fires(now)
            ]
            quiet = [rule.while_firing(firing) for rule in self._policy.alerting.inhibitions]
            for group in due:
                self._board.flush(group, around, quiet)
        for told in self._board.told:
            yield from _calls(told)
        self._board.told.clear()

    def happen(self, line: Line) -> None:
        """Take one line in."""
        around = self._around(line.at)
        for intent in intents_of(line, self._policy, self._needs):
            self._board.take(intent, around)
        for group in self._groups() if line.acknowledges else ():
            if line.acknowledges in self._board.members[group.key]:
                self._board.acknowledge(group, line.by, around)
        self._quieted(line)

    def _quieted(self, line: Line) -> None:
        if line.silences:
            self._silences[line.silences.id] = silence_of(line.silences, line.at)
        if line.unsilences is not None:
            self._silences.pop(line.unsilences, None)
        if line.holds is not None:
            self._held = line.holds

    def _groups(self) -> list[AlertGroup]:
        return sorted(self._board.groups.values(), key=lambda one: (one.due_at, one.key))

    def _around(self, now: datetime) -> Around:
        silences = [one for one in self._silences.values() if one.since <= now < one.until]
        return Around(
            policy=self._policy, needs=self._needs, now=now, silences=silences, held=self._held
        )


def _calls(told: Told) -> Iterator[Call]:
    alert = told.notice.alert
    for channel in told.channels:
        yield Call(
            at=alert.occurred_at,
            channel=channel,
            group=alert.group_key,
            state=alert.state,
            level=alert.level,
            severity=alert.severity,
            count=alert.count,
            firing=told.firing,
            resolved=told.ended,
        )
