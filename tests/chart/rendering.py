"""What does Helm make of the chart? Objects of an example, or the words of a refusal."""

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from deploy.ladder.tools import helm

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy/helm/otklik"
EXAMPLES = ROOT / "deploy/examples"
NAMESPACE = "otklik"
Object = dict[str, Any]


class Pod(NamedTuple):
    """A pod that would run: what makes it, its labels and its spec."""

    kind: str
    name: str
    labels: Mapping[str, str]
    spec: Object

    @property
    def container(self) -> Object:
        """The only one."""
        (one,) = self.spec["containers"]
        found: Object = one
        return found

    @property
    def env(self) -> dict[str, Any]:
        """Its environment as the chart writes it."""
        return {one["name"]: one.get("value") for one in self.container.get("env", ())}

    @property
    def ports(self) -> dict[str, int]:
        """Its named ports."""
        return {one["name"]: one["containerPort"] for one in self.container.get("ports", ())}

    @property
    def component(self) -> str:
        """What it is, by its label."""
        return self.labels["app.kubernetes.io/component"]


class Rendered(NamedTuple):
    """All objects of one rendering."""

    name: str
    objects: Sequence[Object]

    def of(self, *kinds: str) -> list[Object]:
        """The objects of these kinds."""
        return [one for one in self.objects if one["kind"] in kinds]

    @property
    def values(self) -> Object:
        """What the example says itself."""
        return values_of(self.name)

    @property
    def pods(self) -> list[Pod]:
        """Every pod that would run, hooks and tests too."""
        return list(_pods(self.objects))

    @property
    def running(self) -> list[Pod]:
        """The pods of the workloads."""
        return [pod for pod in self.pods if pod.kind == "Deployment"]


def _pods(objects: Sequence[Object]) -> Iterator[Pod]:
    for one in objects:
        name = one["metadata"]["name"]
        if one["kind"] == "Pod":
            yield Pod("Pod", name, one["metadata"]["labels"], one["spec"])
        elif one["kind"] in {"Deployment", "Job"}:
            template = one["spec"]["template"]
            yield Pod(one["kind"], name, template["metadata"]["labels"], template["spec"])


def values_of(example: str) -> Object:
    found: Object = yaml.safe_load((EXAMPLES / f"values-{example}.yaml").read_text("utf-8"))
    return found


def selected(selector: Object, pods: Sequence[Pod]) -> list[Pod]:
    """The pods that a label selector means; an empty one means all."""
    return [pod for pod in pods if _matches(selector, pod.labels)]


def _matches(selector: Object, labels: Mapping[str, str]) -> bool:
    same = selector.get("matchLabels", {}).items() <= labels.items()
    said = selector.get("matchExpressions", ())
    return same and all(labels.get(one["key"]) in one["values"] for one in said)


@cache
def render(example: str, *more: str) -> Rendered:
    """An example's objects, rendered once; ``more`` are further arguments of Helm."""
    ran = run(example, *more)
    assert ran.returncode == 0, ran.stderr
    objects = [one for one in yaml.safe_load_all(ran.stdout) if one]
    return Rendered(name=example, objects=objects)


def refusal(example: str, *more: str) -> str:
    """What Helm says against an example with these arguments."""
    ran = run(example, *more)
    assert ran.returncode != 0, f"expected a refusal of {more}, it was rendered"
    return re.sub(r"\s+", " ", ran.stderr)


def run(example: str, *more: str) -> subprocess.CompletedProcess[str]:
    """Helm on an example, with further arguments."""
    values = EXAMPLES / f"values-{example}.yaml"
    return called(helm(), "template", "otklik", CHART, "-n", NAMESPACE, "-f", values, *more)


def helm_install(example: str, *more: str) -> str:
    """What Helm tells the one who installs an example."""
    values = EXAMPLES / f"values-{example}.yaml"
    command = ("install", "otklik", CHART, "-n", NAMESPACE, "-f", values, "--dry-run=client")
    ran = called(helm(), *command, *more)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.partition("NOTES:")[2]


def called(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """What a tool answers."""
    words = list(map(str, command))
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
