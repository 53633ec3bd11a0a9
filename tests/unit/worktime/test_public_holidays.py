"""Do a country's public holidays arrive as the dates that a calendar takes?"""

import pytest

from tests.unit.worktime.calendars import a_calendar, at
from worktime.hours import Hours
from worktime.public_holidays import public_holidays


def test_holidays_are_sorted_dates_of_the_years_asked_for() -> None:
    dates = public_holidays("BG", [2027, 2026])

    assert dates == tuple(sorted(set(dates)))
    assert {text[:4] for text in dates} == {"2026", "2027"}
    assert {"2026-03-03", "2026-05-24", "2027-03-03"} <= set(dates)


def test_a_subdivision_adds_its_own() -> None:
    assert "2026-01-06" not in public_holidays("DE", [2026])
    assert "2026-01-06" in public_holidays("DE", [2026], "BY")


def test_they_close_a_calendar() -> None:
    sofia = a_calendar(zone="Europe/Sofia", holidays=public_holidays("BG", [2026]))

    assert Hours(sofia).next_open(at("2026-03-02T18:00+02:00")) == at("2026-03-04T09:00+02:00")


@pytest.mark.parametrize(
    ("country", "subdivision"), [("XX", None), ("", None), ("bulgaria", None), ("DE", "ZZ")]
)
def test_an_unknown_place_is_refused_by_name(country: str, subdivision: str | None) -> None:
    with pytest.raises(ValueError, match=f"unknown country or subdivision '{country}'"):
        public_holidays(country, [2026], subdivision)
