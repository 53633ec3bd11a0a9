"""What happened in a lifecycle case, and how do its clocks stand after any of its events?"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from schemas.calendars import Calendar
from schemas.states import ClockName, MomentKind
from schemas.tickets import Moment, SlaTerms, Targets
from services.notify.domain.clocks import Clock, clocks
from services.notify.domain.timeline import in_order, pauses_of

_KINDS = {
    "created": MomentKind.customer_wrote,
    "customer_message": MomentKind.customer_wrote,
    "agent_message": MomentKind.answered_publicly,
    "agent_message_first_response_only": MomentKind.acknowledged,
    "acknowledged": MomentKind.acknowledged,
    "bot_message": MomentKind.bot_answered,
    "hold": MomentKind.paused,
    "pending": MomentKind.paused,
    "resume": MomentKind.resumed,
    "open": MomentKind.resumed,
    "closed": MomentKind.closed,
    "reopened": MomentKind.reopened,
}
UNMATCHED = "priority_changed_to_unmatched"
"""The event after which the ticket has no terms any more."""

_CHANGES_NOTHING = ("evaluate", UNMATCHED)
_ZERO = datetime(2024, 1, 1, tzinfo=UTC)
"""What ``+0m`` is: a Monday, midnight."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_ANY_TARGET = 86_400
NAMES = (ClockName.first_response, ClockName.next_response, ClockName.resolution)
"""The clocks that a case's policy can set a target for."""


class _Policy(msgspec.Struct, frozen=True, kw_only=True):
    calendar: str
    first_response: int | None = None
    next_response: int | None = None
    resolution: int | None = None

    @property
    def targets(self) -> Mapping[ClockName, int | None]:
        """The targets by clock."""
        return {
            ClockName.first_response: self.first_response,
            ClockName.next_response: self.next_response,
            ClockName.resolution: self.resolution,
        }


class LifecycleCase(msgspec.Struct, frozen=True, kw_only=True):
    """A policy, what happened, and the keys that are asked for."""

    id: str
    policy: _Policy
    events: tuple[tuple[str, str], ...]
    expected: dict[str, object] = {}


class Life:
    """A case's clocks as they stood after any number of its events."""

    def __init__(self, case: LifecycleCase, calendar: Calendar) -> None:
        self.case, self._calendar = case, calendar
        self.steps = tuple((read_instant(when), words.split("+")) for when, words in case.events)
        self.targets = case.policy.targets

    def clocks(self, events: int) -> tuple[Clock, ...]:
        """The clocks after so many events; none once the ticket has no terms."""
        if any(UNMATCHED in words for _, words in self.steps[:events]):
            return ()
        return self._under(self.targets, events)

    def measured(self) -> tuple[Clock, ...]:
        """After all events, with every clock running whether the policy has a target or not."""
        targets = {name: target or _ANY_TARGET for name, target in self.targets.items()}
        return self._under(targets, len(self.steps))

    @property
    def ended_at(self) -> datetime:
        """The instant of the last event."""
        return max(at for at, _ in self.steps)

    def pauses(self) -> Sequence[tuple[datetime, datetime | None]]:
        """When the ticket was on hold."""
        return pauses_of(in_order(self._moments(len(self.steps))))

    def _under(self, targets: Mapping[ClockName, int | None], events: int) -> tuple[Clock, ...]:
        moments = self._moments(events)
        if targets[ClockName.first_response] is not None:
            return self._measured(moments, targets)
        written = self._moments(events, without="created")  # opening a case asks nothing yet
        return (
            *self._measured(moments, {**targets, ClockName.next_response: None}),
            *self._measured(written, {**targets, ClockName.resolution: None}),
        )

    def _moments(self, events: int, *, without: str = "") -> list[Moment]:
        return [
            Moment(id=f"{n:05}-{m:02}", at=at, received_at=at, kind=_KINDS[word])
            for n, (at, words) in enumerate(self.steps[:events])
            for m, word in enumerate(words)
            if word not in {*_CHANGES_NOTHING, without}
        ]

    def _measured(
        self, moments: Sequence[Moment], targets: Mapping[ClockName, int | None]
    ) -> tuple[Clock, ...]:
        terms = SlaTerms(
            policy_hash="",
            name=self.case.id,
            calendar=self._calendar,
            targets=Targets(**{name.value: target for name, target in targets.items()}),
        )
        return clocks(moments, terms)


def read_instant(text: str) -> datetime:
    """An instant as a case writes it: ``2013-03-21T09:30:00Z`` or ``+20m``; ``ValueError``."""
    if text.startswith("+"):
        return _ZERO + timedelta(seconds=float(text[1:-1]) * _UNITS[text[-1]])
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def write_instant(at: datetime | None, like: str) -> str | None:
    """The instant in the manner of another one of its case."""
    if at is None:
        return None
    if not like.startswith("+"):
        return at.isoformat().replace("+00:00", "Z")
    seconds = (at - _ZERO).total_seconds()
    wanted = _UNITS[like[-1]]
    fitting = (u for u in _UNITS if _UNITS[u] <= wanted and seconds % _UNITS[u] == 0)
    unit = max(fitting, key=_UNITS.__getitem__, default="s")
    return f"+{seconds / _UNITS[unit]:.12g}{unit}"
