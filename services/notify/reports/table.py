"""How does a report read in a terminal? A table a figure, under its section."""

from collections.abc import Iterator, Sequence

from services.notify.domain.report import SORTS, Line, Reply, Report
from services.notify.reports.words import Words


def table(report: Report, words: Words) -> str:
    """The report as aligned text."""
    return "\n".join(_told(report, words))


def heading(report: Report, words: Words) -> str:
    """Which periods, and how far the pipeline has told everything."""
    at = f"{report.as_of:%Y-%m-%d %H:%M:%S}Z" if report.as_of else "-"
    against = f"{words.compared_with} {report.compared_with}"
    return f"{words.title} {report.period}, {against}, {words.as_of} {at}"


def _told(report: Report, words: Words) -> Iterator[str]:
    yield heading(report, words)
    if not report.lines:
        yield words.nothing
    section = ""
    for name, sort in SORTS.items():
        lines = report.of(name)
        if not lines:
            continue
        if sort.section != section:
            section = sort.section
            yield f"\n{words.sections[section].upper()}"
        yield f"\n{words.figures[name]}"
        yield from aligned(rows(lines, words), words_first=len(sort.by))
    if report.to_review:
        yield f"\n{words.to_review}"
        yield from aligned(replies(report.to_review, words), words_first=5)


def rows(lines: Sequence[Line], words: Words) -> list[list[str]]:
    """Headings, then a row a line; columns in which nothing stands are left out."""
    by = SORTS[lines[0].figure].by
    cells = [words.cells(line) for line in lines]
    told = [name for name in words.columns if any(one[name] not in {"", "-"} for one in cells)] or [
        "value"
    ]
    return [
        [*(words.dims[dim] for dim in by), *(words.columns[name] for name in told)],
        *(
            [*(words.label(dim, line.at[dim]) for dim in by), *(one[name] for name in told)]
            for line, one in zip(lines, cells, strict=True)
        ),
    ]


def replies(drawn: Sequence[Reply], words: Words) -> list[list[str]]:
    """Headings, then a row a reply that somebody is to read again."""
    dims = ("day", "brand", "team", "post", "failed")
    return [
        [words.dims[dim] for dim in dims],
        *(
            [
                one.day.isoformat(),
                one.brand,
                one.team,
                one.post,
                ", ".join(words.label("check", name) for name in one.failed),
            ]
            for one in drawn
        ),
    ]


def aligned(lines: Sequence[Sequence[str]], *, words_first: int) -> Iterator[str]:
    """Words stand left, figures right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (
            cell.ljust(width) if number < words_first else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        yield f"  {'  '.join(cells)}".rstrip()
