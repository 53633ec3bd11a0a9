"""Every panel shows what is known, on a real Prometheus: of a healthy day and of a burning one.

The inputs that break the easy version: a second replica whose gauges would be added; the figures of
another period; actual and previous swapped; a counter's own value instead of its increase; a metric
that was renamed, which Prometheus answers with success and nothing.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

from deploy.observe.__main__ import FOLDER, written
from docs import plots
from docs.panel_data import VARIABLES, Shown, digest, shown
from docs.panel_plots import drawn, table
from docs.units import said
from tests.history import END
from tests.integration.test_rules import ALERTS, PAGES, RECORDED, exported, wanted

NOTHING_IS_NONE = {"Silent sources", "Promises broken and open", "At risk"}
"""Panels whose count is 0 where no series says anything: nothing silent, nothing broken."""

Seen = dict[str, float]
"""A query's answer: what its legend tells of a series, and the value."""

KNOWN: dict[str, dict[str, tuple[Seen, Seen]]] = {
    "Canary age": {
        "A": (
            {"ingest": 20, "classify": 20, "route": 21, "channel": 22, "notify": 21},
            {"ingest": 20, "classify": 25, "route": 1500, "channel": 1501, "notify": 1500},
        )
    },
    "Age of the figures": {"A": ({"": 10}, {"": 900})},
    "Oldest alert on its way": {"A": ({"": 0}, {"": 600})},
    "Silent sources": {"A": ({"": 0}, {"": 1})},
    "Alerts held": {"A": ({"": 0}, {"": 1})},
    "Promises broken and open": {"A": ({"": 0}, {"": 6})},
    "At risk": {"A": ({"": 1}, {"": 3})},
    "Hours without anybody": {"A": ({"": 0}, {"": 2.5})},
    "Oldest unanswered over its target": {"A": ({"": 0.4}, {"": 3})},
    "Answered within 1 h, 6 h, 24 h": {
        "goal": ({"1h": 0.65, "6h": 0.85, "24h": 0.95}, {"1h": 0.65, "6h": 0.85, "24h": 0.95}),
        "actual": ({"1h": 0.70, "6h": 0.90, "24h": 0.98}, {"1h": 0.41, "6h": 0.78, "24h": 0.95}),
        "previous": ({"1h": 0.55, "6h": 0.78, "24h": 0.93}, {"1h": 0.55, "6h": 0.78, "24h": 0.93}),
        "gap": ({"1h": 0.05, "6h": 0.05, "24h": 0.03}, {"1h": -0.24, "6h": -0.07, "24h": 0.0}),
    },
    "Of how many": {
        "all": ({"1h": 100, "6h": 100, "24h": 100}, {"1h": 100, "6h": 100, "24h": 100})
    },
    "Brands and teams": {
        "broken": ({"acme care": 0, "acme fraud": 0}, {"acme care": 4, "acme fraud": 2}),
        "at_risk": ({"acme care": 1, "acme fraud": 0}, {"acme care": 2, "acme fraud": 1}),
        "oldest": ({"acme care": 0.4, "acme fraud": 0.1}, {"acme care": 3, "acme fraud": 1.5}),
    },
    "Open cases by age": {"A": ({"1h": 3, "older": 0}, {"1h": 3, "older": 9})},
    "Verdicts an hour": {"A": ({"met": 20, "breached": 1}, {"met": 5, "breached": 30})},
    "Answer times, answered only": {
        "A": ({"300.0": 5, "900.0": 9, "+Inf": 10}, {"300.0": 0.5, "900.0": 1, "+Inf": 17.5})
    },
    "How far behind": {"A": ({"route classified.v1": 0.2}, {"route classified.v1": 300})},
    "Put aside": {"A": ({"classify not_json": 0}, {"classify not_json": 12})},
    "From alert to phone, p95": {"A": ({"night": 0.95}, {"night": 28.55})},
    "Requests by outcome": {
        "A": ({"accepted": 2, "unavailable": 0}, {"accepted": 1, "unavailable": 1})
    },
    "Posts by source": {"A": ({"vk": 2}, {"vk": 1})},
    "From posted to received, p95": {"A": ({"vk": 57}, {"vk": 3423})},
    "Answer to a request, p95": {"A": ({"vk": 0.095}, {"vk": 9.505})},
    "Waits on disk": {"A": ({"rss": 0}, {"rss": 4096})},
    "Since a polled source was read": {"A": ({"rss": 30}, {"rss": 7200})},
    "A batch, p95": {"A": ({"route": 0.95}, {"route": 28.55})},
    "Batches tried again": {"A": ({"route": 0}, {"route": 60})},
    "Types from the future": {"A": ({"route": 0}, {"route": 5})},
    "Alerts by kind": {"A": ({"case": 4}, {"case": 1})},
    "Records a second": {"A": ({"route": 2}, {"route": 0.5})},
    "From a record's arrival to its outputs, p95": {"A": ({"route": 0.95}, {"route": 28.55})},
    "The database's share, p95": {"A": ({"route": 0.095}, {"route": 0.955})},
    "Records that wait": {"A": ({"route classified.v1": 3}, {"route classified.v1": 9000})},
    "Since the last progress": {"A": ({"route": 5}, {"route": 900})},
    "Events that wait for the broker": {"A": ({"route": 1}, {"route": 500})},
    "Partitions that stand still": {"A": ({"notify bug": 0}, {"notify bug": 2})},
    "Assignments of partitions": {"A": ({"route": 0}, {"route": 6})},
    "Files that are refused": {"A": ({"route policy": 1}, {"route policy": 0})},
    "Attempts by channel": {
        "A": (
            {"night delivered": 30, "night failed": 0},
            {"night delivered": 0, "night failed": 120},
        )
    },
    "Channels that are left alone": {"A": ({"night": 0}, {"night": 1})},
    "Tones": {"A": ({"negative": 60, "positive": 30}, {"negative": 600, "positive": 30})},
    "Languages": {"A": ({"ru": 60, "bg": 30}, {"ru": 600, "bg": 30})},
    "Urgency": {"A": ({"2": 60, "0": 30}, {"2": 600, "0": 30})},
    "Dispositions": {"A": ({"answer_here": 50, "listen": 40}, {"answer_here": 5, "listen": 40})},
    "Cases opened": {"A": ({"high": 10}, {"high": 100})},
    "What people put right": {
        "A": ({"urgency ru": 1, "disposition bg": 2}, {"urgency ru": 20, "disposition bg": 2})
    },
    "What people command": {"A": ({"claim": 8, "override": 2}, {"claim": 1, "override": 40})},
}
IN_SECONDS = {
    "Canary age",
    "Age of the figures",
    "Oldest alert on its way",
    "Answer times, answered only",
    "How far behind",
    "From alert to phone, p95",
    "From posted to received, p95",
    "From a record's arrival to its outputs, p95",
    "The database's share, p95",
    "Answer to a request, p95",
    "A batch, p95",
    "Since a polled source was read",
    "Since the last progress",
}
SHARES = {"Oldest unanswered over its target", "Answered within 1 h, 6 h, 24 h"}
A_SECOND = {"Requests by outcome": "reqps", "Posts by source": "cps", "Records a second": "cps"}
UNITS = {**dict.fromkeys(IN_SECONDS, "s"), **dict.fromkeys(SHARES, "percentunit"), **A_SECOND}
UNITS |= {"Hours without anybody": "h", "Waits on disk": "bytes"}
"""What a figure is in; any other panel counts."""
BOARDS = {path.stem: json.loads(text) for path, text in written().items()}
PANELS = {
    panel["title"]: panel
    for board in BOARDS.values()
    for panel in board["panels"]
    if panel["type"] != "row"
}
TARGETS = [(title, query["refId"]) for title, panel in PANELS.items() for query in panel["targets"]]


