"""What did each clock measure? A ticket's moments, walked in event time, cut into runs.

An answer that has nothing before it answers what was written at its own instant. A bot's words are
no moment that the walk knows, so they start and stop nothing (R85).
"""

from collections import Counter, deque
from collections.abc import Iterable, Sequence, Set
from datetime import datetime
from typing import NamedTuple

import msgspec

from schemas.states import ANSWERS, WORDS, ClockFrom, ClockName, MomentKind
from schemas.tickets import Folded, Moment
from services.notify.domain.terms import TermsInTime


class Run(msgspec.Struct, kw_only=True):
    """One cycle of one clock; ``cut_short`` where something else ended it than it waits for.

    ``posted_at`` and ``received_at`` are of what began it, whichever of the two the terms count
    from. ``until`` is the date that a promise named: it is kept by the clock on the wall.
    """

    name: ClockName
    cycle: int
    started_at: datetime
    posted_at: datetime
    received_at: datetime
    until: datetime | None = None
    stopped_at: datetime | None = None
    cut_short: bool = False


class Runs(NamedTuple):
    """The runs in the order of their starts, and the cycles that were folded between them."""

    runs: Sequence[Run]
    folded: Set[tuple[ClockName, int]]


def runs_of(ordered: Iterable[Moment], terms: TermsInTime, folded: Sequence[Folded] = ()) -> Runs:
    """Every cycle of every clock, whether terms time it or not.

    So a cycle keeps its number when the terms change, and when those before it are folded.
    """
    walk, blocks = _Walk(terms), deque(folded)
    for moment in ordered:
        while blocks and blocks[0].until < moment.at:
            walk.skip(blocks.popleft())
        walk.take(moment)
    for block in blocks:
        walk.skip(block)
    return Runs(walk.runs, walk.folded)


class _Walk:
    def __init__(self, terms: TermsInTime) -> None:
        self.runs: list[Run] = []
        self.folded: set[tuple[ClockName, int]] = set()
        self._terms = terms
        self._running: dict[ClockName, Run] = {}
        self._cycles: Counter[ClockName] = Counter()
        self._steps: set[ClockName] = set()
        self._talked = self._needless = False
        self._unanswered: list[Moment] = []
        self._idle: Moment | None = None
        self._written = self._replied = self._closed = False

    def take(self, moment: Moment) -> None:
        kind = moment.kind
        if kind is MomentKind.customer_wrote:
            self._write(moment)
        elif kind in WORDS:
            self._say(moment)
        elif kind is MomentKind.closed and self._written:
            self._close(moment)
        elif kind is MomentKind.reopened and self._closed:
            self._reopen(moment)

    def skip(self, block: Folded) -> None:
        """Cycles that nobody waits for any more; only their numbers count."""
        for name, count in block.cycles.items():
            clock = ClockName(name)
            for _ in range(count):
                self._cycles[clock] += 1
                self.folded.add((clock, self._cycles[clock]))

    def _write(self, moment: Moment) -> None:
        if self._closed:  # thanks after the end; should it reopen the case, the last one counts
            self._unanswered = [moment]
            return
        if not self._written:
            self._start(ClockName.resolution, [moment])
        self._written = True
        self._unanswered.append(moment)
        self._ask(moment)
        if self._idle and self._idle.at == moment.at:
            self._say(self._idle)

    def _ask(self, moment: Moment) -> None:
        """Somebody waits for us: since the earliest of the words that nobody answered."""
        waiting, targets = self._unanswered, self._terms.asked(moment.at).targets
        self._step(ClockName.ack, waiting)
        if targets.first_response is not None and not self._replied:
            self._start(ClockName.first_response, waiting)
            return
        self._start(ClockName.next_response, waiting)
        if ClockName.silence not in self._running:
            self._start(ClockName.silence, waiting)

    def _say(self, moment: Moment) -> None:
        if not self._unanswered:
            self._idle = moment
        self._replied = self._replied or self._written
        self._stop(ClockName.first_response, moment)
        self._stop(ClockName.ack, moment)
        self._stop(ClockName.silence, moment)
        self._end_promise(moment)
        if moment.kind in ANSWERS:
            self._answer(moment)
        elif self._unanswered and not self._closed:
            self._begin_silence(moment)
            self._step(ClockName.private, [moment])
            self._step(ClockName.closing, [moment])
            self._ask(moment)
        self._begin_promise(moment)

    def _answer(self, moment: Moment) -> None:
        self._stop(ClockName.next_response, moment)
        self._unanswered = []
        in_private = moment.kind is MomentKind.answered_privately
        self._stop(ClockName.private, moment, cut_short=not in_private)
        if moment.kind is MomentKind.closing_noted:
            self._stop(ClockName.closing, moment)
        elif in_private and self._written and not self._closed:
            self._talk(moment)
        elif ClockName.closing in self._running and not self._talked:
            self._stop(ClockName.closing, moment, cut_short=True)
            self._needless = True

    def _talk(self, moment: Moment) -> None:
        """What is said in private owes the public its end, even where all seemed to be said."""
        if self._needless:
            self._steps.discard(ClockName.closing)
        self._talked, self._needless = True, False
        self._step(ClockName.closing, [moment])

    def _begin_silence(self, moment: Moment) -> None:
        """Who was told until when to wait hears no silence before that (R91)."""
        self._start(ClockName.silence, [moment], at=moment.promise_until)

    def _end_promise(self, moment: Moment) -> None:
        """Whatever we say next keeps it, not what made it (which may be taken twice)."""
        promise = self._running.get(ClockName.promise)
        if promise and promise.posted_at < moment.at:
            self._stop(ClockName.promise, moment)

    def _begin_promise(self, moment: Moment) -> None:
        promises = moment.promise_until or moment.kind is MomentKind.promised
        if promises and self._written and not self._closed:
            self._start(ClockName.promise, [moment], until=moment.promise_until)

    def _close(self, moment: Moment) -> None:
        self._stop(ClockName.resolution, moment)
        for name in tuple(self._running):
            self._stop(name, moment, cut_short=True)
        self._unanswered, self._closed = [], True

    def _reopen(self, moment: Moment) -> None:
        self._closed = self._talked = self._needless = False
        self._steps.clear()
        self._start(ClockName.resolution, [moment])
        if self._unanswered:
            self._ask(moment)

    def _step(self, name: ClockName, causes: list[Moment]) -> None:
        """A step of the play is taken once until the case is opened again."""
        if name in self._running or name not in self._steps:
            self._steps.add(name)
            self._start(name, causes)

    def _start(
        self,
        name: ClockName,
        causes: list[Moment],
        *,
        at: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        """Start a clock, not before ``at``, or let a running one start at its earliest cause."""
        first = causes[0]
        if until and until <= first.at:
            return
        began = min(map(self._counted, causes))
        run = self._running.get(name)
        if run is None:
            self._cycles[name] += 1
            run = Run(
                name=name,
                cycle=self._cycles[name],
                started_at=max(began, at or began),
                posted_at=first.at,
                received_at=first.received_at,
                until=until,
            )
            self._running[name] = run
            self.runs.append(run)
        elif not until:
            run.started_at = min(run.started_at, began)

    def _stop(self, name: ClockName, moment: Moment, *, cut_short: bool = False) -> None:
        run = self._running.pop(name, None)
        if run:
            run.stopped_at, run.cut_short = moment.at, cut_short

    def _counted(self, moment: Moment) -> datetime:
        wrote = moment.kind is MomentKind.customer_wrote
        by_arrival = self._terms.asked(moment.at).clock_from is ClockFrom.received
        return moment.received_at if wrote and by_arrival else moment.at
