"""When is a ticket on hold? Pauses as they were recorded, made sorted and disjoint."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import is_
from typing import NamedTuple, TypeAlias

from worktime.spans import END_OF_TIME, Span, united
from worktime.walls import to_micros

Pause: TypeAlias = tuple[datetime, datetime | None]
"""Half open and aware; None while the pause still runs."""


class Holds(NamedTuple):
    """Pauses sorted and disjoint, compiled for one calendar.

    ``free`` has, for each, the working time outside of the pauses since the first one began.
    """

    pauses: tuple[Pause, ...]
    starts: Sequence[int]
    ends: Sequence[int]
    free: Sequence[int]

    def are_of(self, pauses: tuple[Pause, ...]) -> bool:
        """Were they compiled of these very pauses?

        By identity: times of one zone that a fold repeats are equal and yet not the same instant.
        """
        if self.pauses is pauses:
            return True
        return len(self.pauses) == len(pauses) and all(map(is_, self.pauses, pauses))


def paused(pauses: Iterable[Pause]) -> list[Span]:
    """The pauses as disjoint spans; an unfinished one lasts to the end of time."""
    return united(
        (to_micros(begun), END_OF_TIME if ended is None else to_micros(ended))
        for begun, ended in pauses
    )
