"""What stands in a report? Figures that add up, each beside its goal and the period before."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec

from services.notify.domain.figures import Goal, Period, read_bound

At = tuple[tuple[str, str], ...]
"""Of what a figure is: brand, team, source and so on, each with its value."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number: a count, or ``part`` of a ``whole``; a whole of 0 is no data, which is not 0."""

    name: str
    at: At
    part: float
    whole: float | None = None

    def value(self, unit: str) -> float | None:
        """What is shown: a percentage, a number per case, or the count itself."""
        if self.whole is None:
            return self.part
        times = 100 if unit == PERCENT else 1
        return times * self.part / self.whole if self.whole else None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A figure of a report; ``gap`` is value minus goal, ``change`` value minus previous.

    Percentages have both in points.
    """

    figure: str
    at: dict[str, str]
    unit: str
    value: float | None
    part: float
    whole: float | None
    previous: float | None
    previous_part: float | None
    previous_whole: float | None
    change: float | None
    goal: float | None
    gap: float | None
    kept: bool | None


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One of our replies that somebody is to read again; ``failed`` are the checks it failed."""

    day: date
    brand: str
    team: str
    post: str
    failed: tuple[str, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of a period beside another; ``as_of`` is the pipeline's slowest tick."""

    period: str
    compared_with: str
    as_of: datetime | None
    lines: tuple[Line, ...]
    to_review: tuple[Reply, ...] = ()

    def of(self, name: str) -> Sequence[Line]:
        """The lines of one figure."""
        return [line for line in self.lines if line.figure == name]

    def of_figures(self, names: Collection[str]) -> "Report":
        """These figures and nothing else."""
        lines = tuple(line for line in self.lines if line.figure in names)
        return msgspec.structs.replace(self, lines=lines, to_review=())

    def only(self, brands: frozenset[str] | None) -> "Report":
        """What a reader of these brands may see; None is all of them."""
        if brands is None:
            return self
        lines = tuple(line for line in self.lines if line.at["brand"] in brands)
        replies = tuple(reply for reply in self.to_review if reply.brand in brands)
        return msgspec.structs.replace(self, lines=lines, to_review=replies)


PERCENT, COUNT, SECONDS, PER_CASE = "percent", "count", "seconds", "per_case"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a company counts by: public bounds, cases a person handles a day, replies to review."""

    bounds: Mapping[str, timedelta]
    cases_a_day: float
    reviewed_a_day: int


class Sort(msgspec.Struct, frozen=True, kw_only=True):
    """What kind of figure it is: its section, its unit, and what it is counted by."""

    section: str
    unit: str
    by: tuple[str, ...]


def _sorts(section: str, unit: str, **by: str) -> dict[str, Sort]:
    return {
        name: Sort(section=section, unit=unit, by=("brand", *dims.split()))
        for name, dims in by.items()
    }


SORTS: Mapping[str, Sort] = {
    **_sorts(
        "promises",
        PERCENT,
        attainment="team role clock",
        answered_within="team role clock time bound",
    ),
    **_sorts("promises", COUNT, not_due="team role clock"),
    **_sorts("speed", SECONDS, response_time="team role clock time share"),
    **_sorts("speed", COUNT, answers_by_time="time up_to"),
    **_sorts(
        "load",
        COUNT,
        posts="source role",
        new_source="source",
        opened="team role",
        handled="team role",
        handled_by_topic="topic",
        handled_by_source="source",
        closed="team role",
        backlog="team age",
    ),
    **_sorts("load", SECONDS, handling_time="team share"),
    **_sorts(
        "triage",
        PERCENT,
        dispositions="disposition",
        answered_posts="",
        stepped_in="",
        tones="tone",
        marketing_requests="",
    ),
    **_sorts("triage", SECONDS, hand_over_time="role share"),
    **_sorts("waiting", COUNT, unanswered_requests="age"),
    **_sorts("waiting", PERCENT, unanswered_share=""),
    **_sorts(
        "outcome",
        PERCENT,
        outcomes="team outcome",
        quick_and_solved="team",
        negative_turned="team",
        crisis_tone="topic when",
        resolved_in_channel="team",
    ),
    **_sorts("outcome", COUNT, tone_before_after="before after"),
    **_sorts("replies", PERCENT, reply_quality="team", reply_check="check"),
    **_sorts("replies", PER_CASE, redirects="team"),
    **_sorts("judgement", PERCENT, corrected="lang axis"),
    **_sorts("outlook", COUNT, expected_cases="day", people_needed="day"),
}
"""Every figure of a report; docs/figures.md is written from here."""

TIMES = frozenset({"bound", "age", "up_to"})
"""What is told as a time like ``15m``."""
_OF_ITS_PERIOD = frozenset({"new_source", "expected_cases", "people_needed"})
"""What is of other days in another period, so that there is nothing to compare."""

Goals = Callable[[Figure], Goal | None]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a store counts of a period; ``as_of`` is the slowest tick, None where none ever came."""

    as_of: datetime | None
    figures: tuple[Figure, ...]
    to_review: tuple[Reply, ...] = ()

    def of(self, name: str) -> Sequence[Figure]:
        """The figures of one name."""
        return [one for one in self.figures if one.name == name]


def report(
    period: Period, found: Found, against: Period, before: Iterable[Figure], goals: Goals
) -> Report:
    """The figures of a period, each beside its goal and what it was in the other period.

    What was counted only then stands there as well: a team without a case is no missing team.
    """
    now = {(one.name, one.at): one for one in found.figures}
    earlier = {(one.name, one.at): one for one in before}
    gone = (_none_of(one) for key, one in earlier.items() if key not in now and _goes_on(one))
    lines = (
        _line(one, earlier.get((one.name, one.at)), goals(one)) for one in (*now.values(), *gone)
    )
    return Report(
        period=period.name,
        compared_with=against.name,
        as_of=found.as_of,
        lines=tuple(sorted(lines, key=_place)),
        to_review=found.to_review,
    )


def _place(line: Line) -> tuple[object, ...]:
    """By figure, then by what it is of; times by their length, what has none behind them."""
    values = (
        (read_bound(value) or timedelta.max if dim in TIMES else timedelta(), value)
        for dim, value in line.at.items()
    )
    return list(SORTS).index(line.figure), *values


def _goes_on(one: Figure) -> bool:
    return SORTS[one.name].unit != SECONDS and one.name not in _OF_ITS_PERIOD


def _none_of(one: Figure) -> Figure:
    return Figure(name=one.name, at=one.at, part=0, whole=None if one.whole is None else 0)


def _line(one: Figure, earlier: Figure | None, goal: Goal | None) -> Line:
    unit = SORTS[one.name].unit
    value, previous = one.value(unit), earlier.value(unit) if earlier else None
    return Line(
        figure=one.name,
        at=dict(one.at),
        unit=unit,
        value=value,
        part=one.part,
        whole=one.whole,
        previous=previous,
        previous_part=earlier.part if earlier else None,
        previous_whole=earlier.whole if earlier else None,
        change=None if value is None or previous is None else value - previous,
        goal=goal.percent if goal else None,
        gap=value - goal.percent if value is not None and goal else None,
        kept=goal.met_by(value) if value is not None and goal else None,
    )
