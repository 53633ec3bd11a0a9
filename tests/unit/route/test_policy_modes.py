"""A rule that watches or has ended decides nothing; calendar time is the post's own.

The inputs that break the easy version: a post said one second before the day on which a rule ends;
a watching rule behind the rule that decides; a post without an instant.
"""

from datetime import datetime

import pytest

from schemas.decisions import Facts
from services.route.domain.decide import decide, explain, matching
from services.route.domain.policy_file import read_policy
from tests.policy.small import with_rule

CASE = "{disposition: human_review, team: care, sla: calm, priority: high}"


def at(instant: str) -> Facts:
    return Facts(rude=True, at=datetime.fromisoformat(instant))


@pytest.mark.parametrize(
    ("instant", "rule"),
    [
        ("2026-12-30T23:59:59+00:00", "front"),
        ("2026-12-31T00:00:00+00:00", "rest"),
        ("2026-12-31T01:59:59+02:00", "front"),
        ("2027-06-01T00:00:00+00:00", "rest"),
    ],
)
def test_a_rule_ends_with_the_day_in_utc_by_the_instant_of_the_post(
    instant: str, rule: str
) -> None:
    policy = read_policy(
        with_rule("{rude: true}", CASE, "{rude: true}", more="    until: '2026-12-31'")
    )

    assert matching(policy, at(instant)).id == rule


def test_an_ended_rule_says_so() -> None:
    policy = read_policy(
        with_rule("{rude: true}", CASE, "{rude: true}", more="    until: '2026-12-31'")
    )

    said = dict(explain(policy, at("2027-01-01T00:00:00Z")))

    assert said["front"] == "it would match, but has expired since 2026-12-31"
    assert said["rest"] is None


def test_a_watching_rule_is_counted_and_changes_no_decision() -> None:
    watching = with_rule("{rude: true}", CASE, "{rude: true}", more="    mode: monitor")
    policy = read_policy(watching)

    verdict = decide(Facts(rude=True), (), policy)

    assert (verdict.rule.id, verdict.monitored) == ("rest", ("front",))
    assert decide(Facts(), (), policy).monitored == ()
    assert dict(explain(policy, Facts(rude=True)))["front"] == (
        "it would match, but only watches (mode: monitor)"
    )


def test_an_expired_rule_neither_decides_nor_is_counted() -> None:
    policy = read_policy(with_rule("{rude: true}", CASE, "{rude: true}", more="    mode: expired"))

    verdict = decide(Facts(rude=True), (), policy)

    assert (verdict.rule.id, verdict.monitored) == ("rest", ())


@pytest.mark.parametrize(
    ("instant", "rule"),
    [
        ("2026-03-02T03:00:00Z", "front"),
        ("2026-03-02T10:00:00Z", "rest"),
        ("2026-03-02T07:00:00Z", "rest"),
        ("2026-03-02T16:00:00Z", "front"),
    ],
)
def test_a_rule_of_the_night_holds_at_night(instant: str, rule: str) -> None:
    night = "{rude: true, at: '2026-03-02T03:00:00Z'}"
    policy = read_policy(with_rule("{rude: true, during: night}", CASE, night))

    assert matching(policy, at(instant)).id == rule
    assert matching(policy, Facts(rude=True)).id == "rest"


def test_an_explanation_says_what_the_fact_is_and_what_the_rule_wants() -> None:
    policy = read_policy(
        with_rule("{followers: '>= 10', author: {not: [bot, own]}}", CASE, "{followers: 10}")
    )

    assert dict(explain(policy, Facts()))["front"] == "followers is null, the rule wants >= 10"
    assert dict(explain(policy, Facts(followers=11, bot=True)))["front"] == (
        "author is bot, the rule wants neither bot nor own"
    )
