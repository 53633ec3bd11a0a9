"""What does a panel show? One question, its unit, and what to do when it is red."""

from typing import Any, NamedTuple

DATASOURCE = {"type": "prometheus", "uid": "$datasource"}
WIDTH = 24
"""Columns of a screen."""
FORMATS = {"table": "table", "heatmap": "heatmap"}
"""How a query's answer is taken, by kind: a heat map's buckets are counts up to a bound."""


class Query(NamedTuple):
    """One query; ``legend`` names its series, ``name`` the column where it is a table's."""

    expr: str
    legend: str = ""
    name: str = ""


class Panel(NamedTuple):
    """One panel; ``red_from`` colours it, ``runbook`` is the alert whose page says what to do."""

    title: str
    about: str
    unit: str
    queries: tuple[Query, ...]
    kind: str = "timeseries"
    wide: int = 6
    high: int = 6
    red_from: float | None = None
    yellow_from: float | None = None
    empty: str = "no data"
    runbook: str = ""


class Row(NamedTuple):
    """Panels beside each other under one heading."""

    title: str
    panels: tuple[Panel, ...]


class Board(NamedTuple):
    """A dashboard; its uid never changes, so that links stay."""

    uid: str
    title: str
    about: str
    rows: tuple[Row, ...]
    variables: tuple[dict[str, Any], ...] = ()


def as_json(board: Board) -> dict[str, Any]:
    """The dashboard as Grafana imports it (schema version 39)."""
    panels, y, number = list[dict[str, Any]](), 0, 1
    for row in board.rows:
        panels.append(_heading(row, number, y))
        x, y, highest, number = 0, y + 1, 0, number + 1
        for panel in row.panels:
            if x + panel.wide > WIDTH:
                x, y, highest = 0, y + highest, 0
            panels.append(_panel(panel, number, (x, y)))
            x, highest, number = x + panel.wide, max(highest, panel.high), number + 1
        y += highest
    return {
        "uid": board.uid,
        "title": board.title,
        "description": board.about,
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "refresh": "30s",
        "tags": ["otklik"],
        "time": {"from": "now-24h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": [_datasource(), *board.variables]},
        "panels": panels,
    }


def variable(name: str, metric: str) -> dict[str, Any]:
    """A choice among the values of a label; all of them to begin with."""
    return {
        "name": name,
        "type": "query",
        "datasource": DATASOURCE,
        "query": f"label_values({metric}, {name})",
        "includeAll": True,
        "multi": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
        "refresh": 2,
        "sort": 1,
    }


def choice(name: str, *values: str) -> dict[str, Any]:
    """A choice among fixed values; the first to begin with."""
    options = [{"text": one, "value": one, "selected": one == values[0]} for one in values]
    return {
        "name": name,
        "type": "custom",
        "query": ",".join(values),
        "options": options,
        "current": options[0],
    }


def _datasource() -> dict[str, Any]:
    return {"name": "datasource", "type": "datasource", "query": "prometheus", "current": {}}


def _heading(row: Row, number: int, y: int) -> dict[str, Any]:
    place = {"x": 0, "y": y, "w": WIDTH, "h": 1}
    return {"id": number, "type": "row", "title": row.title, "gridPos": place, "panels": []}


def _panel(panel: Panel, number: int, place: tuple[int, int]) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    for colour, since in (("yellow", panel.yellow_from), ("red", panel.red_from)):
        if since is not None:
            steps.append({"color": colour, "value": since})
    found: dict[str, Any] = {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "datasource": DATASOURCE,
        "gridPos": {"x": place[0], "y": place[1], "w": panel.wide, "h": panel.high},
        "targets": [_target(n, query, panel) for n, query in enumerate(panel.queries)],
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "noValue": panel.empty,
                "thresholds": {"mode": "absolute", "steps": steps},
            },
            "overrides": [],
        },
        "options": {},
    }
    if panel.runbook:
        url = f"docs/runbooks/{panel.runbook}.md"
        found["links"] = [{"title": "What to do", "url": url, "targetBlank": True}]
    if panel.kind == "timeseries" and panel.red_from is not None:  # else a line shows no threshold
        found["fieldConfig"]["defaults"]["custom"] = {"thresholdsStyle": {"mode": "dashed"}}
    if panel.kind == "table":
        found["transformations"] = [{"id": "merge", "options": {}}]
    return found


def _target(number: int, query: Query, panel: Panel) -> dict[str, Any]:
    at_once = panel.kind in {"stat", "table"}
    return {
        "refId": query.name or chr(ord("A") + number),
        "datasource": DATASOURCE,
        "expr": query.expr,
        "legendFormat": query.legend,
        "instant": at_once,
        "range": not at_once,
        "format": FORMATS.get(panel.kind, "time_series"),
    }
