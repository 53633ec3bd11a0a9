"""What were subscribers told of a case, and what of it still stands?"""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from schemas.event import Instant
from schemas.sla import SlaChanged
from schemas.states import ClockName, SlaState
from services.notify.domain.clocks import Clock

Told = tuple["Announced", ...]


class Announced(msgspec.Struct, frozen=True, kw_only=True):
    """One announcement, true since ``at``; ``threshold`` is a share, None for an ending."""

    event_id: str
    at: Instant
    clock: ClockName
    cycle: int
    state: SlaState
    threshold: float | None = None
    corrects: str | None = None

    @property
    def key(self) -> tuple[ClockName, int]:
        """Which clock it was about, and which cycle of it."""
        return self.clock, self.cycle


def as_announced(event: SlaChanged) -> Announced:
    """What is remembered of an event."""
    return Announced(
        event_id=event.event_id,
        at=event.occurred_at,
        clock=event.clock,
        cycle=event.cycle,
        state=event.state,
        threshold=event.threshold,
        corrects=event.corrects,
    )


def standing(announced: Iterable[Announced]) -> Told:
    """What was announced and not taken back."""
    known = tuple(announced)
    corrected = {one.corrects for one in known if one.corrects}
    return tuple(one for one in known if not one.corrects and one.event_id not in corrected)


def reached(clock: Clock, stands: Iterable[Announced]) -> float:
    """The highest share of the target that stands announced for this clock, 0 for none."""
    return max((one.threshold or 0.0 for one in stands if one.key == clock.key), default=0.0)


def next_at(clocks: Iterable[Clock], stands: Told) -> datetime | None:
    """When the next threshold that nobody was told of is used up; None while there is none."""
    return min(_waiting(clocks, stands), default=None)


def _waiting(clocks: Iterable[Clock], stands: Told) -> Iterator[datetime]:
    for clock in clocks:
        if clock.stopped_at is None:
            share = reached(clock, stands)
            yield from (t.at for t in clock.thresholds if t.at and t.share > share)
