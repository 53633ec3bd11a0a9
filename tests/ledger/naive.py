"""What should have come of it? A second, naive implementation: definitions, no walk, a pencil.

It shares nothing with the services but the policy file as a text: working time is counted minute
by minute, each clock is read off its definition (contracts.md, sla/README), and nothing is merged.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from schemas.calendars import Calendar
from tests.unit.worktime.oracle import Window, open_minutes

POLICY = Path(__file__).parents[2] / "services/route/policy/default.yaml"
SECONDS = {"m": 60, "h": 3600, "d": 86_400}
MINUTE = timedelta(minutes=1)
FIRST, DAYS = datetime.fromisoformat("2026-02-27T00:00:00+00:00"), 14
ANSWERS, REPLIES = "apz", "apzk"
OFFICE = Calendar(
    timezone="Europe/Sofia",
    weekly={
        **dict.fromkeys(
            ("mon", "tue", "wed", "thu", "fri"), (("09:00", "13:00"), ("14:00", "18:00"))
        ),
        "sat": (("10:00", "15:00"),),
    },
)
ALWAYS = Calendar(
    timezone="UTC",
    weekly=dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), (("00:00", "24:00"),)),
)


class Said(NamedTuple):
    """A step by its letter, at its time; ``X`` is the closing by hand."""

    what: str
    at: datetime
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


def episodes(said: Sequence[Said], reopen_within: timedelta) -> list[list[Said]]:
    """A case in time, cut where the customer came back too long after the closing."""
    found: list[list[Said]] = [[]]
    for one in sorted(said, key=lambda one: one.at):
        closed = [x.at for x in found[-1] if x.what == "X"]
        if one.what == "c" and closed and one.at - max(closed) > reopen_within:
            found.append([])
        found[-1].append(one)
    return found


def runs(episode: Sequence[Said], terms: Mapping[str, Any]) -> list[Run]:
    """Every cycle of every clock that the terms promise."""
    calendar = _calendar(terms)
    spans = [
        *_first_response(episode),
        *_next_response(episode),
        *_resolution(episode),
        *_silence(episode),
        *_private(episode),
        *_closing(episode),
    ]
    dated = {at: until for _, at, until in episode if until}
    found: list[Run] = []
    for clock, start, stop, by_hand in sorted([*spans, *_promise(episode)], key=lambda s: s[1]):
        if clock in terms:
            cycle = 1 + sum(run.clock == clock for run in found)
            target = seconds(terms[clock])
            elapsed = working_time(calendar, start, stop) if stop else None
            if clock == "promise" and start in dated:
                target = int((dated[start] - start).total_seconds())
                elapsed = stop - start if stop else None
            state = state_of(elapsed, target, by_hand=by_hand)
            found.append(Run(clock, cycle, target, start, stop, elapsed, state))
    return found


def overdue(run: Run, terms: Mapping[str, Any], at: datetime) -> bool:
    """Has a clock that still runs used up its target by then?"""
    dated = run.clock == "promise" and run.target != seconds(terms["promise"])
    calendar = ALWAYS if dated else _calendar(terms)
    return run.started_at < at and working_time(calendar, run.started_at, at) > timedelta(
        seconds=run.target
    )


def working_time(calendar: Calendar, start: datetime, stop: datetime) -> timedelta:
    """Open time between two instants, a minute at a time, the first and last in part."""
    opened = open_minutes(calendar, Window(zone=calendar.timezone, start=FIRST, days=DAYS))
    total = timedelta(0)
    for number in range(int((start - FIRST) / MINUTE), min(len(opened), _last(stop))):
        if opened[number]:
            begin = FIRST + number * MINUTE
            total += max(timedelta(0), min(stop, begin + MINUTE) - max(start, begin))
    return total


def state_of(elapsed: timedelta | None, target: int, *, by_hand: bool) -> str:
    """In time means: at most the target."""
    if elapsed is None:
        return "open"
    if elapsed > timedelta(seconds=target):
        return "breached"
    return "cancelled" if by_hand else "met"


def terms_of(name: str) -> Mapping[str, Any]:
    """What the policy's text promises under a name."""
    promised: Mapping[str, Any] = yaml.safe_load(POLICY.read_text(encoding="utf-8"))["sla"][name]
    return promised


def seconds(text: str) -> int:
    """The policy's durations."""
    return int(text[:-1]) * SECONDS[text[-1]]


