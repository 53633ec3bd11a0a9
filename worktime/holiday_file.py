"""On which dates does an iCalendar file say that people are off? As dates that a calendar takes.

Whole days alone: an event with a time of day is a meeting, and a holiday that is silently left out
is worse than a file that is refused.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias

import icalendar
import msgspec
from dateutil.rrule import rrulestr  # icalendar hands its rules to it, so it comes with it

DAYS_AT_MOST = 4_000
"""A file that closes more days than that is no list of holidays."""

_DAY = timedelta(days=1)
_WHEN = {"DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE", "RDATE", "RECURRENCE-ID", "STATUS"}
_RULED = {
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "WKST",
    "BYMONTH",
    "BYMONTHDAY",
    "BYDAY",
    "BYSETPOS",
}

_Occurrence: TypeAlias = tuple[str, date]
"""One of a repeated event, by the event's id."""


class Closed(msgspec.Struct, frozen=True, kw_only=True):
    """The dates in order, each with the name of its event, and all that could not be read."""

    days: Mapping[str, str] = {}
    problems: tuple[str, ...] = ()


def closed_days(text: str, years: range) -> Closed:
    """The days of a file's whole-day events within these years; cancelled events have none."""
    try:
        events = _events(text)
    except ValueError as error:
        return Closed(problems=(f"expected iCalendar (RFC 5545): {_short(str(error))}",))
    days, problems, moved = dict[str, str](), list[str](), {*_moved(events)}
    for event in events:
        try:
            days.update((day.isoformat(), _name(event)) for day in _days(event, years, moved))
        except (ValueError, OverflowError) as error:
            problems.append(f"{_title(event)}: {_short(str(error))}")
        if len(days) > DAYS_AT_MOST:
            return Closed(problems=(f"expected at most {DAYS_AT_MOST} days off",))
    if not days and not problems:
        problems.append(f"expected whole-day events in {years[0]} to {years[-1]}, found none")
    return Closed(days=dict(sorted(days.items())), problems=tuple(problems))


def _events(text: str) -> Sequence[icalendar.Event]:
    found = icalendar.Calendar.from_ical(text, multiple=True)
    events = [one for each in found for one in each.walk("VEVENT")]
    return [one for one in events if isinstance(one, icalendar.Event)]


def _days(event: icalendar.Event, years: range, moved: set[_Occurrence]) -> Iterator[date]:
    if _is_cancelled(event):
        return
    start, length = _span(event)
    alone = "RECURRENCE-ID" in event
    if alone and _when(event, "RECURRENCE-ID") is None:
        raise ValueError("expected a date in RECURRENCE-ID")
    for first in sorted(_starts(event, start, years, length)):
        if alone or (_id(event), first) not in moved:
            days = (first + number * _DAY for number in range(length.days))
            yield from (day for day in days if day.year in years)


def _span(event: icalendar.Event) -> tuple[date, timedelta]:
    """Its first day, and how many days it lasts."""
    broken = [f"cannot read {name}: {why}" for name, why in event.errors if name in _WHEN]
    if broken:
        raise ValueError("; ".join(broken))
    if "DURATION" in event and not isinstance(event.decoded("DURATION"), timedelta):
        raise ValueError("expected a DURATION such as P1D")
    if type(event.start) is not date or type(event.end) is not date:
        raise ValueError("expected a whole day (VALUE=DATE), got a time of day")
    length = event.end - event.start
    if not _DAY <= length <= DAYS_AT_MOST * _DAY:
        raise ValueError(f"expected 1 to {DAYS_AT_MOST} days, got {length.days}")
    return event.start, length


def _starts(event: icalendar.Event, start: date, years: range, length: timedelta) -> set[date]:
    """When it begins: once, or by its yearly rules as far as the years go."""
    since = _midnight(date(years[0], 1, 1)) - length
    until = _midnight(date(years[-1], 12, 31))
    found = {start, *(_date(begins) for begins, _ in event.rdates)}
    for rule in event.rrules:
        every = rrulestr(_yearly(rule), dtstart=_midnight(start))
        found.update(one.date() for one in every.between(since, until, inc=True))
    return found - {_date(one) for one in event.exdates}


def _yearly(rule: icalendar.vRecur) -> str:
    """The rule as dateutil reads it; one that is not yearly is a ``ValueError``."""
    said = _text(rule)
    if rule.get("FREQ") != ["YEARLY"] or not rule.keys() <= _RULED:
        raise ValueError(f"expected a yearly rule, got {said}")
    if rule.get("INTERVAL", [1])[0] < 1:  # dateutil would never end
        raise ValueError(f"expected an interval of a year or more, got {said}")
    ends = [_midnight(_date(one)) for one in rule.get("UNTIL", [])]
    if ends and "COUNT" in rule:
        raise ValueError(f"expected COUNT or UNTIL, got {said}")
    return _text(icalendar.vRecur({**rule, "UNTIL": ends})) if ends else said


def _text(rule: Any) -> str:
    return bytes(rule.to_ical()).decode()  # icalendar types most, but not this


def _moved(events: Iterable[icalendar.Event]) -> Iterator[_Occurrence]:
    """The occurrences that another event of the same id stands for, or takes back."""
    for event in events:
        moved = _when(event, "RECURRENCE-ID")
        if moved:
            yield _id(event), moved


def _is_cancelled(event: icalendar.Event) -> bool:
    return str(event.get("STATUS", "")).upper() == "CANCELLED"


def _id(event: icalendar.Event) -> str:
    return str(event.get("UID", ""))


def _name(event: icalendar.Event) -> str:
    said = str(event.get("SUMMARY", ""))[:200]
    return " ".join("".join(one if one.isprintable() else " " for one in said).split())


def _title(event: icalendar.Event) -> str:
    """How a person finds the event in the file: its date and its name."""
    at = _when(event, "DTSTART")
    return f"event {f'of {at.isoformat()}' if at else 'without a date'} {_name(event)!r}"


def _when(event: icalendar.Event, name: str) -> date | None:
    """The one date of that name; None where there is none to be read."""
    if name not in event or name in dict(event.errors):
        return None
    try:
        return _date(event.decoded(name))
    except ValueError:
        return None


def _date(at: object) -> date:
    if isinstance(at, datetime):
        return at.date()
    if isinstance(at, date):
        return at
    raise ValueError(f"expected a date, got {at}")


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _short(why: str) -> str:
    return " ".join(why.split())[:200]
