"""Each rule fires and stays silent, by promtool; names and labels are those that services export.

The inputs that break the easy version: a metric that was renamed; a label that nobody exports, so
that a rule is silent for ever; an alert without a page, or a page without an alert; a rule that is
only ever seen firing.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local import prometheus
from tests.closed_sets import catalogue

RULES = Path("deploy/helm/otklik/files/rules/otklik.yaml")
TESTS = sorted(Path("tests/rules").glob("*.yaml"))
PAGES = Path("docs/runbooks")
HEADINGS = ["## Customers affected", "## Can it wait?", "## First command", "## Then"]
OF_A_SCRAPE = {"namespace", "pod", "instance", "le"}
"""What a scrape adds to every series, or a histogram to its own."""

GROUPS = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
ALERTS = {r["alert"]: r for group in GROUPS for r in group["rules"] if "alert" in r}
RECORDED = {r["record"]: r for group in GROUPS for r in group["rules"] if "record" in r}


def exported() -> dict[str, set[str]]:
    """Every series of the catalogue with its labels, as docs/metrics.md has them."""
    found: dict[str, set[str]] = {}
    for name, (kind, known) in catalogue().items():
        names = [f"{name}_{part}" for part in ("bucket", "count", "sum")]
        found |= dict.fromkeys(names if kind == "histogram" else [name], known)
    return found


def wanted(expression: str) -> Iterator[tuple[str, set[str]]]:
    """The metrics that an expression asks for, each with the labels that it matches on."""
    for name, matchers in re.findall(r"\b(otklik_\w+)(?:\{([^}]*)\})?", expression):
        yield name, set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))


def grouped(expression: str) -> set[str]:
    lists = re.findall(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)", expression)
    return {label.strip() for one in lists for label in one.split(",") if label.strip()}


def cases() -> Iterator[dict[str, Any]]:
    for file in TESTS:
        yield from yaml.safe_load(file.read_text(encoding="utf-8"))["tests"]


def test_promtool_reads_the_rules_and_every_test_holds() -> None:
    tool = str(prometheus.program_of("promtool"))

    for command in (["check", "rules", str(RULES)], ["test", "rules", *map(str, TESTS)]):
        done = subprocess.run([tool, *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", [*ALERTS, *RECORDED])
def test_a_rule_asks_for_what_services_export(name: str) -> None:
    known = exported()
    expression = str((ALERTS | RECORDED)[name]["expr"])
    asked = list(wanted(expression))

    labels = set(OF_A_SCRAPE)
    for metric, matched in asked:
        assert metric in known, f"{metric} is in no catalogue"
        assert matched <= known[metric] | OF_A_SCRAPE, f"{metric} has no such label"
        labels |= known[metric]
    for recorded in re.findall(r"\b(otklik:[\w:]+)", expression):
        assert recorded in RECORDED
        labels |= {"brand", "team"}
    assert grouped(expression) <= labels


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_is_seen_firing_and_seen_silent(name: str) -> None:
    seen = [
        bool(case["exp_alerts"])
        for one in cases()
        for case in one["alert_rule_test"]
        if case["alertname"] == name
    ]
    assert set(seen) == {True, False}, (
        f"{name} is seen {'firing' if True in seen else 'silent'} only"
    )


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_for_whom_it_is_and_has_a_page(name: str) -> None:
    alert, page = ALERTS[name], PAGES / f"{name}.md"

    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert alert["labels"]["audience"] in {"sre", "care"}
    assert alert["annotations"]["runbook"] == str(page)
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^## .*$", text, flags=re.M) == HEADINGS
    told = set(re.findall(r"\$labels\.(\w+)", alert["annotations"]["summary"]))
    assert told <= set().union(*exported().values()), "a label that no series has"


def test_no_page_is_of_an_alert_that_is_gone() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} == set(ALERTS)


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda one: one.stem)
def test_the_first_command_of_a_page_exists(page: Path) -> None:
    (command,) = re.findall(r"^```sh\n(.*?)\n```$", page.read_text("utf-8"), flags=re.M | re.S)
    if not command.startswith("python -m "):
        assert command.startswith("curl -s ")
        return
    words = command.split()[2:]
    module, given = words[0], [w for w in words[1:] if not w.startswith(("-", "$", "+"))]
    chosen = [w for w in given if re.fullmatch(r"[a-z-]+", w)]

    done = subprocess.run(
        [".venv/bin/python", "-m", module, *chosen, "--help"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    for option in re.findall(r"--[a-z-]+", command):
        assert option in done.stdout
