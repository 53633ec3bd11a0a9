"""How does a report look? One page that needs nothing from elsewhere and runs no script."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notify.domain.report import SORTS, Report
from services.notify.reports.charts import charts
from services.notify.reports.table import heading, replies, rows
from services.notify.reports.words import Language, Words

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(report: Report, words: Words, language: Language) -> str:
    """The report as HTML in a language."""
    sections: dict[str, list[tuple[str, int, list[list[str]], list[bool | None]]]] = {}
    for name, sort in SORTS.items():
        lines = report.of(name)
        if lines:
            told = rows(lines, words)
            kept = [line.kept for line in lines]
            sections.setdefault(sort.section, []).append(
                (words.figures[name], len(sort.by), told, kept)
            )
    return _PAGES.get_template("page.html.j2").render(
        lang=language,
        words=words,
        heading=heading(report, words),
        charts=list(charts(report, words)),
        sections=sections,
        to_review=replies(report.to_review, words) if report.to_review else [],
    )
