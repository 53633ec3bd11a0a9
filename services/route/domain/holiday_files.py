"""What do the holiday files say that a policy names? Written out behind its text, for all to read.

A policy is one text: it is kept, goes to every replica and decides on a recorded day years later,
where no file lies beside it. So what its files said becomes a part of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from schemas.yaml_marks import BadFile, Document, read_yaml
from services.route.domain.findings import Findings
from worktime.holiday_file import closed_days
from worktime.walls import read_date

KEY = "holiday_files"
YEARS = range(2020, 2051)
"""Yearly events are written out for these years: the text may depend on no clock."""

_HEAD = "# What these files said when this policy was read; not for the policy on disk.\n"

Days = Mapping[str, str]
"""ISO dates, each with the name of its holiday."""


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """The text of a file, or why there is none."""

    text: str = ""
    problem: str | None = None


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """What a file added, as ``check`` prints it; each holiday with the number of its days."""

    days: int
    first: str
    last: str
    holidays: Mapping[str, int]

    def __str__(self) -> str:
        names = (f"{name or '(no name)'} ({count})" for name, count in self.holidays.items())
        return f"adds {self.days} days from {self.first} to {self.last}: {', '.join(names)}"


def is_file(said: str) -> bool:
    """Is one of a calendar's holidays the name of a file?"""
    return said.lower().endswith(".ics")


def named(text: str) -> tuple[str, ...]:
    """The files that a policy names; none where its text says itself what they hold."""
    document = _readable(text)
    return tuple(dict(_mentions(document))) if document else ()


def written_out(text: str, contents: Mapping[str, Content]) -> str:
    """The policy with the days of these files; ``BadFile`` says each problem where it is named."""
    document = _readable(text)
    if document is None or not contents:
        return text
    findings, days = Findings(document), dict[str, Days]()
    for name, path in _mentions(document):
        content = contents[name]
        found = closed_days(content.text, YEARS)
        days[name] = found.days
        for why in (content.problem,) if content.problem else found.problems:
            findings.wrong(path, f"{name}: {why}")
    findings.refuse()
    whole = "".join((text, "" if text.endswith("\n") else "\n", _HEAD, *_lines(days)))
    if _days_in(_readable(whole)) != days:
        findings.wrong("$", f"expected a policy of plain lines (`policy: name`) to name {[*days]}")
    findings.refuse()
    return whole


def added(text: str) -> dict[str, Added]:
    """What the files of a policy that was read added, by their names."""
    return {
        name: Added(days=len(days), first=min(days), last=max(days), holidays=_counted(days))
        for name, days in _days_in(_readable(text)).items()
        if days
    }


def check_files(files: Mapping[str, Days], names: Iterable[str], findings: Findings) -> None:
    """Does the policy bring what its calendars name, in dates that exist, and nothing else?"""
    known = set(names)
    for name, days in files.items():
        if name not in known:
            findings.wrong(f"$.{KEY}.{name}", "expected a file that a calendar names")
        for day in days:
            try:
                read_date(day)
            except ValueError as error:
                findings.wrong(f"$.{KEY}.{name}.{day}", str(error))


def _readable(text: str) -> Document | None:
    """What is no YAML is refused where the policy itself is read."""
    try:
        return read_yaml(text)
    except BadFile:
        return None


def _mentions(document: Document) -> Iterator[tuple[str, str]]:
    """Each file with the path that names it; of a shape that is refused later, none."""
    whole = document.value if isinstance(document.value, dict) else {}
    calendars = whole.get("calendars")
    if KEY in whole or not isinstance(calendars, dict):
        return
    for calendar, spec in calendars.items():
        said = spec.get("holidays") if isinstance(spec, dict) else ()
        path = f"$.calendars.{calendar}.holidays"
        for n, one in enumerate([said] if isinstance(said, str) else said or ()):
            if isinstance(one, str) and is_file(one):
                yield one, path if isinstance(said, str) else f"{path}[{n}]"


def _lines(files: Mapping[str, Days]) -> Iterator[str]:
    yield f"{KEY}:\n"
    for name, days in files.items():
        yield f"  {_quoted(name)}:\n"
        for day, holiday in days.items():
            yield f"    {_quoted(day)}: {_quoted(holiday)}\n"


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()  # a text of JSON is one of YAML


def _days_in(document: Document | None) -> dict[str, Days]:
    whole: Any = document.value if document else None
    found = whole.get(KEY) if isinstance(whole, dict) else None
    return found if isinstance(found, dict) else {}


def _counted(days: Days) -> dict[str, int]:
    counts: dict[str, int] = {}
    for holiday in days.values():
        counts[holiday] = counts.get(holiday, 0) + 1
    return counts
