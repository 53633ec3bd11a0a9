"""How does a report leave as a file? JSON as it is, CSV that no spreadsheet takes for a formula."""

import csv
import io

import msgspec

from services.notify.domain.report import SORTS, Report

_NUMBERS = ("value", "part", "whole", "previous", "change", "goal", "gap")
_DIMS = tuple(dict.fromkeys(dim for sort in SORTS.values() for dim in sort.by))
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""


def as_json(report: Report) -> bytes:
    """The report as one object."""
    return msgspec.json.encode(report)


def as_csv(report: Report) -> str:
    """A line a figure, one column for whatever figures are counted by; numbers are plain ones."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("figure", *_DIMS, "unit", *_NUMBERS))
    for line in report.lines:
        numbers = (getattr(line, name) for name in _NUMBERS)
        writer.writerow(
            (
                line.figure,
                *(harmless(line.at.get(dim, "")) for dim in _DIMS),
                line.unit,
                *("" if number is None else f"{number:.10g}" for number in numbers),
            )
        )
    return out.getvalue()


def harmless(cell: str) -> str:
    """A text that no spreadsheet calculates."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
