"""Does working time obey its laws on any calendar, and agree with counting minute by minute?"""

from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.calendars import Calendar
from tests.unit.worktime.oracle import (
    DAY_MINUTES,
    MINUTE,
    NAMES,
    Window,
    open_minutes,
    paused_minutes,
)
from worktime.hours import Hours

Pauses = list[tuple[datetime, datetime | None]]
WINDOWS = (
    Window("Europe/Sofia", datetime(2026, 3, 27, tzinfo=UTC)),
    Window("Europe/Sofia", datetime(2026, 10, 23, tzinfo=UTC)),
    Window("Europe/Moscow", datetime(2014, 10, 24, tzinfo=UTC)),
    Window("America/New_York", datetime(2026, 3, 6, tzinfo=UTC)),
    Window("America/New_York", datetime(2026, 10, 30, tzinfo=UTC)),
    Window("Pacific/Apia", datetime(2011, 12, 28, tzinfo=UTC)),
    Window("Asia/Kathmandu", datetime(2025, 12, 30, tzinfo=UTC)),
)
SIZE = WINDOWS[0].days * DAY_MINUTES
AGAINST_THE_ORACLE = settings(max_examples=30, deadline=None, derandomize=True)
LAWS = settings(max_examples=20, deadline=None, derandomize=True)

minutes = st.integers(0, SIZE - 1)
instants = st.timedeltas(timedelta(-3), timedelta(20))
budgets = st.timedeltas(timedelta(0), timedelta(12))
quarters = st.integers(0, 96).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")