Span = tuple[str, datetime, datetime | None, bool]


def _calendar(terms: Mapping[str, Any]) -> Calendar:
    return OFFICE if terms["calendar"] == "office" else ALWAYS


def _last(stop: datetime) -> int:
    return int((stop - FIRST) / MINUTE) + 1


def _times(episode: Sequence[Said], letters: str) -> list[datetime]:
    return sorted(one.at for one in episode if one.what in letters)


def _first_after(times: Sequence[datetime], at: datetime) -> datetime | None:
    return min((time for time in times if time > at), default=None)


def _span(episode: Sequence[Said], clock: str, start: datetime, stops: Sequence[datetime]) -> Span:
    """From the start to what it waits for, or to the closing by hand if that is earlier."""
    stop, closed = _first_after(stops, start), _first_after(_times(episode, "X"), start)
    if closed and (stop is None or closed < stop):
        return clock, start, closed, True
    return clock, start, stop, False


def _first_response(episode: Sequence[Said]) -> Iterator[Span]:
    """The first words of the customer, until somebody of the company replies."""
    yield _span(episode, "first_response", _times(episode, "c")[0], _times(episode, REPLIES))


def _next_response(episode: Sequence[Said]) -> Iterator[Span]:
    """Once somebody has replied: the earliest words without an answer, until the answer."""
    replies, answers = _times(episode, REPLIES), _times(episode, ANSWERS)
    for at, covered in _waits(episode):
        if any(reply < covered for reply in replies):
            yield _span(episode, "next_response", at, answers)


def _waits(episode: Sequence[Said]) -> Iterator[tuple[datetime, datetime]]:
    """From the earliest words without an answer, until the answer or the closing by hand."""
    over, covered = _times(episode, ANSWERS + "X"), None
    for at in _times(episode, "c"):
        if covered is None or at > covered:
            covered = _first_after(over, at) or datetime.max.replace(tzinfo=at.tzinfo)
            yield at, covered


def _silence(episode: Sequence[Said]) -> Iterator[Span]:
    """While somebody waits who heard of us: from those words or our last ones, until our next."""
    replies = _times(episode, REPLIES)
    for asked, covered in _waits(episode):
        if any(reply < asked for reply in replies):
            yield _span(episode, "silence", asked, replies)
        for what, at, until in episode:
            if what == "k" and asked < at < covered:
                _, _, stop, by_hand = _span(episode, "silence", at, replies)
                yield "silence", max(at, until or at), stop, by_hand


def _promise(episode: Sequence[Said]) -> Iterator[Span]:
    """A date, or that we will come back, until we next say anything at all."""
    asked = _times(episode, "c")[0]
    for what, at, until in episode:
        if at > asked and (what == "k" or until):
            yield _span(episode, "promise", at, _times(episode, REPLIES))


def _private(episode: Sequence[Said]) -> Iterator[Span]:
    """The first acknowledgement, until the private answer; a public one makes it needless."""
    for asked, covered in _waits(episode):
        for at in [at for at in _times(episode, "k") if asked < at < covered][:1]:
            clock, start, stop, by_hand = _span(episode, "private", at, _times(episode, ANSWERS))
            needless = stop is not None and stop not in _times(episode, "p")
            yield clock, start, stop, by_hand or needless
            return


def _resolution(episode: Sequence[Said]) -> Iterator[Span]:
    """The first words, until closed by hand; again from the words that open it again."""
    asked, closed = _times(episode, "c"), _times(episode, "X")
    for start in [asked[0], *filter(None, (_first_after(asked, at) for at in closed))]:
        clock, begins, stop, _ = _span(episode, "resolution", start, closed)
        yield clock, begins, stop, False


def _closing(episode: Sequence[Said]) -> Iterator[Span]:
    """The first word that leads into private, until the public hears how it ended.

    A public answer before any private one makes it needless.
    """
    acks = [
        at for asked, over in _waits(episode) for at in _times(episode, "k") if asked < at < over
    ]
    talked = _times(episode, "p")
    began = sorted([*acks[:1], *talked[:1]])
    for at in began[:1]:
        clock, start, stop, by_hand = _span(episode, "closing", at, _times(episode, "z"))
        answers = [
            one for one in _times(episode, "a") if one > at and not (talked and talked[0] < one)
        ]
        if answers and (stop is None or answers[0] < stop):
            yield clock, start, answers[0], True
        else:
            yield clock, start, stop, by_hand
