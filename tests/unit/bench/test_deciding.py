"""The policies of the benchmark: index and walk agree, and the index asks no rule one by one.

The inputs that break the easy version: facts that only the first rule takes; a policy with so many
rules that their bits fill several machine words; a cost that is measured while rules are compiled.
"""

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from bench.deciding import RULES, facts_for, indexed_us, policy_of, walk, walked_us
from services.route.domain.decide import matching


def calls(of: Callable[[], object]) -> int:
    """How many Python functions run: a measure that no busy machine disturbs."""
    found = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal found
        found += event == "call"

    sys.setprofile(count)
    try:
        of()
    finally:
        sys.setprofile(None)
    return found


@pytest.mark.parametrize("rules", RULES)
def test_index_and_walk_find_the_same_rule_and_every_rule_is_found(rules: int) -> None:
    policy = policy_of(rules)

    found = [(matching(policy, facts), walk(policy, facts)) for facts in facts_for(rules)]

    assert all(indexed is walked for indexed, walked in found)
    assert {indexed.id for indexed, _ in found} == {rule.id for rule in policy.rules}


def test_a_decision_takes_as_many_steps_with_500_rules_as_with_10() -> None:
    few, many = policy_of(10), policy_of(500)
    last_of_few, last_of_many = facts_for(10)[-1], facts_for(500)[-1]
    matching(few, last_of_few), matching(many, last_of_many)

    assert calls(lambda: matching(few, last_of_few)) == calls(lambda: matching(many, last_of_many))
    assert calls(lambda: walk(many, last_of_many)) > 10 * calls(lambda: walk(few, last_of_few))


def test_a_cost_is_measured() -> None:
    assert indexed_us(10, 50) > 0
    assert walked_us(10, 50) > 0
