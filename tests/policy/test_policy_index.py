"""The index finds what a walk over the rules finds, in the same order.

The inputs that break the easy version: two flags of which a rule bans one and another asks for the
other; a number on the very bound of a span; a number that nobody knows.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from schemas.decisions import Facts
from schemas.states import RuleMode
from schemas.vocabulary import Flag
from services.route.domain.conditions import Condition
from services.route.domain.decide import decide, matching
from services.route.domain.fields import FIELDS
from services.route.domain.index import Index
from services.route.domain.matchers import BadCondition, read_matcher
from services.route.domain.policy import Policy
from tests.policy.strategies import aimed, conditions, facts

ROUNDS = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def read(when: dict[str, Any]) -> tuple[Condition, ...]:
    """The conditions that say something."""
    found = []
    for field, value in when.items():
        try:
            found.append(read_matcher(field, value))
        except BadCondition:
            continue
    return tuple(found)


def walked(rules: list[tuple[Condition, ...]], post: Facts) -> list[int]:
    """The naive answer."""
    return [n for n, rule in enumerate(rules) if all(one.accepts(post) for one in rule)]


@ROUNDS
@given(st.lists(conditions(near=tuple(FIELDS)), max_size=12), facts())
@example([{"flags": {"not": "legal"}}, {"flags": "press"}], Facts(flags=(Flag.legal, Flag.press)))
@example([{"urgency": "30..60"}, {"urgency": "> 60"}], Facts(urgency=60))
@example([{"urgency": "30..60"}, {"urgency": "> 60"}], Facts(urgency=61))
@example([{"reach": ">= 0"}, {"reach": None}, {"reach": {"not": 3}}, {}], Facts())
@example([{"lang": {"not": ["ru", "bg"]}}, {"lang": "ru"}], Facts(lang="de"))
def test_the_index_and_the_walk_agree(when: list[dict[str, Any]], post: Facts) -> None:
    rules = [read(one) for one in when]

    found = list(Index.of(rules).holding(post, (1 << len(rules)) - 1))

    assert found == walked(rules, post)


@ROUNDS
@given(aimed())
def test_a_policy_decides_and_watches_as_a_walk_does(made: tuple[Policy, Facts]) -> None:
    policy, post = made

    verdict = decide(post, (), policy)

    active, watching = (
        [rule.id for rule in policy.rules if rule.mode is mode and rule.holds(post)]
        for mode in (RuleMode.active, RuleMode.monitor)
    )
    assert verdict.rule.id == active[0]
    assert list(verdict.monitored) == watching


@ROUNDS
@given(aimed())
def test_a_rule_that_is_counted_in_takes_its_place(made: tuple[Policy, Facts]) -> None:
    policy, post = made

    for included in policy.rules:
        walk = (
            rule
            for rule in policy.rules
            if (rule.mode is RuleMode.active or rule is included) and rule.holds(post)
        )

        assert matching(policy, post, including=included.id) is next(walk)


@pytest.mark.parametrize("rules", [63, 64, 65, 500])
def test_more_rules_than_a_machine_word_has_bits(rules: int) -> None:
    conditions_ = [read({"urgency": n % 101, "brand": str(n)}) for n in range(rules)]

    found = Index.of(conditions_).holding(Facts(urgency=62, brand="62"), (1 << rules) - 1)

    assert list(found) == [62]
