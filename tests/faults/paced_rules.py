"""How do the rules of Prometheus fire within a minute? Each wait in them is so many times shorter.

Nothing else changes: names, metrics, labels, shares and counts stay as they are in the file.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

AGES = {
    "OtklikStandsStill": "> 120",
    "OtklikAlertsReachNobody": "> 120",
    "OtklikFiguresAreOld": "> 180",
    "OtklikSourceSilent": "> max by (brand, source) (otklik_source_expected_interval_seconds)",
    "OtklikLagGrows": "> 60",
    "OtklikCanaryLost": "> 300",
}
"""How old something must be, by rule: as a wait it is shortened too."""

NO_AGES = frozenset({"OtklikClocksLate"})
"""Rules on seconds that are no wait: how late an announcement is follows from the real pipeline."""

Rule = Mapping[str, Any]

_MILLISECONDS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION = re.compile(r"\b(\d+)([smhd])\b")
_IN_EXPRESSION = re.compile(r"\[\w+\]|\boffset \w+")


def paced(rules: str, pace: int) -> str:
    """The file's rules with every wait so many times shorter."""
    groups = yaml.safe_load(rules)["groups"]
    return yaml.safe_dump({"groups": [_group(one, pace) for one in groups]}, sort_keys=False)


def alerts_of(rules: str) -> Iterator[Rule]:
    """The alerts of a file, without what is only recorded."""
    for group in yaml.safe_load(rules)["groups"]:
        yield from (rule for rule in group["rules"] if "alert" in rule)


def _group(group: Mapping[str, Any], pace: int) -> dict[str, Any]:
    own = {"interval": _shorter(group["interval"], pace)} if "interval" in group else {}
    return {**group, **own, "rules": [_rule(one, pace) for one in group["rules"]]}


def _rule(rule: Rule, pace: int) -> dict[str, Any]:
    own = {"for": _shorter(rule["for"], pace)} if "for" in rule else {}
    return {**rule, **own, "expr": _expression(rule, pace)}


def _expression(rule: Rule, pace: int) -> str:
    expression, age = str(rule["expr"]), AGES.get(rule.get("alert", ""))
    if age is not None:
        if expression.count(age) != 1:
            raise ValueError(f"{rule['alert']}: expected {age!r} once in {expression!r}")
        expression = expression.replace(age, f"{age} / {pace}")
    return _IN_EXPRESSION.sub(lambda found: _shorter(found[0], pace), expression)


def _shorter(text: str, pace: int) -> str:
    return _DURATION.sub(lambda found: f"{int(found[1]) * _MILLISECONDS[found[2]] // pace}ms", text)
