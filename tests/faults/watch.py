"""Who is told by Prometheus and Alertmanager of a running installation? Both are real.

Labels that a scrape on Kubernetes adds (namespace, pod) are given to each target. Time is shorter:
scrapes, evaluations and every wait in the rules by the same pace.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from deploy.demo.stack import Stack
from deploy.local import alertmanager, prometheus
from deploy.local.ready_server import Server
from schemas.topics import SERVICES
from tests.faults.paced_rules import paced
from tests.provider import Provider

PACE = 30
"""So many seconds of a rule are one here: two scrapes a minute are one a second."""
RULES = Path("deploy/helm/otklik/files/rules/otklik.yaml")
RECEIVER = "/watch"
NAMESPACE = "shop"
_FOR_WHOM = ("alertname", "severity", "audience")


class Told(NamedTuple):
    """What the receiver was sent of one alert: its name, what it is of, and for whom it is."""

    alert: str
    of: str
    severity: str
    audience: str


class News(NamedTuple):
    """One message of Alertmanager's about one alert."""

    told: Told
    firing: bool


class Watch:
    """Prometheus on that stack, and what the receiver of its Alertmanager was told."""

    def __init__(self, server: Server, receiver: Provider) -> None:
        self._url, self._receiver = server.url, receiver

    def news(self) -> Sequence[News]:
        """All that came, in order."""
        return [
            News(told_of(one["labels"]), one["status"] == "firing")
            for sent in self._receiver.log()
            if sent.path == RECEIVER
            for one in sent.json["alerts"]
        ]

    def firing(self) -> set[Told]:
        """What is told of and not over, as the receiver knows it."""
        last = {one.told: one.firing for one in self.news()}
        return {told for told, fires in last.items() if fires}

    async def active(self) -> set[Told]:
        """What Prometheus has in hand: alerts that fire, and those that still wait to."""
        said = await self._ask("alerts")
        return {told_of(one["labels"]) for one in said["alerts"]}

    async def value(self, query: str) -> float:
        """What a query gives that has one answer; 0 where it has none."""
        said = await self._ask("query", query=query)
        return sum(float(one["value"][1]) for one in said["result"])

    async def _ask(self, path: str, **about: str) -> Mapping[str, Any]:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"{self._url}/api/v1/{path}", params=about)
        found: Mapping[str, Any] = answer.raise_for_status().json()["data"]
        return found


def told_of(labels: Mapping[str, str]) -> Told:
    """The alert that has these labels."""
    of = {name: value for name, value in sorted(labels.items()) if name not in _FOR_WHOM}
    words = " ".join(f"{name}={value}" for name, value in of.items())
    return Told(labels["alertname"], words, labels["severity"], labels["audience"])


@contextmanager
def watching(stack: Stack, receiver: Provider, folder: Path) -> Iterator[Watch]:
    """Both servers on a running stack; the receiver hears of every alert by itself, at once."""
    rules = folder / "rules.yaml"
    rules.write_text(paced(RULES.read_text(encoding="utf-8"), PACE), encoding="utf-8")
    sink = alertmanager.start(folder, _telling(f"{receiver.address}{RECEIVER}"))
    try:
        settings = _watching(stack.addresses, rules, sink.url)
        server = prometheus.start(folder, folder / "data", settings)
        try:
            yield Watch(server, receiver)
        finally:
            server.stop()
    finally:
        sink.stop()


def _telling(url: str) -> Mapping[str, Any]:
    route = {"receiver": "watch", "group_by": ["..."], "group_wait": "0s", "group_interval": "1s"}
    hook = {"url": url, "send_resolved": True}
    return {"route": route, "receivers": [{"name": "watch", "webhook_configs": [hook]}]}


def _watching(addresses: Mapping[str, str], rules: Path, sink: str) -> Mapping[str, Any]:
    targets = [_target(name, addresses[name].removeprefix("http://")) for name in SERVICES]
    told = {"static_configs": [{"targets": [sink.removeprefix("http://")]}]}
    return {
        "global": {
            "scrape_interval": f"{30 // PACE}s",
            "scrape_timeout": f"{30 // PACE}s",
            "evaluation_interval": f"{30 // PACE}s",
        },
        "rule_files": [str(rules)],
        "alerting": {"alertmanagers": [told]},
        "scrape_configs": [{"job_name": "otklik", "static_configs": targets}],
    }


def _target(name: str, address: str) -> Mapping[str, Any]:
    return {"targets": [address], "labels": {"namespace": NAMESPACE, "pod": f"{name}-0"}}
