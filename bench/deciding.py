"""What does a decision cost as the policy grows? The index beside a walk over the same rules."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from schemas.decisions import Facts
from schemas.states import RuleMode
from schemas.vocabulary import Addressed, CaseTopic, Disposition, Intent
from services.route.domain.decide import matching
from services.route.domain.matchers import read_matcher
from services.route.domain.policy import Policy, Rule
from services.route.domain.policy_file import read_policy
from services.route.domain.spec import ThenSpec

_SHIPPED = Path("services/route/policy/default.yaml")
RULES = (10, 100, 500)
FACTS = 500

_TOPICS = [topic.value for topic in CaseTopic if topic is not CaseTopic.unknown]
_ASKING = (Intent.complaint, Intent.question, Intent.request)
_ASKED = [intent.value for intent in _ASKING]
_LANGUAGES = ("ru", "bg", "en")
_THEN = ThenSpec(disposition=Disposition.human_review, team="care", sla="calm")


def indexed_us(rules: int, decisions: int) -> float:
    """Microseconds of CPU for the rule of one post, found by the index."""
    policy = policy_of(rules)
    return _cost(lambda facts: matching(policy, facts), facts_for(rules), decisions)


def walked_us(rules: int, decisions: int) -> float:
    """The same by asking one rule after another."""
    policy = policy_of(rules)
    return _cost(lambda facts: walk(policy, facts), facts_for(rules), decisions)


def walk(policy: Policy, facts: Facts) -> Rule:
    """The first active rule that holds, by asking each."""
    return next(r for r in policy.rules if r.mode is RuleMode.active and r.holds(facts))


def policy_of(rules: int) -> Policy:
    """So many rules, each on its own brand, as several companies of one installation have them."""
    return Policy(
        name="bench",
        hash="bench",
        rules=tuple(_rule(n, _when(n) if n < rules - 1 else {}) for n in range(rules)),
        teams={},
        sla={},
        reopen_within=timedelta(days=7),
        page_within=timedelta(minutes=30),
        hot_minimum=10,
        hot_window=timedelta(minutes=30),
        excerpt=False,
        alerting=read_policy(_SHIPPED.read_text("utf-8")).alerting,
    )


def facts_for(rules: int) -> Sequence[Facts]:
    """Posts that meet every rule equally often: a walk asks half of them on average."""
    return [_facts(n % rules) for n in range(0, FACTS * 7, 7)]


def _cost(decide: Callable[[Facts], object], given: Sequence[Facts], decisions: int) -> float:
    for facts in given:
        decide(facts)
    before = time.process_time()
    for number in range(decisions):
        decide(given[number % len(given)])
    return (time.process_time() - before) / decisions * 1e6


def _rule(number: int, when: dict[str, Any]) -> Rule:
    matchers = tuple(read_matcher(field, value) for field, value in when.items())
    mode = RuleMode.active
    return Rule(id=f"r{number}", why="bench", mode=mode, matchers=matchers, then=_THEN)


def _when(number: int) -> dict[str, Any]:
    return {
        "brand": f"brand-{number // 10}",
        "addressed": {"not": "none"},
        "topic": _TOPICS[number % len(_TOPICS)],
        "intent": [_ASKED[number % 3], _ASKED[(number + 1) % 3]],
        "lang": {"not": _LANGUAGES[number % 3]},
        "urgency": f"{number % 50}..{50 + number % 50}",
        "followers": [None, f">= {1 + number % 7}"],
        "flags": {"not": "spam"},
    }


def _facts(number: int) -> Facts:
    """Facts that the rule of that number takes, unless an earlier one does."""
    return msgspec.structs.replace(
        Facts(),
        brand=f"brand-{number // 10}",
        addressed=Addressed.direct,
        topic=CaseTopic(_TOPICS[number % len(_TOPICS)]),
        intent=_ASKING[number % 3],
        lang=_LANGUAGES[(number + 1) % 3],
        urgency=50,
        followers=100,
    )
