"""What would somebody with the ticket's history and a pencil say? Each clock off its definition.

It shares nothing with notify: no walk, no state, working time counted minute by minute. A fact is a
letter at its time: ``c`` the customer wrote; ``k`` we acknowledged, ``i`` we said that we will come
back; ``a`` answered in public, ``p`` in private, ``z`` told the public how it ended; ``h`` on hold,
``r`` no more; ``X`` closed, ``O`` opened again. All instants differ, but
for words that open a case again as they come.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from schemas.calendars import Calendar
from tests.unit.worktime.oracle import working_time

CLOCKS = (
    "first_response", "next_response", "resolution", "silence", "promise", "ack", "private",
    "closing",
)  # fmt: skip
MINUTE = timedelta(minutes=1)
ANSWERS, WORDS = "apz", "apzki"
NEVER = datetime.max.replace(tzinfo=datetime.fromisoformat("2000-01-01T00:00:00+00:00").tzinfo)


class Fact(NamedTuple):
    """What happened, when, when we could have known, and the date that was promised with it."""

    what: str
    at: datetime
    received: datetime | None = None
    until: datetime | None = None


class Run(NamedTuple):
    """One cycle of one clock, as the books should have it; seconds are working time."""

    clock: str
    cycle: int
    target: int
    started_at: datetime
    stopped_at: datetime | None
    elapsed: timedelta | None
    state: str


class Promised(NamedTuple):
    """The terms: targets in seconds by clock, the hours, and which instant counts."""

    targets: Mapping[str, int]
    calendar: Calendar
    by_arrival: bool = False


Earlier = Sequence[tuple[datetime, Promised]]
"""Terms of the same clocks that held before, each until its instant, in time."""


class Span(NamedTuple):
    """Where a clock ran; ``kept`` says that it ended by what it waits for."""

    clock: str
    start: datetime
    stop: datetime | None
    kept: bool = True
    until: datetime | None = None


class _Case:
    """A ticket's facts in time, with what can be read off them."""

    def __init__(self, facts: Sequence[Fact], promised: Promised, earlier: Earlier) -> None:
        self.facts = sorted(facts, key=lambda fact: fact.at)
        self.promised, self.earlier, self.holds = promised, earlier, holds(self.facts)

    def counts(self, fact: Fact) -> datetime:
        """When words count from, by the terms under which they were written."""
        told = [terms for until, terms in self.earlier if fact.at < until]
        by_arrival = (*told, self.promised)[0].by_arrival
        return (fact.received or fact.at) if by_arrival else fact.at

    def judging(self, stop: datetime | None) -> Promised:
        """What has stopped is judged by what was promised by then, what runs by what is now."""
        held = [terms for until, terms in self.earlier if stop and stop <= until]
        return (*held, self.promised)[0]

    def times(self, letters: str) -> list[datetime]:
        return [fact.at for fact in self.facts if fact.what in letters]

    def first(self, letters: str, after: datetime, before: datetime = NEVER) -> datetime | None:
        return min((at for at in self.times(letters) if after < at < before), default=None)

    def is_open(self, at: datetime) -> bool:
        last = [fact.what for fact in self.facts if fact.what in "XO" and fact.at < at]
        return not last or last[-1] == "O"

    def said_before(self, at: datetime) -> bool:
        """Had anybody of us said anything to the customer before then?"""
        asked = self.times("c")
        return any(asked[0] < word < at for word in self.times(WORDS))

    def waits(self) -> Iterator[tuple[datetime, datetime, datetime]]:
        """From the words that nobody answered to the answer or the close, and where that began.

        Words written to a closed case wait from the moment it is opened again, the last of them.
        """
        over = self.times(ANSWERS + "X")
        begins = [(at, at) for at in self.times("c") if self.is_open(at)]
        for opened in self.times("O"):
            closed = max((at for at in self.times("X") if at < opened), default=None)
            spoken = [at for at in self.times("c") if closed and closed < at <= opened]
            answered = [at for at in self.times(ANSWERS) if spoken and spoken[-1] < at < opened]
            if spoken and not answered and not self.is_open(opened):
                begins.append((spoken[-1], opened))
        covered: datetime | None = None
        for asked, since in sorted(begins, key=lambda begin: begin[1]):
            if covered is None or since > covered:
                covered = min((at for at in over if at > since), default=NEVER)
                yield asked, since, covered

    def rounds(self) -> list[tuple[datetime, datetime]]:
        """From the first words, or from each opening again, to the close."""
        asked, opened = self.times("c"), self.times("O")
        starts = [asked[0], *(at for at in opened if at > asked[0] and not self.is_open(at))]
        return [(start, self.first("X", start) or NEVER) for start in starts]


