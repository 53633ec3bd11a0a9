"""When does a promise fall due? "Within two hours", "by Friday", "до 15 марта" as an instant."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from services.classify.domain.reply_words import DAYS, UNITS, DeadlineSigns

SIZES = {
    "minute": timedelta(minutes=1),
    "half_hour": timedelta(minutes=30),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
EARLIEST_CLOCK = 7
"""«до 2 часов» is an amount, «до 18 часов» a time of day: nobody promises an answer at night."""


def deadline_in(clause: str, said: datetime, words: DeadlineSigns) -> datetime | None:
    """The latest instant that a clause names, in the time zone of ``said``; a day ends with it."""
    day = max(_days(clause, said, words), default=None)
    clock = _clock(clause, words)
    if day is None and clock is None:
        return max(_spans(clause, said, words), default=None)
    if clock is None:
        return _end_of(day or said.date(), said)
    due = datetime.combine(day or said.date(), clock, said.tzinfo)
    return due if day or due > said else due + timedelta(days=1)


def without_deadline(clause: str, words: DeadlineSigns) -> str:
    """What a clause says besides."""
    for expression in (words.days, words.weekday, *words.dates, words.clock, words.span):
        clause = expression.sub(" ", clause)
    return clause


def _spans(clause: str, said: datetime, words: DeadlineSigns) -> Iterator[datetime]:
    for match in words.span.finditer(clause):
        amount = _amount(match["high"] or match["low"], words)
        unit = next(name for name in UNITS if match[name])
        yield _working(said, amount) if unit == "working_day" else said + amount * SIZES[unit]


def _amount(named: str | None, words: DeadlineSigns) -> int:
    if named is None:
        return 1
    return int(named) if named.isdecimal() else words.numbers[named]


def _working(said: datetime, days: int) -> datetime:
    """So many days on, Saturdays and Sundays left out; holidays are not known here."""
    while days:
        said += timedelta(days=1)
        days -= said.weekday() < 5
    return said


def _clock(clause: str, words: DeadlineSigns) -> time | None:
    for match in words.clock.finditer(clause):
        if match["noon"]:
            return time(12)
        hour, minute = int(match["hour"]), match["minute"]
        hour += 12 if match["afternoon"] and hour < 12 else 0
        spoken = match["afternoon"] or (match["oclock"] and hour >= EARLIEST_CLOCK)
        if hour < 24 and int(minute or 0) < 60 and (spoken or _is_written(match)):
            return time(hour, int(minute or 0))
    return None


def _is_written(match: re.Match[str]) -> bool:
    """18:00 and 18.00 are times of day, 15.03 is a date."""
    return match["minute"] is not None and (":" in match[0] or not 1 <= int(match["minute"]) <= 12)


def _days(clause: str, said: datetime, words: DeadlineSigns) -> Iterator[date]:
    for match in words.days.finditer(clause):
        yield _named(next(name for name in DAYS if match[name]), said.date())
    for match in words.weekday.finditer(clause):
        ahead = (int(_group(match, "w")) - said.weekday()) % 7 or 7
        skipped = match["after"] and said.weekday() + ahead < 7
        yield said.date() + timedelta(days=ahead + 7 if skipped else ahead)
    for expression in words.dates:
        for match in expression.finditer(clause):
            if not match["since"]:
                yield from _date(match, said.date())


def _named(name: str, today: date) -> date:
    if name == "this_month":
        return today.replace(day=monthrange(today.year, today.month)[1])
    sunday = 6 - today.weekday()
    ahead = {"today": 0, "tomorrow": 1, "day_after": 2, "this_week": sunday}
    return today + timedelta(days=ahead.get(name, sunday + 7))


def _date(match: re.Match[str], today: date) -> Iterator[date]:
    """The next such day; none where the calendar has none."""
    groups = match.groupdict()
    month = int(groups["month"] if "month" in groups else _group(match, "m"))
    for year in (today.year, today.year + 1):
        try:
            found = date(year, month, int(match["day"]))
        except ValueError:
            return
        if found >= today:
            yield found
            return


def _group(match: re.Match[str], kind: str) -> str:
    """Which of the groups m1 to m12, or w0 to w6, it was."""
    names = (name for name, found in match.groupdict().items() if found)
    return next(name[1:] for name in names if re.fullmatch(rf"{kind}\d+", name))


def _end_of(day: date, said: datetime) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(0), said.tzinfo)