@pytest.fixture(scope="module", params=["healthy", "broken"])
def history(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[int, str]]:
    """Which of the two days it is, and where Prometheus tells of it."""
    folder, broken = tmp_path_factory.mktemp(request.param), plots.HISTORIES[request.param]
    with plots.history(folder, broken=broken) as url:
        yield int(broken), url


def expression(title: str, name: str) -> str:
    (query,) = [one for one in PANELS[title]["targets"] if one["refId"] == name]
    found = str(query["expr"])
    for variable, value in VARIABLES.items():
        found = found.replace(variable, value)
    return found


def answer(url: str, query: str) -> Seen:
    with httpx.Client(trust_env=False) as client:
        asked = {"query": query, "time": str(END.timestamp())}
        said: Mapping[str, Any] = client.get(f"{url}/api/v1/query", params=asked).json()
    assert said["status"] == "success", said
    return {
        " ".join(value for key, value in sorted(one["metric"].items())): float(one["value"][1])
        for one in said["data"]["result"]
    }


@pytest.mark.parametrize(("title", "name"), TARGETS)
def test_a_panel_shows_what_is_known(history: tuple[int, str], title: str, name: str) -> None:
    which, url = history

    seen = answer(url, expression(title, name))

    known = {_sorted(label): value for label, value in KNOWN[title][name][which].items()}
    assert {_sorted(label) for label in seen} == set(known)
    for label, value in seen.items():
        assert value == pytest.approx(known[_sorted(label)], rel=0.01, abs=1e-9), label


def _sorted(label: str) -> str:
    return " ".join(sorted(label.split()))


