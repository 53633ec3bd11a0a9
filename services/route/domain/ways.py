"""Which ways does an alert take to people, and what is it grouped by? A tree, as Alertmanager's."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from schemas.event import Contract
from services.route.domain.calendars import Hold
from services.route.domain.silencing import LabelMatch, all_accept

Labels = Mapping[str, str]


class Pace(Contract, frozen=True, kw_only=True):
    """How soon a group is told, told again, and repeated; whether its end is told."""

    wait: timedelta
    interval: timedelta
    repeat: timedelta
    send_resolved: bool


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One way; ``channel`` None is the team's own. ``id`` is its place in the tree."""

    id: str
    pace: Pace
    group_by: tuple[str, ...]
    channel: str | None = None
    matches: tuple[LabelMatch, ...] = ()
    mute: tuple[Hold, ...] = ()
    active: tuple[Hold, ...] = ()
    goes_on: bool = False
    ways: tuple["Way", ...] = ()

    def taken_by(self, labels: Labels) -> Sequence["Way"]:
        """The ways of an alert: the deepest that match, the next ones too where one goes on."""
        if not all_accept(self.matches, labels):
            return ()
        found: list[Way] = []
        for way in self.ways:
            taken = way.taken_by(labels)
            found.extend(taken)
            if taken and not way.goes_on:
                break
        return found or (self,)

    def is_quiet(self, at: datetime) -> bool:
        """Is nobody called on this way at that instant?"""
        shut = bool(self.active) and not any(hold.is_open(at) for hold in self.active)
        return shut or any(hold.is_open(at) for hold in self.mute)

    def all(self) -> Iterator["Way"]:
        """This way and all below it."""
        yield self
        for way in self.ways:
            yield from way.all()


class Inhibition(msgspec.Struct, frozen=True, kw_only=True):
    """While a source fires, targets with equal labels are quiet."""

    source: tuple[LabelMatch, ...]
    target: tuple[LabelMatch, ...]
    equal: tuple[str, ...]

    def while_firing(self, firing: Iterable[Labels]) -> "Inhibited":
        """What is quiet while those fire."""
        sources = [one for one in firing if all_accept(self.source, one)]
        return Inhibited(
            rule=self,
            by_any=frozenset(map(self.shared, sources)),
            by_others=frozenset(
                self.shared(one) for one in sources if not all_accept(self.target, one)
            ),
        )

    def shared(self, labels: Labels) -> tuple[str, ...]:
        """The values that source and target have in common; a missing label is empty."""
        return tuple(labels.get(label, "") for label in self.equal)


class Inhibited(msgspec.Struct, frozen=True, kw_only=True):
    """An inhibition at one instant: the values that its sources share."""

    rule: Inhibition
    by_any: frozenset[tuple[str, ...]]
    by_others: frozenset[tuple[str, ...]]

    def quiets(self, labels: Labels) -> bool:
        """Is an alert with these labels quiet?

        What is source and target at once quiets nothing else that is both: neither would be heard.
        """
        if not self.by_any or not all_accept(self.rule.target, labels):
            return False
        both = all_accept(self.rule.source, labels)
        return self.rule.shared(labels) in (self.by_others if both else self.by_any)


class Alerting(msgspec.Struct, frozen=True, kw_only=True):
    """All that a policy says about alerts."""

    root: Way
    inhibitions: tuple[Inhibition, ...]
    taken_within: timedelta
    summary_wait: timedelta
    test_channel: str

    def way(self, place: str) -> Way | None:
        """The way at that place, where the running policy has it."""
        return next((way for way in self.root.all() if way.id == place), None)
