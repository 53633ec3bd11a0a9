"""What did each clock measure? A ticket's moments, walked in event time, cut into runs.

At one instant answers come first, then what customers wrote, reopening, pauses and closing; an
answer that has nothing before it answers what was written at its own instant.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import msgspec

from schemas.states import ANSWERS, MOMENT_RANKS, ClockFrom, ClockName, MomentKind
from schemas.tickets import Moment, SlaTerms, Targets

_REPLIES = ANSWERS | {MomentKind.acknowledged}
_STARTS_CLOSING = (MomentKind.acknowledged, MomentKind.answered_privately)


class Run(msgspec.Struct, kw_only=True):
    """One cycle of one clock; ``closed_early`` where closing ended it and not what it waits for.

    ``posted_at`` is when the customer wrote, whichever instant the terms count from.
    """

    name: ClockName
    cycle: int
    started_at: datetime
    posted_at: datetime
    stopped_at: datetime | None = None
    closed_early: bool = False


def in_order(moments: Iterable[Moment]) -> list[Moment]:
    """The moments that clocks know as a set by id, in event time."""
    known = (moment for moment in moments if moment.kind in MOMENT_RANKS)
    ordered = sorted(known, key=lambda m: (m.at, MOMENT_RANKS[m.kind], m.id, m.received_at))
    unique: dict[str, Moment] = {}
    for moment in ordered:
        unique.setdefault(moment.id, moment)
    return list(unique.values())


def pauses_of(ordered: Iterable[Moment]) -> tuple[tuple[datetime, datetime | None], ...]:
    """When the ticket was on hold; None while it still is. Reopening ends a hold."""
    pauses: list[tuple[datetime, datetime | None]] = []
    since: datetime | None = None
    for moment in ordered:
        if moment.kind is MomentKind.paused:
            since = since or moment.at
        elif moment.kind in {MomentKind.resumed, MomentKind.reopened} and since:
            pauses.append((since, moment.at))
            since = None
    return (*pauses, (since, None)) if since else tuple(pauses)


def runs_of(ordered: Iterable[Moment], terms: SlaTerms) -> list[Run]:
    """Every cycle of every clock that the terms set a target for, in the order of their starts."""
    walk = _Walk(terms)
    for moment in ordered:
        walk.take(moment)
    return walk.runs


class _Walk:
    def __init__(self, terms: SlaTerms) -> None:
        self.runs: list[Run] = []
        self._from, self._targets = terms.clock_from, terms.targets
        self._running: dict[ClockName, Run] = {}
        self._cycles: Counter[ClockName] = Counter()
        self._unanswered: list[Moment] = []
        self._idle: Moment | None = None
        self._written = self._replied = self._closed = False

    def take(self, moment: Moment) -> None:
        kind = moment.kind
        if kind is MomentKind.customer_wrote:
            self._write(moment)
        elif kind in _REPLIES:
            self._reply(moment)
        elif kind is MomentKind.closed and self._written:
            self._close(moment)
        elif kind is MomentKind.reopened and self._closed:
            self._reopen(moment)

    def _write(self, moment: Moment) -> None:
        if self._closed:  # thanks after the end; should it reopen the case, the last one counts
            self._unanswered = [moment]
            return
        if not self._written:
            self._start(ClockName.resolution, [moment])
        self._written = True
        self._unanswered.append(moment)
        self._ask()
        if self._idle and self._idle.at == moment.at:
            self._reply(self._idle)

    def _ask(self) -> None:
        first = self._targets.first_response is not None and not self._replied
        name = ClockName.first_response if first else ClockName.next_response
        self._start(name, self._unanswered)

    def _reply(self, moment: Moment) -> None:
        if not self._unanswered:
            self._idle = moment
        self._replied = self._replied or self._written
        self._stop(ClockName.first_response, moment)
        if moment.kind in ANSWERS:
            self._stop(ClockName.next_response, moment)
            self._unanswered = []
        elif self._unanswered and not self._closed:
            self._ask()
        if moment.kind is MomentKind.closing_noted:
            self._stop(ClockName.closing, moment)
        elif moment.kind in _STARTS_CLOSING and self._may_start_closing():
            self._start(ClockName.closing, [moment])

    def _may_start_closing(self) -> bool:
        return self._written and not self._closed and not self._cycles[ClockName.closing]

    def _close(self, moment: Moment) -> None:
        self._stop(ClockName.resolution, moment)
        for run in self._running.values():
            run.stopped_at, run.closed_early = moment.at, True
        self._running.clear()
        self._unanswered, self._closed = [], True

    def _reopen(self, moment: Moment) -> None:
        self._closed = False
        self._start(ClockName.resolution, [moment])
        if self._unanswered:
            self._ask()

    def _start(self, name: ClockName, causes: list[Moment]) -> None:
        """Start a clock, or let a running one start at the earliest of its causes."""
        if _target(self._targets, name) is None:
            return
        run = self._running.get(name)
        if run is None:
            self._cycles[name] += 1
            run = Run(
                name=name,
                cycle=self._cycles[name],
                started_at=self._counted(causes[0]),
                posted_at=causes[0].at,
            )
            self._running[name] = run
            self.runs.append(run)
        run.started_at = min(run.started_at, *map(self._counted, causes))

    def _stop(self, name: ClockName, moment: Moment) -> None:
        run = self._running.pop(name, None)
        if run:
            run.stopped_at = moment.at

    def _counted(self, moment: Moment) -> datetime:
        wrote = moment.kind is MomentKind.customer_wrote
        return moment.received_at if wrote and self._from is ClockFrom.received else moment.at


def _target(targets: Targets, name: ClockName) -> int | None:
    target: int | None = getattr(targets, name.value)
    return target