@st.composite
def intervals(draw: st.DrawFn) -> tuple[tuple[str, str], ...]:
    """Disjoint intervals of one day, the last of them perhaps over midnight."""
    edges = sorted(draw(st.sets(quarters, max_size=6)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    if len(edges) % 2 and edges[-1] != "24:00":
        pairs.append((edges[-1], draw(st.sampled_from(["00:00", "02:30", edges[0]]))))
    return tuple(pairs)


@st.composite
def calendars(draw: st.DrawFn, window: Window) -> Calendar:
    """A calendar of the window's zone with a day or two replaced or removed inside it."""
    around = st.dates(
        window.start.date() - timedelta(1), window.start.date() + timedelta(window.days)
    ).map(date.isoformat)
    return Calendar(
        timezone=window.zone,
        weekly=draw(st.dictionaries(st.sampled_from(NAMES), intervals(), min_size=3)),
        overrides=draw(st.dictionaries(around, intervals(), max_size=2)),
        holidays=tuple(draw(st.lists(around, max_size=2))),
    )


@st.composite
def holds(draw: st.DrawFn, window: Window) -> Pauses:
    """Pauses in any order, free to overlap, one of them perhaps still running."""
    pauses: Pauses = []
    for _ in range(draw(st.integers(0, 4))):
        start = window.start + draw(minutes) * MINUTE
        length = draw(st.none() | st.integers(0, 3 * DAY_MINUTES))
        pauses.append((start, None if length is None else start + length * MINUTE))
    return pauses


@AGAINST_THE_ORACLE
@given(st.data(), st.sampled_from(WINDOWS), minutes, minutes)
def test_elapsed_is_the_open_minutes_that_were_not_paused(
    data: st.DataObject, window: Window, start: int, end: int
) -> None:
    calendar, pauses = data.draw(calendars(window)), data.draw(holds(window))
    worked = _worked_minutes(calendar, pauses, window)

    elapsed = Hours(calendar).elapsed(_instant(window, start), _instant(window, end), pauses)

    assert elapsed == sum(worked[start:end]) * MINUTE


@AGAINST_THE_ORACLE
@given(st.data(), st.sampled_from(WINDOWS), minutes, st.integers(0, 3 * DAY_MINUTES))
def test_due_is_the_end_of_the_last_minute_that_the_budget_buys(
    data: st.DataObject, window: Window, start: int, budget: int
) -> None:
    calendar, pauses = data.draw(calendars(window)), data.draw(holds(window))
    spent = [0, *accumulate(_worked_minutes(calendar, pauses, window)[start:])]

    due = Hours(calendar).due(_instant(window, start), budget * MINUTE, pauses)

    if budget in spent:
        assert due == _instant(window, start + spent.index(budget))
    else:
        assert due is None or due > _instant(window, SIZE)


@AGAINST_THE_ORACLE
@given(st.data(), st.sampled_from(WINDOWS), minutes)
def test_open_and_next_open_are_read_off_the_list_of_minutes(
    data: st.DataObject, window: Window, minute: int
) -> None:
    calendar = data.draw(calendars(window))
    working = open_minutes(calendar, window)
    hours, instant = Hours(calendar), _instant(window, minute)

    next_open = hours.next_open(instant)

    assert hours.is_open(instant) == working[minute]
    if any(working[minute:]):
        assert next_open == _instant(window, working.index(True, minute))
    else:
        assert next_open is None or next_open >= _instant(window, SIZE)


@LAWS
@given(st.data(), st.sampled_from(WINDOWS), instants, budgets)
def test_exactly_the_budget_has_elapsed_when_it_is_due(
    data: st.DataObject, window: Window, after: timedelta, budget: timedelta
) -> None:
    hours, pauses = Hours(data.draw(calendars(window))), data.draw(holds(window))
    start = window.start + after

    due = hours.due(start, budget, pauses)

    if due is not None:
        assert hours.elapsed(start, due, pauses) == budget
        assert budget == timedelta(0) or (
            hours.elapsed(start, due - timedelta.resolution, pauses) < budget
        )


@LAWS
@given(st.data(), st.sampled_from(WINDOWS), st.tuples(instants, instants, instants).map(sorted))
def test_elapsed_adds_up_and_never_shrinks_nor_outruns_the_clock(
    data: st.DataObject, window: Window, three: list[timedelta]
) -> None:
    hours, pauses = Hours(data.draw(calendars(window))), data.draw(holds(window))
    first, second, third = (window.start + after for after in three)

    early, late = hours.elapsed(first, second, pauses), hours.elapsed(second, third, pauses)

    assert hours.elapsed(first, third, pauses) == early + late
    assert timedelta(0) <= early <= second - first
    assert early <= hours.elapsed(first, second)


@LAWS
@given(st.data(), st.sampled_from(WINDOWS), instants)
def test_nothing_elapses_until_the_next_opening(
    data: st.DataObject, window: Window, after: timedelta
) -> None:
    hours, instant = Hours(data.draw(calendars(window))), window.start + after

    opening = hours.next_open(instant)

    if opening is not None:
        assert hours.elapsed(instant, opening) == timedelta(0)
        assert hours.is_open(opening)
        assert hours.elapsed(opening, opening + timedelta.resolution) == timedelta.resolution


@LAWS
@given(st.data(), st.sampled_from(WINDOWS), instants, budgets, budgets)
def test_a_reminder_leaves_exactly_the_time_it_was_asked_for(
    data: st.DataObject, window: Window, after: timedelta, target: timedelta, before: timedelta
) -> None:
    hours, pauses = Hours(data.draw(calendars(window))), data.draw(holds(window))
    start = window.start + after

    due, reminder = hours.due(start, target, pauses), hours.remind(start, target, before, pauses)

    if due is None or reminder is None:
        assert due is reminder
    else:
        assert hours.elapsed(reminder, due, pauses) == min(before, target)


def _worked_minutes(calendar: Calendar, pauses: Pauses, window: Window) -> list[bool]:
    working, paused = open_minutes(calendar, window), paused_minutes(pauses, window)
    return [is_open and not held for is_open, held in zip(working, paused, strict=True)]


def _instant(window: Window, minute: int) -> datetime:
    return window.start + minute * MINUTE
