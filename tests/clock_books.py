"""What do notify's rows and announcements say, in the words of the pencil (tests.clock_oracle)?"""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Row

from schemas.sla import SlaChanged
from schemas.states import SlaState
from stream.database import from_micros
from tests.clock_oracle import MINUTE, Run

Verdicts = dict[tuple[str, int], set[str]]
"""What holds of each clock and cycle: one thing of each, if all is well."""

_VERDICTS = {SlaState.met, SlaState.breached, SlaState.cancelled}


def run_of(row: Row[Any]) -> Run:
    """A row of the clocks, with the working time in it."""
    return Run(
        row.clock,
        row.cycle,
        row.target,
        from_micros(row.started_at),
        from_micros(row.stopped_at) if row.stopped_at else None,
        row.elapsed if row.elapsed is None else row.elapsed * (MINUTE / 60_000_000),
        row.state,
    )


def stands(events: Iterable[SlaChanged]) -> Verdicts:
    """The endings and breaches of one ticket that were announced and not taken back."""
    said = list(events)
    corrected = {event.corrects for event in said}
    found: Verdicts = {}
    for event in said:
        if event.event_id not in corrected and event.state in _VERDICTS:
            found.setdefault((event.clock.value, event.cycle), set()).add(event.state.value)
    return found


def true_of(runs: Iterable[Run], is_overdue: Callable[[Run], bool]) -> Verdicts:
    """What is to stand: how each cycle ended, and that one which still runs is late."""
    return {
        (run.clock, run.cycle): {"breached" if run.state == "open" else run.state}
        for run in runs
        if run.state != "open" or is_overdue(run)
    }
