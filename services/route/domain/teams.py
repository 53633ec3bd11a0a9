"""Who answers when? Duties with their hours, teams of them, and all teams at one instant."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from schemas.event import Contract
from services.route.domain.calendars import Hold
from services.route.domain.swaps import Swap, standing


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers during which hours, or ``otherwise``: when nobody of the other duties does."""

    hold: Hold
    people: tuple[str, ...]
    weekly: bool = False
    otherwise: bool = False

    def people_at(self, at: datetime) -> tuple[str, ...]:
        """Who is on duty then; weekly rotation takes one person by the ISO week."""
        if not self.people or not self.hold.is_open(at):
            return ()
        if not self.weekly:
            return self.people
        return (self.people[at.isocalendar().week % len(self.people)],)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """From which share of a target on somebody higher has to know; ``to`` is a role or a team."""

    share: float
    to: str


class Rung(Contract, frozen=True, kw_only=True):
    """Who is called next, so long after a call that nobody has acknowledged."""

    after: timedelta
    to: str
    channel: str


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """A team with its duty, the channel that alerts it, and its ladder, lowest share first.

    ``chain`` is who is called when nobody acknowledges, soonest first.
    """

    name: str
    title: str
    languages: tuple[str, ...]
    skills: tuple[str, ...] = ()
    duty: tuple[Duty, ...]
    channel: str
    ladder: tuple[Step, ...] = ()
    chain: tuple[Rung, ...] = ()

    def on_duty(self, at: datetime, swaps: Sequence[Swap] = ()) -> tuple[str, ...]:
        """Everybody on duty at that instant, in the order of the file, as swaps have it."""
        regular = standing(self.turn(at, otherwise=False), at, swaps)
        return regular or standing(self.turn(at, otherwise=True), at, swaps)

    def turn(self, at: datetime, *, otherwise: bool) -> tuple[str, ...]:
        """Whose turn it is then, in regular duties or in those for when they are empty."""
        duties = (duty for duty in self.duty if duty.otherwise is otherwise)
        return tuple(person for duty in duties for person in duty.people_at(at))


class Roster:
    """Who is on duty, by team; asked of every post, so what the hours make of it is kept."""

    def __init__(self, teams: Mapping[str, Team]) -> None:
        self._teams = teams
        self._holds: list[Hold] = []
        for hold in (duty.hold for team in teams.values() for duty in team.duty):
            if hold not in self._holds:
                self._holds.append(hold)
        self._regular: dict[tuple[int, ...], dict[str, tuple[str, ...]]] = {}

    def on_duty(self, at: datetime, swaps: Sequence[Swap] = ()) -> dict[str, tuple[str, ...]]:
        """A team without anybody is left out."""
        if any(swap.holds(at) for swap in swaps):
            return self._looked_up(at, swaps)
        hours = (at.isocalendar().week, *(hold.is_open(at) for hold in self._holds))
        if hours not in self._regular:
            self._regular[hours] = self._looked_up(at, ())
        return self._regular[hours]

    def _looked_up(self, at: datetime, swaps: Sequence[Swap]) -> dict[str, tuple[str, ...]]:
        found = {name: team.on_duty(at, swaps) for name, team in self._teams.items()}
        return {name: people for name, people in found.items() if people}
