"""Rules at another pace are the same rules: each wait is shorter, and nothing else differs.

The inputs that break the easy version: a threshold in seconds that is a metric; a share that looks
like a duration; a rule whose age was changed in the file; a new rule on seconds that nobody listed.
"""

import re
from pathlib import Path

import pytest
import yaml

from tests.faults.paced_rules import AGES, NO_AGES, alerts_of, paced

RULES = Path("deploy/helm/otklik/files/rules/otklik.yaml").read_text(encoding="utf-8")
ONE = """
groups:
  - name: some
    interval: 30s
    rules:
      - {record: "a:b:5m", expr: "sum(increase(otklik_a_total{outcome='x5m'}[5m])) / 2 > 0.0144"}
      - {alert: OtklikSourceSilent, for: 10m, labels: {severity: ticket}, expr: "time() - a >
          max by (brand, source) (otklik_source_expected_interval_seconds)"}
      - {alert: Other, expr: "rate(b[1h] offset 15m) > 60 and last_over_time(b[1d]) > 120"}
"""
DURATIONS = {
    "1m": "60000ms",
    "2m": "120000ms",
    "5m": "300000ms",
    "10m": "600000ms",
    "15m": "900000ms",
    "1h": "3600000ms",
    "6h": "21600000ms",
    "1d": "86400000ms",
}


def test_waits_are_shorter_and_nothing_else_is() -> None:
    recorded, silent, other = yaml.safe_load(paced(ONE, 30))["groups"][0]["rules"]

    assert yaml.safe_load(paced(ONE, 30))["groups"][0]["interval"] == "1000ms"
    assert recorded["record"] == "a:b:5m"
    assert recorded["expr"] == "sum(increase(otklik_a_total{outcome='x5m'}[10000ms])) / 2 > 0.0144"
    assert silent["for"] == "20000ms"
    assert silent["labels"] == {"severity": "ticket"}
    assert silent["expr"].endswith("(otklik_source_expected_interval_seconds) / 30")
    assert other["expr"] == (
        "rate(b[120000ms] offset 30000ms) > 60 and last_over_time(b[2880000ms]) > 120"
    )
    assert "for" not in other


def test_at_the_pace_of_life_the_rules_are_the_files() -> None:
    as_written = yaml.safe_load(RULES)["groups"]
    at_one = yaml.safe_load(paced(RULES, 1))["groups"]

    for group, same in zip(as_written, at_one, strict=True):
        for rule, copy in zip(group["rules"], same["rules"], strict=True):
            assert {**rule, "expr": "", "for": ""} == {**copy, "expr": "", "for": ""}
            assert in_milliseconds(rule["expr"]) == copy["expr"].replace(" / 1", "")
            assert in_milliseconds(rule.get("for", "")) == copy.get("for", "")


def in_milliseconds(text: str) -> str:
    """Written out by hand: every duration that the file has today, each as what it is."""
    for duration, same in DURATIONS.items():
        text = re.sub(rf"\b{duration}\b(?=[\])]|$)", same, text)
    return text


def test_an_age_that_the_file_no_longer_has_is_an_error() -> None:
    with pytest.raises(ValueError, match="OtklikLagGrows"):
        paced(RULES.replace("(otklik_lag_seconds) > 60", "(otklik_lag_seconds) > 90"), 30)


def test_every_rule_on_seconds_is_listed_with_its_age_or_as_none() -> None:
    on_seconds = {
        rule["alert"]
        for rule in alerts_of(RULES)
        if re.search(r"\botklik_\w+_seconds(_bucket)?\b", rule["expr"])
    }

    assert on_seconds == {*AGES, *NO_AGES}