def test_every_panel_is_known_and_tells_the_two_days_apart() -> None:
    assert {title: set(known) for title, known in KNOWN.items()} == {
        title: {query["refId"] for query in panel["targets"]} for title, panel in PANELS.items()
    }
    same = [title for title, known in KNOWN.items() if all(a == b for a, b in known.values())]
    assert same == ["Of how many"]


@pytest.mark.parametrize("title", PANELS)
def test_a_panel_has_a_unit_a_description_and_asks_for_what_is_exported(title: str) -> None:
    panel, known = PANELS[title], exported()
    defaults = panel["fieldConfig"]["defaults"]

    assert panel["description"]
    assert defaults["unit"] == UNITS.get(title, "short")
    assert defaults["noValue"]
    assert panel["datasource"]["uid"] == "$datasource"
    for query in panel["targets"]:
        for metric, labels in wanted(query["expr"]):
            assert metric in known, f"{metric} is in no catalogue"
            assert labels <= known[metric]
        assert ("vector(0)" in query["expr"]) == (title in NOTHING_IS_NONE)
        for window in re.findall(r"\brate\([^\[]*\[([^\]]*)\]", query["expr"]):
            assert window in {"$__rate_interval", "1h"}
    for link in panel.get("links", ()):
        assert Path(link["url"]).parent == PAGES
        assert Path(link["url"]).exists()


ASKED_BY_HAND = {
    "otklik_classify_confidence": "how sure a judge is, when another is tried",
    "otklik_classify_disagreement_total": "how a second opinion differs (docs/second-opinion.md)",
    "otklik_classify_second_opinion_seconds": "what a second opinion costs",
    "otklik_classify_second_opinion_total": "how often a second opinion was had",
    "otklik_drill_decisions_total": "that a drill came through (docs/drill.md)",
    "otklik_drill_posts_total": "that a drill was let in",
}
"""Metrics that no screen and no rule shows, and what somebody asks them."""


def test_no_metric_is_unused_without_a_reason() -> None:
    expressions = [query["expr"] for panel in PANELS.values() for query in panel["targets"]]
    expressions += [str(rule["expr"]) for rule in (ALERTS | RECORDED).values()]
    used = {name for one in expressions for name, _ in wanted(one)}

    unused = {re.sub(r"_(bucket|count|sum)$", "", name) for name in exported().keys() - used}
    shown = {re.sub(r"_(bucket|count|sum)$", "", name) for name in used}
    assert unused - shown == ASKED_BY_HAND.keys()


@pytest.mark.parametrize("board", BOARDS.values(), ids=list(BOARDS))
def test_a_screen_has_no_two_panels_in_one_place(board: Mapping[str, Any]) -> None:
    taken = set[tuple[int, int]]()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    assert board["schemaVersion"] == 39


def test_the_committed_screens_are_fresh() -> None:
    for path, text in written().items():
        assert path.read_text(encoding="utf-8") == text
    assert {path.name for path in FOLDER.glob("*.json")} == {path.name for path in written()}


@pytest.mark.parametrize("board", BOARDS.values(), ids=list(BOARDS))
def test_a_picture_is_of_the_numbers_that_the_queries_give(
    history: tuple[int, str], board: Mapping[str, Any]
) -> None:
    which, url = history

    panels = shown(url, board)

    file = plots.picture(board["uid"], list(plots.HISTORIES)[which])
    assert plots.digest_in(file) == digest(panels), "stale; draw it with python -m docs.plots"
    assert file.stat().st_size < 300_000
    figure = drawn(board, panels, "")
    for one in panels:
        assert one.series, one.panel["title"]
        assert_drawn(figure, one)


def assert_drawn(figure: Figure, one: Shown) -> None:
    words = [text.get_text() for text in figure.texts]
    axes = [each for each in figure.axes if each.get_gid() == one.panel["title"]]
    match one.panel["type"]:
        case "timeseries":
            lines = [line for line in axes[0].lines if line.get_gid() != "threshold"]
            assert [[*np.asarray(line.get_ydata())] for line in lines] == [
                list(series.values) for series in one.series
            ]
        case "heatmap":
            (mesh,) = (each for each in axes[0].collections if isinstance(each, QuadMesh))
            counts = np.asarray(mesh.get_array()).sum()
            assert counts == pytest.approx(sum(one.series[-1].values))
        case "stat":
            unit = one.panel["fieldConfig"]["defaults"]["unit"]
            assert {said(series.values[0], unit) for series in one.series} <= set(words)
        case _:
            assert {cell for row in table(one) for cell in row} <= set(words)


def test_every_picture_is_of_a_screen_and_on_the_page() -> None:
    page = Path("docs/dashboards.md").read_text(encoding="utf-8")
    wanted = {plots.picture(uid, which) for uid in BOARDS for which in plots.HISTORIES}

    assert set(plots.FOLDER.iterdir()) == wanted
    assert all(f"(dashboards/{file.name})" in page for file in wanted)
