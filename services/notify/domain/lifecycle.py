"""Which figures does a lifecycle case ask for? Each read off its clocks (sla/README)."""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from schemas.calendars import Calendar
from schemas.states import ClockName
from services.notify.domain.clocks import Clock, ClockState
from services.notify.domain.life import NAMES, UNMATCHED, Life, LifecycleCase, write_instant

_RESPONSES = (ClockName.first_response, ClockName.next_response)
_NEXT = (ClockName.next_response,)
_NOT_A_FIGURE = "tolerance_seconds"
_Rows = tuple[tuple[str, str | None], ...]


def lived(case: LifecycleCase, calendar: Calendar) -> dict[str, object]:
    """The figures under the keys that the case expects; an unknown key is a ``LookupError``."""
    life = Life(case, calendar)
    return {name: _FIGURES[name](life) for name in case.expected if name != _NOT_A_FIGURE}


def _next_due_after(life: Life) -> object:
    return _due_after(life, "next_due_after", NAMES)


def _next_response_due_after(life: Life) -> object:
    return _due_after(life, "next_response_due_after", _NEXT)


def _next_response_due(life: Life) -> object:
    return _earliest(life, len(life.steps), _NEXT)


def _due_before(life: Life) -> object:
    return _dues(life, _unmatched_after(life))


def _due_after_change(life: Life) -> object:
    return _dues(life, _unmatched_after(life) + 1)


def _worst(life: Life) -> float | None:
    return max(map(_seconds, _finished(life.clocks(len(life.steps)), _NEXT)), default=None)


def _margin(life: Life) -> float | None:
    worst, target = _worst(life), life.targets[ClockName.next_response]
    return None if worst is None or target is None else target - worst


def _misses(life: Life) -> int:
    """Exchanges after a first reply whose answer was late, or overdue by the last event."""
    clocks = [c for c in life.clocks(len(life.steps)) if c.name is ClockName.next_response]
    replies = [c.stopped_at for c in _finished(life.measured(), _RESPONSES) if c.stopped_at]
    first = min(replies, default=None)
    return sum(first is not None and c.started_at >= first and _is_late(c, life) for c in clocks)


def _total_hold(life: Life) -> float:
    return sum((ended - since).total_seconds() for since, ended in life.pauses() if ended)


def _average_response(life: Life) -> float | None:
    finished = [_seconds(clock) for clock in _finished(life.measured(), _RESPONSES)]
    return sum(finished) / len(finished) if finished else None


def _resolution(life: Life) -> float | None:
    finished = [_seconds(c) for c in _finished(life.measured(), (ClockName.resolution,))]
    return sum(finished) if finished else None


def _without_customer_wait(life: Life) -> float:
    """What is left of the resolution: the time in which the customer waited for an answer."""
    return sum(_seconds(clock) for clock in _finished(life.measured(), _RESPONSES))


def _first_response(life: Life) -> float | None:
    first = _finished(life.measured(), (ClockName.first_response,))
    return _seconds(first[0]) if first else None


def _first_response_verdict(life: Life) -> str | None:
    return _verdict(life, ClockName.first_response)


def _resolution_verdict(life: Life) -> str | None:
    return _verdict(life, ClockName.resolution)


_FIGURES: dict[str, Callable[[Life], object]] = {
    "next_due_after": _next_due_after,
    "next_response_due_after": _next_response_due_after,
    "next_response_due": _next_response_due,
    "due_before": _due_before,
    "due_after": _due_after_change,
    "next_response_worst_seconds": _worst,
    "margin_seconds": _margin,
    "next_response_misses": _misses,
    "total_hold_seconds": _total_hold,
    "avg_response_seconds": _average_response,
    "resolution_seconds": _resolution,
    "resolution_minus_customer_wait_seconds": _without_customer_wait,
    "first_response_seconds": _first_response,
    "first_response_verdict": _first_response_verdict,
    "resolution_verdict": _resolution_verdict,
}


def _due_after(life: Life, key: str, names: Sequence[ClockName]) -> list[tuple[str, str | None]]:
    asked = [when for when, _ in msgspec.convert(life.case.expected[key], type=_Rows)]
    return [
        (when, _earliest(life, events, names))
        for when, events in zip(asked, _events_until(life, asked), strict=True)
    ]


def _events_until(life: Life, asked: Sequence[str]) -> Iterator[int]:
    """How many events had happened at each row: rows of one instant take its events in turn."""
    told, events = [when for when, _ in life.case.events], 0
    for n, when in enumerate(asked):
        events = told.index(when, events) + 1
        last_of_instant = when not in asked[n + 1 :]
        while last_of_instant and when in told[events:]:
            events = told.index(when, events) + 1
        yield events


def _earliest(life: Life, events: int, names: Sequence[ClockName]) -> str | None:
    running = (c for c in life.clocks(events) if c.name in names and c.state is ClockState.open)
    due = min((clock.due_at for clock in running if clock.due_at), default=None)
    return write_instant(due, life.case.events[0][0])


def _dues(life: Life, events: int) -> dict[str, str | None]:
    return {name.value: _earliest(life, events, (name,)) for name in NAMES}


def _unmatched_after(life: Life) -> int:
    """How many events came before the ticket lost its terms; all but one if it never did."""
    lost = (n for n, (_, words) in enumerate(life.steps) if UNMATCHED in words)
    return next(lost, len(life.steps) - 1)


def _finished(clocks: Sequence[Clock], names: Sequence[ClockName]) -> list[Clock]:
    """Clocks stopped by what they wait for; closing a case answers nobody."""
    return [c for c in clocks if c.name in names and c.stopped_at and not c.cut_short]


def _seconds(clock: Clock) -> float:
    return clock.elapsed.total_seconds() if clock.elapsed is not None else 0.0


def _is_late(clock: Clock, life: Life) -> bool:
    if clock.stopped_at:
        return clock.state is ClockState.breached
    return clock.late_after is not None and clock.late_after < life.ended_at


def _verdict(life: Life, name: ClockName) -> str | None:
    """The first cycle's state; an open one is breached once it is late at the last event."""
    for clock in life.clocks(len(life.steps)):
        if clock.name is name:
            return ClockState.breached.value if _is_late(clock, life) else clock.state.value
    return None
