"""No accepted policy deletes a post, or leaves a direct request alone without a person.

The inputs that break the easy version: ``addressed: {not: mention}``, which a direct request
satisfies; ``flags: spam`` on a complaint with a fair claim; an insult that is also a question.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from schemas.decisions import Facts
from schemas.states import RuleMode
from schemas.vocabulary import Addressed, Disposition, Intent, Kind
from services.route.domain.conditions import Values
from services.route.domain.decide import decide
from services.route.domain.policy import Policy, Rule
from services.route.domain.policy_file import read_policy
from services.route.domain.silence import SILENT, problems_of
from services.route.domain.spec import ThenSpec
from tests.policy.small import problems, with_rule
from tests.policy.strategies import aimed, requests

ROUNDS = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


EVERY: dict[str, tuple[Any, ...]] = {
    "addressed": (Addressed.direct, Addressed.mention),
    "intent": (Intent.question, Intent.complaint, Intent.talk, Intent.spam),
    "rude": (True, False),
    "fair_claim": (True, False),
    "own": (True, False),
    "kind": (Kind.repost, Kind.quote),
}
"""The fields that shelters stand on, with a value of each sort."""


def subsets(values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Every choice of some; all of them stands for no condition."""
    return [some for n in range(1, len(values) + 1) for some in combinations(values, n)]


def asking(chosen: Mapping[str, Sequence[Any]], silence: Disposition) -> Rule:
    """A silent rule that asks for these values of each field."""
    asked = tuple(
        Values(field=field, said="", values=frozenset(values))
        for field, values in chosen.items()
        if len(values) < len(EVERY[field])
    )
    then = ThenSpec(disposition=silence)
    return Rule(id="r", why="every", mode=RuleMode.active, matchers=asked, then=then)


@pytest.mark.parametrize("silence", sorted(SILENT))
def test_of_all_rules_on_the_fields_of_the_shelters_none_takes_a_direct_request(
    silence: Disposition,
) -> None:
    accepted = 0
    for choice in product(*map(subsets, EVERY.values())):
        chosen = dict(zip(EVERY, choice, strict=True))
        if any(problems_of(asking(chosen, silence))):
            continue
        accepted += 1
        to_us = Addressed.direct in chosen["addressed"] and False in chosen["own"]
        asks = not {Intent.question, Intent.complaint}.isdisjoint(chosen["intent"])
        assert not (to_us and asks and True in chosen["fair_claim"]), chosen
        assert not (to_us and Intent.question in chosen["intent"]), chosen

    assert accepted > 1000 or silence is Disposition.no_reply_unresolvable


@ROUNDS
@given(requests())
def test_a_direct_request_with_a_fair_claim_always_reaches_a_person(
    asked: tuple[Policy, Facts],
) -> None:
    policy, post = asked

    assert decide(post, (), policy).disposition not in SILENT


@ROUNDS
@given(requests(Intent.question, Intent.request, fair_claim=None))
def test_a_direct_request_reaches_a_person_whatever_it_claims(asked: tuple[Policy, Facts]) -> None:
    policy, post = asked

    assert decide(post, (), policy).disposition not in SILENT


@ROUNDS
@given(requests(Intent.complaint, fair_claim=False))
def test_a_direct_complaint_is_left_alone_for_an_insult_only(asked: tuple[Policy, Facts]) -> None:
    policy, post = asked

    found = decide(post, (), policy).disposition

    assert found not in SILENT or (found is Disposition.no_reply_insult and post.rude)


@ROUNDS
@given(aimed())
def test_what_comes_out_is_a_disposition_and_deletion_is_none(made: tuple[Policy, Facts]) -> None:
    policy, post = made

    found = decide(post, (), policy).disposition

    assert found in Disposition
    assert found not in {Disposition.unknown, Disposition.no_reply_unresolvable}


