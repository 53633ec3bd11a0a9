"""What does a panel say, from when on is it red, and what then? The page beside the pictures."""

from collections.abc import Iterator

from deploy.observe.__main__ import BOARDS
from deploy.observe.panels import Board, Panel
from docs.units import plain, said

_INTRODUCTION = """\
Three screens for Grafana, made by `deploy/observe`; import them from
`deploy/helm/otklik/files/dashboards`. The pictures are no screenshots: `make plots` draws
what a real Prometheus answers to the panels' own queries, on three days of made-up history: a
healthy one, and one that begins to burn on the last evening. A test compares the numbers.
""".splitlines()


def lines() -> Iterator[str]:
    """The page: both pictures of each dashboard, and a row for each of its panels."""
    yield from _INTRODUCTION
    for board in BOARDS:
        yield from ("", f"## {board.title.removeprefix('Otklik: ').capitalize()}", "", board.about)
        for which in ("healthy", "broken"):
            name = f"{board.uid}-{which}"
            yield from ("", f"![{board.title}, {which}](dashboards/{name}.svg)")
        yield from ("", *_table(board))


def _table(board: Board) -> Iterator[str]:
    yield "| panel | what it says | in | yellow from | red from | when it is red |"
    yield "|---|---|---|---|---|---|"
    for row in board.rows:
        yield from map(_row, row.panels)


def _row(panel: Panel) -> str:
    page = f"[{panel.runbook}](runbooks/{panel.runbook}.md)" if panel.runbook else ""
    since = (panel.yellow_from, panel.red_from)
    words = ["" if one is None else plain(said(one, panel.unit)) for one in since]
    cells = (panel.title, panel.about, _UNITS[panel.unit], *words, page)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


_UNITS = {
    "s": "seconds",
    "h": "hours",
    "percentunit": "%",
    "reqps": "requests per second",
    "cps": "per second",
    "short": "a count",
    "bytes": "bytes",
}
