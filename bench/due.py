"""What does a due date cost behind a year of holds? On an office calendar with its holidays."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import cycle

from schemas.calendars import Calendar
from worktime.hours import Hours
from worktime.pauses import Pause
from worktime.public_holidays import public_holidays

HOLDS = 250
START = datetime(2026, 1, 1, tzinfo=UTC)
BUDGETS = tuple(timedelta(hours=hours) for hours in range(1, 1600, 12))
"""From an hour to most of what the holds leave of a year."""

_HOLD = timedelta(hours=4)
_APART = timedelta(days=365) / HOLDS
_WORKDAYS = ("mon", "tue", "wed", "thu", "fri")


def office() -> Hours:
    """Nine to six with an hour at noon, closed on the public holidays of two years."""
    shifts = (("09:00", "13:00"), ("14:00", "18:00"))
    calendar = Calendar(
        timezone="Europe/Sofia",
        weekly=dict.fromkeys(_WORKDAYS, shifts),
        holidays=public_holidays("BG", (START.year, START.year + 1)),
    )
    return Hours(calendar)


def holds() -> tuple[Pause, ...]:
    """As many holds as a year has workdays, of four hours each."""
    starts = [START + number * _APART for number in range(HOLDS)]
    return tuple((start, start + _HOLD) for start in starts)


def due_us(calls: int) -> float:
    """Microseconds of CPU for ``due`` with the same holds, as a ticket's clocks ask."""
    hours, pauses = office(), holds()
    return _cost(lambda budget: hours.due(START, budget, pauses), calls)


def elapsed_us(calls: int) -> float:
    """The same for ``elapsed``, to instants spread over the year."""
    hours, pauses = office(), holds()
    return _cost(lambda wall: hours.elapsed(START, START + 5 * wall, pauses), calls)


def first_due_us(calls: int) -> float:
    """The same for ``due`` with holds that were never seen: compiled each time."""
    hours, unseen = office(), cycle((holds(), holds()))
    return _cost(lambda budget: hours.due(START, budget, next(unseen)), calls)


def plain_due_us(calls: int) -> float:
    """The same for ``due`` without a hold."""
    hours = office()
    return _cost(lambda budget: hours.due(START, budget), calls)


def _cost(ask: Callable[[timedelta], object], calls: int) -> float:
    for budget in BUDGETS:
        ask(budget)
    before = time.process_time()
    for number in range(calls):
        ask(BUDGETS[number % len(BUDGETS)])
    return (time.process_time() - before) / calls * 1e6
