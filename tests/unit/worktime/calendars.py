"""Calendars that the tests of working time vary, written as a policy's author would."""

from datetime import datetime

from schemas.calendars import Calendar

Intervals = tuple[tuple[str, str], ...]
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
EVERY_DAY = (*WORKDAYS, "sat", "sun")


def a_calendar(
    *shifts: tuple[str, str],
    zone: str = "UTC",
    days: tuple[str, ...] = WORKDAYS,
    overrides: dict[str, Intervals] | None = None,
    holidays: tuple[str, ...] = (),
) -> Calendar:
    return Calendar(
        timezone=zone,
        weekly=dict.fromkeys(days, shifts or (("09:00", "17:00"),)),
        overrides=overrides or {},
        holidays=holidays,
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)
