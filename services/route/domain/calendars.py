"""When is a calendar of the policy open? Hours and holidays as the file has them, compiled."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

import msgspec

from schemas.calendars import Calendar
from schemas.yaml_marks import did_you_mean
from services.route.domain.findings import Findings
from services.route.domain.holiday_files import Days, check_files, is_file
from services.route.domain.spec import CalendarSpec
from worktime.always import ALWAYS
from worktime.hours import Hours, hours_of
from worktime.problems import problems as calendar_problems
from worktime.public_holidays import public_holidays

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PLACE = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")
_NO_FILES: Mapping[str, Days] = {}
_ANY_YEAR = 2026
"""A country is known in every year or in none."""


class Hold(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A calendar of the policy, with the places whose public holidays it keeps (``DE-BY``).

    ``dated`` are the days of its holiday files, of many years.
    """

    calendar: Calendar
    places: tuple[str, ...] = ()
    dated: frozenset[str] = frozenset()

    def resolved(self, at: datetime) -> Calendar:
        """The calendar with the holidays of this year and the next written out as dates."""
        return self._closed_in(at.year, at.year + 1)

    def is_open(self, at: datetime) -> bool:
        """Do the hours run at that instant?"""
        year = at.year
        if year not in self._hours:
            # Where it is still the old year, its last holiday counts.
            self._hours[year] = hours_of(self._closed_in(year - 1, year, year + 1))
        return self._hours[year].is_open(at)

    def _closed_in(self, *years: int) -> Calendar:
        if not self.places and not self.dated:
            return self.calendar
        if years not in self._closed:
            days = set(self.calendar.holidays)
            days.update(day for day in self.dated if int(day[:4]) in years)
            for place in self.places:
                days.update(_days_off(place, *years))
            holidays = tuple(sorted(days))
            self._closed[years] = msgspec.structs.replace(self.calendar, holidays=holidays)
        return self._closed[years]

    @cached_property
    def _closed(self) -> dict[tuple[int, ...], Calendar]:
        """Written out once for the same years: every ticket carries its calendar."""
        return {}

    @cached_property
    def _hours(self) -> dict[int, Hours]:
        """Compiled once a year: every post asks who is on duty."""
        return {}


OPEN = Hold(calendar=ALWAYS)


def read_holds(
    calendars: dict[str, CalendarSpec], findings: Findings, files: Mapping[str, Days] = _NO_FILES
) -> dict[str, Hold]:
    """Every calendar by its name, the built-in ``always`` among them."""
    check_files(files, {one for spec in calendars.values() for one in _said(spec)}, findings)
    if "always" in calendars:
        findings.wrong("$.calendars.always", "`always` is built in: expected another name")
    found = {
        name: _hold(f"$.calendars.{name}", one, files, findings) for name, one in calendars.items()
    }
    return {"always": OPEN, **found}


def _said(spec: CalendarSpec) -> tuple[str, ...]:
    return (spec.holidays,) if isinstance(spec.holidays, str) else spec.holidays


def _hold(path: str, spec: CalendarSpec, files: Mapping[str, Days], findings: Findings) -> Hold:
    said = [one for one in _said(spec) if not is_file(one)]
    dates = tuple(one for one in said if one[:1].isdigit())
    calendar = Calendar(
        timezone=spec.timezone,
        weekly=_weekly(f"{path}.weekly", spec.weekly, findings),
        overrides={day: _intervals(hours) for day, hours in spec.overrides.items()},
        holidays=dates,
    )
    for why in calendar_problems(calendar):
        place, _, rest = why.partition(": ")
        findings.wrong(f"{path}.{place}", rest or why)
    places = tuple(one for one in said if one not in dates)
    known = tuple(one for one in places if _is_place(path, one, findings))
    return Hold(calendar=calendar, places=known, dated=_dated(path, spec, files, findings))


def _dated(
    path: str, spec: CalendarSpec, files: Mapping[str, Days], findings: Findings
) -> frozenset[str]:
    names = [one for one in _said(spec) if is_file(one)]
    for name in names:
        if name not in files:
            why = "a policy on disk can name a file beside it, an upload cannot"
            findings.wrong(f"{path}.holidays", f"expected dates and countries, got `{name}`: {why}")
    return frozenset(day for name in names for day in files.get(name, ()))


def _weekly(
    path: str, weekly: dict[str, str], findings: Findings
) -> dict[str, tuple[tuple[str, str], ...]]:
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for said, hours in weekly.items():
        for day in _days(f"{path}.{said}", said, findings):
            if day in found:
                findings.wrong(f"{path}.{said}", f"expected each day once, `{day}` stands again")
            found[day] = _intervals(hours)
    return found


def _days(path: str, text: str, findings: Findings) -> tuple[str, ...]:
    first, _, last = text.partition("-")
    for day in filter(None, (first, last)):
        if day not in _DAYS:
            hint = did_you_mean(day, _DAYS)
            findings.wrong(path, f"expected days like mon-fri, got `{text}`{hint}")
            return ()
    start, end = _DAYS.index(first), _DAYS.index(last or first)
    return _DAYS[start : end + 1] if start <= end else _DAYS[start:] + _DAYS[: end + 1]


def _intervals(text: str) -> tuple[tuple[str, str], ...]:
    parts = [part.strip().partition("-") for part in text.split(",") if part.strip()]
    return tuple((start.strip(), end.strip()) for start, _, end in parts)


def _is_place(path: str, place: str, findings: Findings) -> bool:
    try:
        return bool(_days_off(place, _ANY_YEAR))
    except ValueError as error:
        why = f"expected a country like RU, a part of one like DE-BY, or a date; got `{place}`"
        findings.wrong(f"{path}.holidays", f"{why} ({error})")
        return False


def _days_off(place: str, *years: int) -> tuple[str, ...]:
    found = _PLACE.fullmatch(place)
    if not found:
        raise ValueError("not a code of ISO 3166")
    return public_holidays(found[1], years, found[2])