@pytest.mark.parametrize(
    ("silence", "when"),
    [
        ("listen", "{addressed: {not: mention}}"),
        ("listen", "{addressed: {not: none}}"),
        ("listen", "{addressed: [mention, none, unknown]}"),
        ("listen", "{addressed: [direct, mention], flags: churn}"),
        ("listen", "{intent: talk}"),
        ("listen", "{own: true}"),
        ("listen", "{solvable: 'no'}"),
        ("listen", "{followers: '< 10'}"),
        ("listen", "{proposal: listen}"),
        ("none", "{own: {not: true}}"),
        ("none", "{author: own}"),
        ("none", "{kind: repost}"),
        ("none", "{kind: [repost, quote], fair_claim: false, intent: talk}"),
        ("none", "{kind: repost, fair_claim: false, intent: [talk, complaint]}"),
        ("ignore_spam", "{flags: spam}"),
        ("ignore_spam", "{intent: [spam, talk]}"),
        ("ignore_spam", "{intent: {not: [question, request, complaint]}}"),
        ("ignore_spam", "{bot: true}"),
        ("no_reply_insult", "{rude: true}"),
        ("no_reply_insult", "{rude: true, fair_claim: false}"),
        ("no_reply_insult", "{rude: true, fair_claim: false, intent: {not: [talk, praise]}}"),
        ("no_reply_insult", "{fair_claim: false, intent: talk}"),
        ("no_reply_insult", "{rude: {not: true}, fair_claim: false, intent: talk}"),
    ],
)
@pytest.mark.parametrize("more", ["", "    mode: monitor", "    until: '2026-12-31'"])
def test_what_could_silence_a_direct_request_is_refused(silence: str, when: str, more: str) -> None:
    found = problems(with_rule(when, f"{{disposition: {silence}}}", "{}", more=more))

    assert any("could silence a direct request (R5)" in line for line in found), found


@pytest.mark.parametrize(
    ("silence", "when", "facts_"),
    [
        (
            "listen",
            "{addressed: {not: direct}, intent: talk, topic: other, rude: true}",
            "{addressed: mention, intent: talk, topic: other, rude: true}",
        ),
        ("listen", "{addressed: mention, solvable: 'no'}", "{addressed: mention, solvable: 'no'}"),
        ("none", "{own: true}", "{own: true}"),
        (
            "none",
            "{kind: repost, fair_claim: false, intent: [talk, praise]}",
            "{kind: repost, intent: talk}",
        ),
        ("ignore_spam", "{intent: spam}", "{intent: spam}"),
        (
            "no_reply_insult",
            "{rude: true, fair_claim: {not: true}, intent: [talk, complaint]}",
            "{rude: true, intent: talk}",
        ),
    ],
)
def test_what_cannot_is_accepted(silence: str, when: str, facts_: str) -> None:
    misses = "{addressed: direct, intent: complaint, fair_claim: true}"
    text = with_rule(when, f"{{disposition: {silence}}}", facts_, misses=misses)

    assert [rule.id for rule in read_policy(text).rules] == ["front", "stolen", "rest"]


@pytest.mark.parametrize(
    "reason",
    [
        "tone: negative",
        "tone: {not: positive}",
        "emotion: anger",
        "strength: 2",
        "rating: 1",
        "during: night",
        "during: {not: office}",
        "campaign: '>= 3'",
    ],
)
@pytest.mark.parametrize(
    ("silence", "shelter"),
    [
        ("listen", "addressed: [mention, none]"),
        ("none", "own: true"),
        ("ignore_spam", "intent: spam"),
        ("no_reply_insult", "rude: true, fair_claim: false, intent: [talk, complaint]"),
    ],
)
def test_nobody_is_left_alone_for_a_mood_an_effort_or_a_crowd(
    reason: str, silence: str, shelter: str
) -> None:
    when = f"{{{shelter}, {reason}}}"

    found = problems(with_rule(when, f"{{disposition: {silence}}}", "{}"))

    assert any("for this reason cannot be written" in line for line in found), found


def test_no_reply_to_what_cannot_be_resolved_is_a_persons_decision() -> None:
    then = "{disposition: no_reply_unresolvable, team: care, sla: calm}"

    found = problems(with_rule("{addressed: mention}", then, "{}"))

    assert any("a person decides that" in line for line in found), found


@pytest.mark.parametrize("word", ["delete", "hide", "remove"])
def test_deletion_cannot_be_written_down(word: str) -> None:
    found = problems(with_rule("{addressed: mention}", f"{{disposition: {word}}}", "{}"))

    assert any("cannot be written down" in line for line in found), found
