"""Whose alert is it, and what is said of that? What phones do with the groups of alerts."""

from collections.abc import Mapping
from typing import Protocol

from schemas.states import AlertState
from services.route.domain.alerting import AlertGroup
from services.route.domain.message import HAD, Message, Words, message_of
from services.route.domain.phones import Once
from services.route.domain.telling import alert_event
from services.route.metrics import Metrics
from stream.clock import Clock


class Board(Protocol):
    """The groups by their short ids; each call is one transaction."""

    async def group_of(self, short: str) -> AlertGroup | None:
        """The group, where there is one."""
        ...

    async def acknowledge_short(
        self, short: str, *, by: str, once: Once | None = None
    ) -> AlertGroup | None:
        """Say "mine"; of a group that somebody has already nothing changes.

        A link is used up with it; raises ``Used`` where it was before.
        """
        ...


class Taking:
    """Takes a group for somebody, and finds the words for it, in the team's language."""

    def __init__(
        self, board: Board, words: Mapping[str, Words], clock: Clock, metrics: Metrics
    ) -> None:
        self.board, self.clock = board, clock
        self.languages, self._metrics = words, metrics

    async def take(self, short: str, who: str, once: Once | None = None) -> AlertGroup | None:
        """The group with who has it; what somebody has, or what is over, stays as it is."""
        group = await self.board.group_of(short)
        if group and is_open(group):
            group = await self.board.acknowledge_short(short, by=who, once=once)
        self._metrics.commands.labels("ack", "done" if group else "not_found").inc()
        return group

    def message(self, group: AlertGroup) -> Message:
        """What its channel is told of it, as of now."""
        event = alert_event(group, group.state, self.clock.now())
        return message_of(event, group.about, self.languages, self.clock.now())

    def words(self, group: AlertGroup) -> Words:
        """The words of its team's language."""
        return self.languages[group.about.lang]

    def whose(self, group: AlertGroup) -> str:
        """Who has it, or that it is over."""
        words = self.words(group)
        if group.state is AlertState.resolved or not group.acknowledged_by:
            return words.over
        return words.has.format(who=group.acknowledged_by)


def is_open(group: AlertGroup) -> bool:
    """Does nobody have it yet?"""
    return group.state not in HAD
