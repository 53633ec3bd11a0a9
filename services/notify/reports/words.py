"""In which words is a report told? One file a language; every figure and closed value has one."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

import msgspec
import yaml

from services.notify.domain.figures import UNITS, read_bound
from services.notify.domain.report import COUNT, PER_CASE, PERCENT, TIMES, Line

FOLDER = Path(__file__).parent / "languages"
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


class Language(StrEnum):
    """In which languages a report is told."""

    en = "en"
    ru = "ru"
    bg = "bg"


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words of one language; ``values`` of a label that is no closed set are shown as is."""

    title: str
    compared_with: str
    as_of: str
    nothing: str
    decimal: str
    to_review: str
    points: str
    per_case: str
    columns: Mapping[str, str]
    units: Mapping[str, str]
    dims: Mapping[str, str]
    sections: Mapping[str, str]
    figures: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]

    def label(self, dim: str, value: str) -> str:
        """A label's value in words; a time like ``15m`` in the language's own units."""
        if dim in TIMES and read_bound(value):
            return f"{value[:-1]} {self.units[UNITS[value[-1]]]}"
        return self.values.get(dim, {}).get(value, value)

    def number(self, value: float, digits: int = 0) -> str:
        """A number as this language writes it."""
        return f"{value:.{digits}f}".replace(".", self.decimal)

    def shown(self, value: float | None, unit: str, *, signed: bool = False) -> str:
        """A figure with its unit; a dash where there is no data. A difference has its sign."""
        if value is None:
            return "-"
        sign = "+" if signed and value > 0 else ""
        if unit == PERCENT:
            return f"{sign}{self.number(value, 1)} {self.points if signed else '%'}"
        if unit == PER_CASE:
            return sign + self.number(value, 2)
        if unit == COUNT:
            return sign + self.number(value, 0 if value == int(value) else 1)
        return f"{sign if value >= 0 else '-'}{self._time(abs(value))}"

    def cells(self, line: Line) -> Mapping[str, str]:
        """What stands in each column of a line; of a count nothing stands under ``whole``."""
        whole = "" if line.whole is None else f"{line.part:.0f}/{line.whole:.0f}"
        return {
            "value": self.shown(line.value, line.unit),
            "whole": whole,
            "previous": self.shown(line.previous, line.unit),
            "change": self.shown(line.change, line.unit, signed=True),
            "goal": self.shown(line.goal, line.unit),
            "gap": self.shown(line.gap, line.unit, signed=True),
        }

    def _time(self, seconds: float) -> str:
        """The two largest parts of a time."""
        left = round(seconds)
        sizes = (("days", _DAY), ("hours", _HOUR), ("minutes", _MINUTE), ("seconds", 1))
        parts = []
        for name, size in sizes:
            count, left = divmod(left, size)
            if count:
                parts.append(f"{count} {self.units[name]}")
        return " ".join(parts[:2]) or f"0 {self.units['seconds']}"


@cache
def words(language: Language) -> Words:
    """The words of a language."""
    text = (FOLDER / f"{language}.yaml").read_text("utf-8")
    return msgspec.convert(yaml.safe_load(text), Words)
