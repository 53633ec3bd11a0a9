"""Is what the chart carries the same as what we wrote, and is every value described?

Three inputs that break the easy version: `{{ $labels }}` in a rule is no template of Helm; a
dashboard may be too large for a ConfigMap; a value without a comment is in no README.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from deploy.chart.__main__ import written
from deploy.chart.reference import described
from deploy.ladder.tools import helm, kubectl
from tests.chart.rendering import CHART, EXAMPLES, Rendered, called, render, run

VALUES = (CHART / "values.yaml").read_text("utf-8")
CONFIG_MAP_BYTES = 1 << 20


@pytest.mark.parametrize("path", sorted(written()), ids=lambda path: path.name)
def test_what_is_generated_is_fresh(path: Path) -> None:
    assert path.read_text("utf-8") == written()[path]


def test_the_rules_are_rendered_as_they_are_written(strimzi: Rendered) -> None:
    (one,) = strimzi.of("PrometheusRule")
    files = sorted((CHART / "files/rules").glob("*.yaml"))
    groups = [group for file in files for group in yaml.safe_load(file.read_text())["groups"]]
    assert one["spec"]["groups"] == groups
    assert any("{{ $labels" in json.dumps(group) for group in groups)


def test_the_dashboards_are_rendered_as_they_are_written(strimzi: Rendered) -> None:
    found = {
        name: text
        for one in strimzi.of("ConfigMap")
        if one["metadata"]["labels"].get("grafana_dashboard") == "1"
        for name, text in one["data"].items()
    }
    files = {file.name: file.read_text("utf-8") for file in (CHART / "files/dashboards").iterdir()}
    assert {name: json.loads(text) for name, text in found.items()} == {
        name: json.loads(text) for name, text in files.items()
    }
    assert all(len(text.encode()) < CONFIG_MAP_BYTES for text in found.values())


def test_a_prometheus_finds_rules_and_monitor_by_their_labels(strimzi: Rendered) -> None:
    for one in strimzi.of("PrometheusRule", "PodMonitor"):
        assert one["metadata"]["labels"]["release"] == "kube-prometheus-stack"


def test_monitoring_is_made_only_where_it_is_asked_for() -> None:
    assert not render("minimal").of("PrometheusRule", "PodMonitor")
    assert not any("otklik-pipeline" in str(one) for one in render("minimal").of("ConfigMap"))


def test_every_value_is_described() -> None:
    known = {path for path, _ in described(VALUES)}
    missed = [
        ".".join(path)
        for path in _leaves(yaml.safe_load(VALUES))
        if not any(path[:deep] in known for deep in range(1, len(path) + 1))
    ]
    assert missed == []


def test_the_schema_is_closed_but_for_what_is_the_users_own() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(yaml.safe_load(VALUES), schema)
    assert set(schema["properties"]) == {*yaml.safe_load(VALUES), "global"}
    open_ones = set(_open(schema))
    assert open_ones == {"affinity", "global", "items"}, open_ones


def test_the_first_values_are_those_that_everybody_needs() -> None:
    assert list(yaml.safe_load(VALUES))[:12] == [
        "imageRegistry",
        "image",
        "topicPrefix",
        "kafka",
        "database",
        "policy",
        "brands",
        "auth",
        "ingress",
        "autoscaling",
        "monitoring",
        "networkPolicy",
    ]


def test_no_template_knows_a_workload_by_its_name() -> None:
    names = yaml.safe_load((CHART / "files/workloads.yaml").read_text())
    for path in (CHART / "templates").rglob("*.*"):
        text = path.read_text("utf-8")
        assert not [name for name in names if f'"{name}"' in text], path.name


def test_the_examples_pass_the_strict_lint(rendered: Rendered) -> None:
    values = EXAMPLES / f"values-{rendered.name}.yaml"
    ran = called(helm(), "lint", "--strict", CHART, "-f", values)
    assert ran.returncode == 0, ran.stdout


def test_the_kustomization_patches_what_is_rendered(tmp_path: Path) -> None:
    for file in (EXAMPLES / "kustomize").glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "rendered.yaml").write_text(run("external-kafka").stdout)
    ran = called(kubectl(), "kustomize", tmp_path)
    assert ran.returncode == 0, ran.stderr
    objects = list(yaml.safe_load_all(ran.stdout))
    (one,) = [
        one
        for one in objects
        if one["metadata"]["name"] == "otklik-classify" and one["kind"] == "Deployment"
    ]
    (container,) = one["spec"]["template"]["spec"]["containers"]
    assert container["resources"]["limits"]["memory"] == "1Gi"
    assert one["spec"]["template"]["metadata"]["labels"]["team"] == "care"


def _leaves(value: Any, *above: str) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict) and value:
        for name, one in value.items():
            yield from _leaves(one, *above, name)
    else:
        yield above


def _open(schema: Any, name: str = "") -> Iterator[str]:
    """The objects that take keys of any name and kind."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" and schema.get("additionalProperties", True) is True:
            yield name
        for key, one in schema.items():
            yield from _open(one, key)
