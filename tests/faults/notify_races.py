"""Replies that race with their deadlines: in time, known only once every clock says it is too late.

Each partition goes up the same rungs. On a rung stand cases that are due at one instant: the tick
comes to that very instant, then come the replies, then the tick passes it by a microsecond. Two
thirds of the rungs are past by real time when that happens, the others by a clock that is fast.
"""

import random  # noqa: TID251 - a seeded shuffle, so that a failure can be played again
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from stream.flow import Outgoing
from tests.builders import minutes
from tests.clock_oracle import Fact, Promised
from tests.faults.notify_day import PARTITIONS, Plot, tick
from worktime.always import ALWAYS

PAST, AHEAD = 6, 3
STEP = minutes(3)
"""Between two rungs; all of them lie within the half hour after which a breach is told again."""
JUST = (timedelta(0), timedelta.resolution, timedelta(seconds=1))
"""How long before its due instant a reply was written."""
PROMISED = Promised({"first_response": 3600, "next_response": 3600}, ALWAYS)


class Race(NamedTuple):
    """A case that is due at an instant, with a reply that was in time."""

    plot: Plot
    rung: int
    clock: str

    @property
    def is_past(self) -> bool:
        """Had real time passed the instant before the reply was written?"""
        return self.rung < PAST


class Races(NamedTuple):
    """``fair``: the replies come before the tick; ``lost``: after the tick has passed all rungs."""

    fair: tuple[Race, ...]
    lost: tuple[Race, ...]
    rungs: tuple[datetime, ...]

    @property
    def plots(self) -> list[Plot]:
        return [race.plot for race in (*self.fair, *self.lost)]

    def asked(self) -> list[Outgoing]:
        """What the customers wrote, twice, and nobody answered; the tick is at the first rung."""
        some = [_told(plot, slice(-1)) for plot in self.plots]
        twice = [record for records in some for record in records * 2]
        return [*shuffled(twice), *ticks(self.rungs[0])]

    def climbed(self) -> list[Outgoing]:
        """The rungs in their order, on all partitions."""
        return [record for rung in range(len(self.rungs)) for record in self._rung(rung)]

    def _rung(self, rung: int) -> Iterator[Outgoing]:
        due = self.rungs[rung]
        yield from ticks(due)
        yield from _replies([race for race in self.fair if race.rung == rung])
        yield from ticks(due + timedelta.resolution)

    def too_late(self) -> list[Outgoing]:
        """The replies that a tick has denied, and the last tick, a day on."""
        return [*_replies(self.lost), *ticks(self.rungs[-1] + timedelta(days=1))]


def races(count: int, now: datetime) -> Races:
    """So many that real time has passed, half as many that it has not, some that are lost."""
    rungs = tuple(now + (rung + 1 - PAST) * STEP for rung in range(PAST + AHEAD))
    dice = random.Random(count)  # noqa: S311 - no secret
    fair = [_race(number, "fair", rungs, dice) for number in range(count * len(rungs) // PAST)]
    lost = [_race(number, "lost", rungs, dice) for number in range(count // 4)]
    return Races(tuple(fair), tuple(lost), rungs)


def _race(number: int, kind: str, rungs: Sequence[datetime], dice: random.Random) -> Race:
    rung, clock = number % len(rungs), dice.choice(sorted(PROMISED.targets))
    due = rungs[rung]
    received = due if kind == "fair" else rungs[-1] + minutes(1)
    before = [Fact("c", due - minutes(90)), Fact("a", due - minutes(80))]
    facts = (
        *(before if clock == "next_response" else ()),
        Fact("c", due - minutes(60)),
        Fact("a", due - dice.choice(JUST), received),
    )
    plot = Plot(f"{kind}-{number}", dice.randrange(PARTITIONS), PROMISED, facts)
    return Race(plot, rung, clock)


def ticks(received_before: datetime) -> list[Outgoing]:
    """The same claim on every partition."""
    return [tick(partition, received_before) for partition in range(PARTITIONS)]


def _replies(some: Sequence[Race]) -> list[Outgoing]:
    """The last version of each twice, and those before it once more."""
    found = [_told(race.plot, slice(None)) + _told(race.plot, slice(-1, None)) for race in some]
    return shuffled([record for records in found for record in records])


def _told(plot: Plot, which: slice) -> list[Outgoing]:
    return [plot.record(event) for _, event in list(plot.versions())[which]]


def shuffled(records: Sequence[Outgoing]) -> list[Outgoing]:
    """In an order that hangs on nothing but how many they are."""
    dice = random.Random(len(records))  # noqa: S311 - no secret
    return dice.sample(records, len(records))
