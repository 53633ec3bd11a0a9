"""What is to be expected? Against weeks whose going on is plain.

The inputs that break the easy version: a week without any case; a history that begins in the middle
of a week; a falling trend that would go below nothing; fewer than two weeks.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from services.notify.domain.outlook import expected, people

FIRST = date(2026, 3, 2)
"""A Monday."""


def weeks(*days: tuple[float, ...]) -> Mapping[date, float]:
    """Cases by weekday of the weeks before ``FIRST``, the oldest first."""
    start = FIRST - timedelta(weeks=len(days))
    return {
        start + timedelta(days=7 * week + day): count
        for week, counts in enumerate(days)
        for day, count in enumerate(counts)
    }


LEVEL = (10, 10, 10, 10, 10, 4, 2)


def test_every_week_alike_goes_on_alike() -> None:
    found = expected(weeks(LEVEL, LEVEL, LEVEL), FIRST)

    assert list(found) == [FIRST + timedelta(days=day) for day in range(7)]
    assert list(found.values()) == pytest.approx(LEVEL)


def test_weeks_that_grow_by_as_much_grow_on_and_keep_their_weekdays() -> None:
    growing = weeks(*(tuple(day * times for day in LEVEL) for times in (1, 2, 3)))

    assert list(expected(growing, FIRST).values()) == pytest.approx([4 * day for day in LEVEL])


def test_eight_weeks_are_looked_at_and_no_more() -> None:
    old = weeks(*[(700.0,) * 7] * 3, *[(7.0,) * 7] * 8)

    assert list(expected(old, FIRST).values()) == pytest.approx([7] * 7)


def test_nothing_falls_below_nothing() -> None:
    falling = weeks((9.0,) * 7, (5.0,) * 7, (1.0,) * 7)

    assert set(expected(falling, FIRST).values()) == {0}


def test_a_history_that_begins_in_mid_week_is_counted_from_its_first_whole_week_on() -> None:
    known = weeks(LEVEL, LEVEL, LEVEL)
    later = {day: count for day, count in known.items() if day >= min(known) + timedelta(days=3)}

    assert list(expected(later, FIRST).values()) == pytest.approx(LEVEL)


@pytest.mark.parametrize("known", [weeks(), weeks(LEVEL), {FIRST - timedelta(days=8): 3.0}])
def test_of_less_than_two_weeks_nothing_is_said(known: Mapping[date, float]) -> None:
    assert expected(known, FIRST) == {}


def test_a_week_without_a_case_is_a_week() -> None:
    quiet = {FIRST - timedelta(weeks=3): 0.0, **weeks((14.0,) * 7)}

    line_through_0_0_14 = -7 / 3 + 3 * 7
    assert list(expected(quiet, FIRST).values()) == pytest.approx([line_through_0_0_14] * 7)


@pytest.mark.parametrize(
    ("cases", "needed"), [(0, 0), (0.1, 1), (40, 1), (40.0000000001, 1), (40.1, 2), (400, 10)]
)
def test_people_are_whole(cases: float, needed: int) -> None:
    assert people(cases, 40) == needed
