"""What does a panel show of a history? Its own queries, asked of a real Prometheus."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import httpx

from tests.history import END, HOURS

VARIABLES = {"$brand": ".*", "$team": ".*", "$period": "24h", "$__rate_interval": "30m"}
"""What a reader chooses at the top, as it stands to begin with."""

STEP = 1800
"""Seconds between two points of a line."""

MOMENTS = range(int(END.timestamp()) - (HOURS - 1) * 3600, int(END.timestamp()) + 1, STEP)
"""The first hour has no hour before it."""

Panel = Mapping[str, Any]
"""As the dashboard's JSON has it."""


class Series(NamedTuple):
    """One series of one query: a value for each moment, or the one of now; NaN where is none."""

    query: str
    labels: Mapping[str, str]
    values: Sequence[float]


class Shown(NamedTuple):
    """A panel and what its queries gave."""

    panel: Panel
    series: Sequence[Series]

    def named(self, query: str) -> Sequence[Series]:
        """What one of its queries gave."""
        return [one for one in self.series if one.query == query]


def shown(url: str, board: Mapping[str, Any]) -> Sequence[Shown]:
    """Every panel of a dashboard, asked in one go."""
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    with httpx.Client(trust_env=False, base_url=f"{url}/api/v1") as client:
        return [Shown(panel, list(_asked(client, panel))) for panel in panels]


def expression(target: Mapping[str, Any]) -> str:
    """A query without variables."""
    found = str(target["expr"])
    for variable, value in VARIABLES.items():
        found = found.replace(variable, value)
    return found


def legend(panel: Panel, series: Series) -> str:
    """What a series is called below its panel."""
    (target,) = [one for one in panel["targets"] if one["refId"] == series.query]
    words = str(target["legendFormat"])
    return re.sub(r"{{(\w+)}}", lambda found: series.labels.get(found[1], ""), words).strip()


def digest(panels: Sequence[Shown]) -> str:
    """What tells two pictures' numbers apart: four figures of each."""
    told = [
        (one.panel["title"], each.query, sorted(each.labels.items()), [f"{v:.4g}" for v in values])
        for one in panels
        for each in one.series
        for values in (each.values,)
    ]
    return sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _asked(client: httpx.Client, panel: Panel) -> Iterator[Series]:
    for target in panel["targets"]:
        found = _now(client, target) if target["instant"] else _over_time(client, target)
        yield from sorted(found, key=lambda one: [*map(natural, one.labels.values())])


def natural(text: str) -> tuple[float, str]:
    """Order numbers by size, as in ``1h, 6h, 24h``, then words; infinity is the largest."""
    found = re.match(r"\+Inf|[\d.]+", text)
    return (float(found[0]) if found else math.inf, text)


def _now(client: httpx.Client, target: Mapping[str, Any]) -> Iterator[Series]:
    asked = {"query": expression(target), "time": str(END.timestamp())}
    for one in _result(client, "/query", asked):
        yield Series(target["refId"], _labels(one), [float(one["value"][1])])


def _over_time(client: httpx.Client, target: Mapping[str, Any]) -> Iterator[Series]:
    times = {"start": str(MOMENTS[0]), "end": str(MOMENTS[-1]), "step": str(STEP)}
    for one in _result(client, "/query_range", {"query": expression(target), **times}):
        at = {int(moment): float(value) for moment, value in one["values"]}
        values = [at.get(moment, math.nan) for moment in MOMENTS]
        yield Series(target["refId"], _labels(one), values)


def _labels(one: Mapping[str, Any]) -> Mapping[str, str]:
    return {name: value for name, value in sorted(one["metric"].items()) if name != "__name__"}


def _result(client: httpx.Client, path: str, asked: Mapping[str, str]) -> Sequence[Any]:
    answer = client.get(path, params=dict(asked))
    found: Sequence[Any] = answer.raise_for_status().json()["data"]["result"]
    return found