def runs(facts: Sequence[Fact], promised: Promised, earlier: Earlier = ()) -> list[Run]:
    """Every cycle of every clock that the terms promise, by name and cycle."""
    case = _Case([f for f in facts if f.what in "ckiapzhrXO"], promised, earlier)
    if not case.times("c"):
        return []
    first = case.times("c")[0]  # what happened before anybody asked is no part of the case
    case.facts = [fact for fact in case.facts if fact.at >= first]
    found: list[Run] = []
    for span in sorted(_spans(case), key=lambda span: (span.clock, span.stop or NEVER)):
        if span.clock in promised.targets:
            cycle = 1 + sum(run.clock == span.clock for run in found)
            found.append(_run(case, span, cycle))
    return found


def _spans(case: _Case) -> Iterator[Span]:
    yield from _first_response(case)
    yield from _next_response(case)
    yield from _resolution(case)
    yield from _silence(case)
    yield from _promise(case)
    yield from _ack(case)
    yield from _private(case)
    yield from _closing(case)


def _until(case: _Case, clock: str, start: datetime, letters: str, since: datetime) -> Span:
    """From the start to the first of these after ``since``, or to the close if that is earlier."""
    stop, closed = case.first(letters, since), case.first("X", since)
    if closed and (stop is None or closed < stop):
        return Span(clock, start, closed, kept=False)
    return Span(clock, start, stop)


def _asked_at(case: _Case, asked: datetime, since: datetime, stop: datetime | None) -> datetime:
    """When the wait of these words counts from: by arrival, the earliest of them that came."""
    end = stop or NEVER
    return min(case.counts(f) for f in case.facts if f.what == "c" and asked <= f.at < end)


def _first_response(case: _Case) -> Iterator[Span]:
    """Words that wait before anybody has said anything; a case closed unheard waits again."""
    for asked, since, _ in case.waits():
        if not case.said_before(since):
            span = _until(case, "first_response", asked, WORDS, since)
            yield span._replace(start=_asked_at(case, asked, since, span.stop))


def _next_response(case: _Case) -> Iterator[Span]:
    for asked, since, over in case.waits():
        if "first_response" not in case.promised.targets or case.said_before(over):
            span = _until(case, "next_response", asked, ANSWERS, since)
            yield span._replace(start=_asked_at(case, asked, since, span.stop))


def _resolution(case: _Case) -> Iterator[Span]:
    first = case.times("c")[0]
    start = _asked_at(case, first, first, first + timedelta(microseconds=1))
    yield Span("resolution", start, case.first("X", first))
    for opened, _ in case.rounds()[1:]:
        yield Span("resolution", opened, case.first("X", opened))


def _silence(case: _Case) -> Iterator[Span]:
    """Our words to somebody who goes on waiting, and words to us, until ours: no answer needed."""
    for asked, since, over in case.waits():
        if "first_response" not in case.promised.targets or case.said_before(since):
            span = _until(case, "silence", asked, WORDS, since)
            start = _asked_at(case, asked, since, since + timedelta(microseconds=1))
            yield span._replace(start=start)
        for fact in case.facts:
            if fact.what in "ki" and since < fact.at < over:
                span = _until(case, "silence", fact.at, WORDS, fact.at)
                yield span._replace(start=max(fact.at, fact.until or fact.at))


