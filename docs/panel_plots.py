"""How does a dashboard look? Each panel in its place of the grid, drawn of its queries' answers."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from docs.panel_data import MOMENTS, STEP, Panel, Series, Shown, legend, natural
from docs.units import said, ticks

COLUMNS, HEADER = 24, 1.2
INCHES_WIDE, INCHES_HIGH = 0.6, 0.36
"""Of one cell of the grid."""

GAP = 0.1
INK, QUIET, PAPER, PAGE = "#24292f", "#6e7781", "#ffffff", "#eef0f3"
COLOURS = {"green": "#1a7f37", "yellow": "#9a6700", "red": "#c4162a"}
"""Of a threshold; dark enough to be read on white."""

LINES = ("#3274d9", "#e0752d", "#37872d", "#a352cc", "#8f3bb8", "#b58900")
_MIDNIGHTS = [at for at in MOMENTS if at % 86_400 == 0]
_DAYS = [f"{datetime.fromtimestamp(at, UTC):%m/%d}" for at in _MIDNIGHTS]


def drawn(board: Panel, panels: Sequence[Shown], told: str) -> Figure:
    """A dashboard, with a line above that says which history it is of."""
    high = HEADER + max(p["gridPos"]["y"] + p["gridPos"]["h"] for p in board["panels"])
    figure = Figure((COLUMNS * INCHES_WIDE, high * INCHES_HIGH), facecolor=PAGE)
    figure.text(
        0.008, 1 - 0.5 / high, board["title"], size=15, weight="bold", va="center", color=INK
    )
    figure.text(0.992, 1 - 0.5 / high, told, size=10, va="center", ha="right", color=QUIET)
    for panel in board["panels"]:
        if panel["type"] == "row":
            _heading(figure, panel, high)
    for one in panels:
        _panel(figure, one, high)
    return figure


def _heading(figure: Figure, row: Panel, high: float) -> None:
    y = 1 - (HEADER + row["gridPos"]["y"] + 0.6) / high
    figure.text(0.008, y, row["title"], size=12, weight="bold", va="center", color=INK)


def _panel(figure: Figure, one: Shown, high: float) -> None:
    place = one.panel["gridPos"]
    x, wide = (place["x"] + GAP) / COLUMNS, (place["w"] - 2 * GAP) / COLUMNS
    y = 1 - (HEADER + place["y"] + place["h"] - GAP) / high
    tall = (place["h"] - 2 * GAP) / high
    sheet = Rectangle((x, y), wide, tall, transform=figure.transFigure, zorder=-1)
    sheet.set(facecolor=PAPER, edgecolor="#d0d7de", linewidth=0.8)
    figure.add_artist(sheet)
    top = y + tall
    figure.text(x + 0.006, top - 0.55 / high, one.panel["title"], size=11, va="center", color=INK)
    inside = (x, y, wide, tall - 1.0 / high)
    _KINDS[one.panel["type"]](figure, one, inside)


_MIDDLE: Any = {"ha": "center", "va": "center"}
Box = tuple[float, float, float, float]
"""Left, bottom, width and height, as shares of the figure."""


def _empty(figure: Figure, panel: Panel, box: Box) -> None:
    words = panel["fieldConfig"]["defaults"]["noValue"]
    x, y, wide, tall = box
    figure.text(x + wide / 2, y + tall / 2, words, size=13, color=QUIET, **_MIDDLE)


def _stat(figure: Figure, one: Shown, box: Box) -> None:
    """Figures side by side, each in the colour of the last threshold that it has passed."""
    if not one.series:
        _empty(figure, one.panel, box)
        return
    x, y, wide, tall = box
    share, size = wide / len(one.series), 34 if len(one.series) == 1 else 15
    for number, series in enumerate(one.series):
        middle, shade = x + (number + 0.5) * share, colour(one.panel, series.values[0])
        words = said(series.values[0], _unit(one.panel))
        figure.text(middle, y + 0.5 * tall, words, size=size, weight="bold", color=shade, **_MIDDLE)
        name = legend(one.panel, series)
        figure.text(middle, y + 0.25 * tall, name, size=9, color=QUIET, **_MIDDLE)


def colour(panel: Panel, value: float) -> str:
    """What a threshold makes of a figure."""
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    passed = [one for one in steps if one["value"] is None or value >= one["value"]]
    return COLOURS[passed[-1]["color"]]


def _lines(figure: Figure, one: Shown, box: Box) -> None:
    """Lines over time, the threshold dashed where it is within what is drawn."""
    top = max((v for s in one.series for v in s.values if not math.isnan(v)), default=0.0)
    places, words = zip(*ticks(top, _unit(one.panel)), strict=True)
    axes = _axes(figure, box, max(words, key=len))
    axes.set_gid(one.panel["title"])
    for number, series in enumerate(one.series):
        shade = LINES[number % len(LINES)]
        axes.plot(
            list(MOMENTS), series.values, color=shade, lw=1.6, label=legend(one.panel, series)
        )
    axes.set_ylim(0, 1.08 * max(top, places[-1]))
    axes.set_yticks(places, words)
    red = _red_from(one.panel)
    if red is not None and red <= axes.get_ylim()[1]:
        axes.axhline(red, color=COLOURS["red"], lw=1, ls="--", gid="threshold")
    _legend(axes)


def _legend(axes: Axes) -> None:
    found = axes.legend(loc="upper left", ncols=4, fontsize=9, handlelength=1.2, labelcolor=INK)
    found.set_bbox_to_anchor((-0.02, -0.16), axes.transAxes)
    found.set_frame_on(b=False)


def _heat(figure: Figure, one: Shown, box: Box) -> None:
    """How many there are in each bucket, by time."""
    axes = _axes(figure, box, "15 min")
    axes.set_gid(one.panel["title"])
    buckets = sorted(one.series, key=lambda series: natural(series.labels["le"]))
    counts = cells(buckets)
    edges = [*MOMENTS, MOMENTS[-1] + STEP]
    axes.pcolormesh(edges, range(len(counts) + 1), counts, cmap="Oranges")
    axes.set_xlim(edges[0], edges[-1])
    bounds = [series.labels["le"] for series in buckets]
    unit = _unit(one.panel)
    names = [bound if "Inf" in bound else said(float(bound), unit) for bound in bounds]
    axes.set_yticks([n + 1 for n in range(len(names))], names)
    axes.grid(visible=False)


def cells(buckets: Sequence[Series]) -> Sequence[Sequence[float]]:
    """Counts of each bucket alone, of buckets that count all below their bound."""
    below = [[0.0] * len(buckets[0].values), *(one.values for one in buckets)]
    return [[upper - lower for lower, upper in zip(*pair, strict=True)] for pair in pairwise(below)]


def _table(figure: Figure, one: Shown, box: Box) -> None:
    """A row for each set of labels, a column for each query."""
    rows = table(one)
    if len(rows) == 1:
        _empty(figure, one.panel, box)
        return
    x, y, wide, tall = box
    step = min(0.14, 0.8 / len(rows)) * tall
    for down, row in enumerate(rows):
        for column, words in enumerate(row):
            figure.text(
                x + 0.012 + column * (wide - 0.012) / len(row),
                y + tall - (down + 0.6) * step,
                words,
                size=11,
                weight="normal" if down else "bold",
                va="center",
                color=INK,
            )


def table(one: Shown) -> Sequence[Sequence[str]]:
    """The cells as words, the names of the columns first."""
    queries = [target["refId"] for target in one.panel["targets"]]
    labels = list(one.series[0].labels) if one.series else []
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for series in one.series:
        row = found.setdefault(tuple(series.labels.values()), {})
        row[series.query] = said(series.values[0], _unit(one.panel))
    empty = one.panel["fieldConfig"]["defaults"]["noValue"]
    rows = [[*key, *(cell.get(query, empty) for query in queries)] for key, cell in found.items()]
    return [[*labels, *queries], *rows]


_KINDS = {"stat": _stat, "timeseries": _lines, "heatmap": _heat, "table": _table}


def _axes(figure: Figure, box: Box, widest: str) -> Axes:
    """Axes with room for the widest word on the left and a legend below."""
    x, y, wide, tall = box
    left = 0.012 + 0.0054 * len(widest)
    axes: Axes = figure.add_axes((x + left, y + 0.3 * tall, wide - left - 0.012, 0.66 * tall))
    axes.set_xlim(MOMENTS[0], MOMENTS[-1])
    axes.set_xticks(_MIDNIGHTS, _DAYS)
    axes.tick_params(labelsize=9, colors=QUIET, length=0)
    axes.grid(visible=True, color="#e6e8eb", lw=0.7)
    for side in axes.spines.values():
        side.set_visible(False)
    return axes


def _unit(panel: Panel) -> str:
    return str(panel["fieldConfig"]["defaults"]["unit"])


def _red_from(panel: Panel) -> float | None:
    steps: Any = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    return next((float(one["value"]) for one in steps if one["color"] == "red"), None)
