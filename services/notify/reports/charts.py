"""What does a report show as bars? Lines added up over brands and teams."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from services.notify.domain.report import COUNT, PERCENT, Figure, Report
from services.notify.reports.words import Words

WIDTH = 320
"""Of the longest bar, in pixels."""


class Bar(NamedTuple):
    """One bar: which series it is of, how long it is drawn, and what stands beside it."""

    series: str
    length: float
    told: str


class Group(NamedTuple):
    """Bars under one label."""

    label: str
    bars: tuple[Bar, ...]


class Chart(NamedTuple):
    """Groups of bars under a title; ``series`` are named where there are several."""

    title: str
    groups: tuple[Group, ...]
    series: tuple[tuple[str, str], ...] = ()


def charts(report: Report, words: Words) -> Iterator[Chart]:
    """The bars of a report; what has no data has no chart."""
    for chart in (
        _within(report, words),
        _counts(report, words, "answers_by_time", "up_to", time="wall"),
        _counts(report, words, "dispositions", "disposition"),
        _counts(report, words, "backlog", "age"),
        _counts(report, words, "expected_cases", "day"),
    ):
        if chart.groups:
            yield chart


def _within(report: Report, words: Words) -> Chart:
    """Goal, actual and previous of first answers within each bound: three numbers (K1)."""
    about = {"clock": "first_response", "time": "wall"}
    lines = [line for line in report.of("answered_within") if about.items() <= line.at.items()]
    groups = []
    for bound in dict.fromkeys(line.at["bound"] for line in lines):
        of_it = [line for line in lines if line.at["bound"] == bound]
        values = {
            "goal": next((line.goal for line in of_it if line.goal is not None), None),
            "value": _share((line.part, line.whole) for line in of_it),
            "previous": _share((line.previous_part, line.previous_whole) for line in of_it),
        }
        bars = tuple(
            Bar(name, WIDTH * value / 100, words.shown(value, PERCENT))
            for name, value in values.items()
            if value is not None
        )
        groups.append(Group(words.label("bound", bound), bars))
    drawn = {bar.series for group in groups for bar in group.bars}
    names = tuple(
        (name, words.columns[name]) for name in ("goal", "value", "previous") if name in drawn
    )
    return Chart(words.figures["answered_within"], tuple(groups), names)


def _counts(report: Report, words: Words, figure: str, dim: str, **about: str) -> Chart:
    sums: dict[str, float] = {}
    for line in report.of(figure):
        if about.items() <= line.at.items():
            sums[line.at[dim]] = sums.get(line.at[dim], 0) + line.part
    longest = max(sums.values(), default=0)
    groups = tuple(
        Group(
            words.label(dim, value),
            (Bar("value", WIDTH * count / longest, words.shown(count, COUNT)),),
        )
        for value, count in sums.items()
        if longest
    )
    return Chart(words.figures[figure], groups)


def _share(parts: Iterable[tuple[float | None, float | None]]) -> float | None:
    known: Sequence[tuple[float, float]] = [(p, w) for p, w in parts if p is not None and w]
    whole = sum(w for _, w in known)
    one = Figure(name="answered_within", at=(), part=sum(p for p, _ in known), whole=whole)
    return one.value(PERCENT)
