"""What do worked examples of clocks give? The case file of ``notify sla``, answered in order."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import msgspec

from schemas.calendars import Calendar
from services.notify.domain.case_file import (
    AttainmentCase,
    AttainmentFigures,
    Case,
    CaseCalendar,
    Given,
    TimeCase,
    WallCase,
    read_file,
)
from services.notify.domain.figures import Goal, percent
from services.notify.domain.life import LifecycleCase
from services.notify.domain.lifecycle import lived
from worktime.hours import Hours, hours_of
from worktime.walls import wall_to_utc

_WITHIN = (("within_1h_pct", 3600), ("within_6h_pct", 21600))
_DAY = 86400
_DIRECTIONS = (("_min_pct", False), ("_max_pct", True))

Actual = dict[str, object]


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the answer; ``error`` says why a case has no figures."""

    id: str
    actual: Actual
    error: str | None = None


class _Named(msgspec.Struct, frozen=True):
    id: str = "?"


def answers(content: bytes) -> Iterator[Answer]:
    """One answer per case of the file (sla/README); raises ``BadCases`` for what is no file."""
    file = read_file(content)
    for cases, shape in file.by_shape():
        for raw in cases:
            yield _answer(raw, shape, file.calendars)


def _answer(raw: msgspec.Raw, shape: type[Case], calendars: Mapping[str, msgspec.Raw]) -> Answer:
    name = msgspec.json.decode(raw, type=_Named).id
    try:
        case = msgspec.json.decode(raw, type=shape)
        return Answer(id=name, actual=_actual(case, calendars))
    except (LookupError, TypeError, ValueError) as error:  # whatever a wrong case can break
        return Answer(id=name, actual={}, error=f"{type(error).__name__}: {error}")


def _actual(case: Case, calendars: Mapping[str, msgspec.Raw]) -> Actual:
    match case:
        case TimeCase(calendar=name):
            return _TIMED[case.kind](hours_of(_calendar(calendars, name)), case.input)
        case WallCase(input=wall):
            return {"utc": _written(wall_to_utc(wall.timezone, wall.date, wall.wall))}
        case LifecycleCase():
            return lived(case, _calendar(calendars, case.policy.calendar))
        case AttainmentCase(input=figures):
            return _compared(figures) if figures.goals else _distributed(figures)


def _calendar(calendars: Mapping[str, msgspec.Raw], name: str) -> Calendar:
    if name not in calendars:
        raise ValueError(f"expected the name of one of the file's calendars, got {name!r}")
    return msgspec.json.decode(calendars[name], type=CaseCalendar).read()


def _due(hours: Hours, given: Given) -> Actual:
    due = hours.due(_needed(given.started_at), _target(given), given.pauses)
    return {"due_at": _written(due)}


def _elapsed(hours: Hours, given: Given) -> Actual:
    elapsed = hours.elapsed(_needed(given.from_), _needed(given.to), given.pauses)
    actual: Actual = {"elapsed_seconds": elapsed.total_seconds()}
    if given.target_seconds is not None:
        margin = _target(given) - elapsed
        verdict = "met" if margin >= timedelta(0) else "breached"
        actual |= {"margin_seconds": margin.total_seconds(), "verdict": verdict}
    return actual


def _in_hours(hours: Hours, given: Given) -> Actual:
    return {"open": hours.is_open(_needed(given.at))}


def _next_open(hours: Hours, given: Given) -> Actual:
    return {"open_at": _written(hours.next_open(_needed(given.at)))}


def _reminder(hours: Hours, given: Given) -> Actual:
    before = timedelta(seconds=given.before_due_seconds)
    start, target = _needed(given.started_at), _target(given)
    remind_at = hours.remind(start, target, before, given.pauses)
    return {**_due(hours, given), "remind_at": _written(remind_at)}


def _status(hours: Hours, given: Given) -> Actual:
    elapsed = hours.elapsed(_needed(given.started_at), _needed(given.now), given.pauses)
    used = 100 * (elapsed / _target(given))
    state = "at_risk" if used > given.at_risk_above_percent else "on_track"
    return {"state": "breached" if used >= 100 else state, "percent": round(used, 2)}


_TIMED = {
    "due": _due,
    "elapsed": _elapsed,
    "in_hours": _in_hours,
    "next_open": _next_open,
    "reminder": _reminder,
    "status": _status,
}


def _distributed(figures: AttainmentFigures) -> Actual:
    answered = (*figures.elapsed_seconds, *figures.answered_elapsed_seconds)
    everything = (*answered, *figures.open_elapsed_seconds)
    counts = {name: sum(e <= bound for e in answered) for name, bound in _WITHIN}
    counts["over_24h_pct"] = sum(elapsed > _DAY for elapsed in everything)
    shares = {name: percent(count, len(everything)) for name, count in counts.items()}
    return {name: None if s is None else round(s, 2) for name, s in shares.items()}


def _compared(figures: AttainmentFigures) -> Actual:
    compared: Actual = {}
    for name, bound in figures.goals.items():
        suffix, at_most = next(d for d in _DIRECTIONS if name.endswith(d[0]))
        what = name.removesuffix(suffix)
        actual, previous = figures.actual[f"{what}_pct"], figures.previous.get(f"{what}_pct")
        compared[what] = {
            "status": "met" if Goal(bound, at_most).met_by(actual) else "missed",
            "gap_pp": round(actual - bound, 2),
            "vs_previous_pp": None if previous is None else round(actual - previous, 2),
        }
    return compared


def _needed(at: datetime | None) -> datetime:
    if at is None:
        raise ValueError("expected the instants that this kind of case needs")
    return at


def _target(given: Given) -> timedelta:
    if given.target_seconds is None:
        raise ValueError("expected target_seconds")
    return timedelta(seconds=given.target_seconds)


def _written(at: datetime | None) -> str | None:
    """The instant as case files write it."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")
