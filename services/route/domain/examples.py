"""Does a rule do what its examples say? Each needs one that reaches it and one that does not."""

from collections.abc import Iterator

import msgspec

from schemas.decisions import Facts
from schemas.yaml_marks import Document, Problem
from services.route.domain.decide import matching
from services.route.domain.matchers import BadCondition, read_facts
from services.route.domain.policy import Policy
from services.route.domain.spec import ExampleSpec, GivesSpec, PolicySpec, RuleSpec


def failed_examples(document: Document, spec: PolicySpec, policy: Policy) -> Iterator[Problem]:
    """Every example must give what it says; every rule needs one that reaches it and one not."""
    for n, rule in enumerate(spec.rules):
        reached = missed = False
        for m, example in enumerate(rule.tests):
            path = f"$.rules[{n}].tests[{m}]"
            try:
                facts = read_facts(example.facts)
            except (BadCondition, msgspec.ValidationError) as error:
                yield document.problem(f"{path}.facts", str(error))
                continue
            got = _gives(policy, facts, rule)
            reached, missed = reached or got["rule"] == rule.id, missed or got["rule"] != rule.id
            yield from _differences(document, path, example, got)
        if not reached or (rule.when and not missed):
            lacking = "reaches it" if not reached else "does not reach it"
            yield document.problem(f"$.rules[{n}]", f"rule `{rule.id}` has no test that {lacking}")


def _gives(policy: Policy, facts: Facts, rule: RuleSpec) -> dict[str, object]:
    """A rule that decides nothing is tested as if it did: that is what it is watched for."""
    found = matching(policy, facts, including=None if rule.mode == "active" else rule.id)
    names = [name for name in GivesSpec.__struct_fields__ if name != "rule"]
    return {"rule": found.id, **{name: getattr(found.then, name) for name in names}}


def _differences(
    document: Document, path: str, example: ExampleSpec, got: dict[str, object]
) -> Iterator[Problem]:
    for name, value in got.items():
        wanted = getattr(example.gives, name)
        if wanted is not None and wanted != value:
            why = f"the test expects {name} `{wanted}`, the policy gives `{value}`"
            yield document.problem(f"{path}.gives.{name}", f"{why} (rule `{got['rule']}`)")
