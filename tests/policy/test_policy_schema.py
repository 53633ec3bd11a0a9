"""An editor that knows the schema accepts every shipped policy and underlines a typo.

The inputs that break the easy version: a typo two levels down, inside ``when``; a negation of a
word that does not exist; a comparison with its sign the wrong way round.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from schemas.yaml_marks import read_yaml
from services.route.domain.policy_file import read_policy
from services.route.domain.policy_schema import policy_schema
from tests.policy.small import SMALL

POLICIES = sorted(Path("services/route/policy").glob("*.yaml"))
SCHEMA = json.loads(Path("services/route/policy.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def complaints(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(read_yaml(text).value)]


def described(schema: Any) -> Iterator[str]:
    """Every description in it."""
    if isinstance(schema, dict):
        if isinstance(schema.get("description"), str):
            yield schema["description"]
        for one in schema.values():
            yield from described(one)


def test_it_is_a_schema_and_the_file_is_what_the_structs_say() -> None:
    Draft202012Validator.check_schema(SCHEMA)

    assert json.loads(json.dumps(policy_schema())) == SCHEMA
    assert len(list(described(SCHEMA))) > 60


def test_four_policies_are_shipped() -> None:
    names = [path.stem for path in POLICIES]

    assert names == ["airline", "bank", "default", "shop"]


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_every_shipped_policy_names_the_schema_and_satisfies_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert text.startswith("# yaml-language-server: $schema=../policy.schema.json\n")
    assert complaints(text) == []


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_every_shipped_policy_passes_its_own_tests_and_gives_a_reason_for_each_rule(
    path: Path,
) -> None:
    policy = read_policy(path.read_text(encoding="utf-8"))

    assert all(len(rule.why) > 20 for rule in policy.rules)


@pytest.mark.parametrize("path", [p for p in POLICIES if p.stem != "default"], ids=lambda p: p.stem)
def test_an_example_shows_what_the_language_has(path: Path) -> None:
    policy = read_policy(path.read_text(encoding="utf-8"))

    modes = {rule.mode.value for rule in policy.rules}
    fields = {one.field for rule in policy.rules for one in rule.matchers}
    assert modes == {"active", "monitor"}
    assert any(rule.until for rule in policy.rules)
    assert "during" in fields
    assert policy.responsibilities
    assert any(team.ladder for team in policy.teams.values())
    assert any(person.seniority for person in policy.people.values())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("policy: small", "polici: small"),
        ('topic: fraud_security, urgency: ">= 60"', "topik: fraud_security"),
        ('topic: fraud_security, urgency: ">= 60"', "topic: {not: fraud_securty}"),
        ('topic: fraud_security, urgency: ">= 60"', "urgency: '=> 60'"),
        ('topic: fraud_security, urgency: ">= 60"', "author: [vip, journalist]"),
        ('topic: fraud_security, urgency: ">= 60"', "during: []"),
        ("facts: {topic: fraud_security, urgency: 80}", "facts: {topic: fraud, urgency: 80}"),
        ("facts: {topic: fraud_security, urgency: 80}", "facts: {urgncy: 80}"),
        ("disposition: human_review", "disposition: delete"),
        ("disposition: human_review", "disposition: unknown"),
        ("seniority: senior, capacity", "seniority: junior, capacity"),
        ("  else: {answers", "  elze: {answers"),
        ("rotate: weekly", "rotate: daily"),
    ],
)
def test_a_typo_is_underlined(old: str, new: str) -> None:
    assert old in SMALL
    assert complaints(SMALL) == []

    assert complaints(SMALL.replace(old, new, 1))