def _promise(case: _Case) -> Iterator[Span]:
    for fact in case.facts:
        dated = fact.until is not None and fact.until > fact.at
        if fact.what in WORDS and case.is_open(fact.at) and (dated or _undated(fact)):
            yield _until(case, "promise", fact.at, WORDS, fact.at)._replace(until=fact.until)


def _undated(fact: Fact) -> bool:
    return fact.what == "i" and fact.until is None


def _ack(case: _Case) -> Iterator[Span]:
    for start, end in case.rounds():
        waits = [wait for wait in case.waits() if start <= wait[1] < end]
        for asked, since, _ in waits[:1]:
            span = _until(case, "ack", asked, WORDS, since)
            yield span._replace(start=_asked_at(case, asked, since, span.stop))


def _private(case: _Case) -> Iterator[Span]:
    """Once we have acknowledged, until we talk in private; a public answer makes it needless."""
    for start, end in case.rounds():
        waits = [wait for wait in case.waits() if start <= wait[1] < end]
        words = [at for _, since, over in waits for at in case.times("ki") if since < at < over]
        for at in words[:1]:
            answer = case.first(ANSWERS, at)
            span = _until(case, "private", at, ANSWERS, at)
            yield span._replace(kept=span.kept and answer in (*case.times("p"), None))


def _closing(case: _Case) -> Iterator[Span]:
    """From the first acknowledgement or private answer until the public hears how it ended.

    A public answer before anything was said in private makes it needless, until something is.
    """
    for start, end in case.rounds():
        waits = [wait for wait in case.waits() if start <= wait[1] < end]
        words = [at for _, since, over in waits for at in case.times("ki") if since < at < over]
        talked = case.first("p", start, end)
        began = min(filter(None, (*words[:1], talked)), default=None)
        if began is None:
            continue
        open_answer = case.first("a", began, min(talked or end, end))
        span = _until(case, "closing", began, "z", began)
        if open_answer and (span.stop is None or open_answer < span.stop):
            yield Span("closing", began, open_answer, kept=False)
            if talked:
                yield _until(case, "closing", talked, "z", talked)
        else:
            yield span


def _run(case: _Case, span: Span, cycle: int) -> Run:
    promised, elapsed = case.judging(span.stop), None
    target = timedelta(seconds=promised.targets[span.clock])
    if span.until:
        target = span.until - span.start
        elapsed = span.stop - span.start if span.stop else None
    elif span.stop:
        elapsed = working_time(promised.calendar, span.start, span.stop, case.holds)
    state = state_of(elapsed, target, kept=span.kept)
    seconds = int(target.total_seconds())
    return Run(span.clock, cycle, seconds, span.start, span.stop, elapsed, state)


def overdue(facts: Sequence[Fact], promised: Promised, run: Run, at: datetime) -> bool:
    """Has a clock that still runs used up its target by then?"""
    if run.clock == "promise" and run.target != promised.targets["promise"]:
        return at - run.started_at > timedelta(seconds=run.target)
    used = working_time(promised.calendar, run.started_at, at, holds(facts))
    return used > timedelta(seconds=run.target)


def state_of(elapsed: timedelta | None, target: timedelta, *, kept: bool) -> str:
    """In time means: at most the target."""
    if elapsed is None:
        return "open"
    if elapsed > target:
        return "breached"
    return "met" if kept else "cancelled"


def holds(facts: Sequence[Fact]) -> list[tuple[datetime, datetime]]:
    """When the ticket was on hold: from ``h`` to the next ``r`` or ``O``, else for ever."""
    ends = [fact.at for fact in facts if fact.what in "rO"]
    return [
        (fact.at, min((end for end in ends if end > fact.at), default=NEVER))
        for fact in facts
        if fact.what == "h"
    ]
