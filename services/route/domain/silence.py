"""May a rule be silent? Never on a direct request, and never for a mood, an effort or a crowd.

A rule is taken for all the posts that it could match. It may be silent only if each of them lies
in a shelter: field by field, what the rule asks for is within what the shelter allows. What the
rule does not ask for, it does not exclude.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from schemas.vocabulary import Addressed, Disposition, Intent, Kind
from services.route.domain.conditions import Condition, Values
from services.route.domain.findings import Findings
from services.route.domain.policy import Policy, Rule

SILENT = frozenset(
    {
        Disposition.listen,
        Disposition.ignore_spam,
        Disposition.no_reply_insult,
        Disposition.no_reply_unresolvable,
        Disposition.none,
    }
)
"""The dispositions after which nobody answers and nobody looks."""

_Shelter: TypeAlias = Mapping[str, frozenset[Any]]

_TALK = frozenset({Intent.talk, Intent.praise, Intent.spam})
_NOT_TO_US: _Shelter = {"addressed": frozenset({Addressed.mention, Addressed.none})}
_SHELTERS: dict[Disposition, tuple[_Shelter, ...]] = {
    Disposition.listen: (_NOT_TO_US,),
    Disposition.ignore_spam: (_NOT_TO_US, {"intent": frozenset({Intent.spam})}),
    Disposition.no_reply_insult: (
        _NOT_TO_US,
        {
            "rude": frozenset({True}),
            "fair_claim": frozenset({False}),
            "intent": _TALK | {Intent.complaint},
        },
    ),
    Disposition.none: (
        _NOT_TO_US,
        {"own": frozenset({True})},
        {"kind": frozenset({Kind.repost}), "fair_claim": frozenset({False}), "intent": _TALK},
    ),
}
_REASONS = {
    "tone": "a post may not be left alone for its mood (R17)",
    "emotion": "a post may not be left alone for its mood (R17)",
    "strength": "a post may not be left alone for its mood (R17)",
    "rating": "a post may not be left alone for its mood (R17)",
    "thread_posts": "a post may not be left alone for the mood around it (R17)",
    "thread_negative": "a post may not be left alone for the mood around it (R17)",
    "during": "a post may not be left alone because nobody has time (R12)",
    "campaign": "a suspected campaign goes to a person (R25)",
}
"""Fields that no silent rule may name, whatever else it names."""

_HOW = {
    Disposition.no_reply_insult: ", or `rude: true`, `fair_claim: false` and "
    "`intent: [complaint, talk]`",
    Disposition.ignore_spam: ", or `intent: spam`",
    Disposition.none: ", or `own: true`",
}


def check_silence(policy: Policy, findings: Findings) -> None:
    """Every silent rule is sheltered, in every mode: a watching rule is one word from deciding."""
    for n, rule in enumerate(policy.rules):
        if findings.clear(f"$.rules[{n}].when"):
            for path, why in problems_of(rule):
                findings.wrong(f"$.rules[{n}].{path}", why)


def problems_of(rule: Rule) -> Iterator[tuple[str, str]]:
    """Why this rule may not be silent as it is: places below the rule, and reasons."""
    silence = rule.then.disposition
    if silence not in SILENT:
        return
    for matcher in rule.matchers:
        if matcher.field in _REASONS:
            why = f"`{silence}` for this reason cannot be written: {_REASONS[matcher.field]}"
            yield f"when.{matcher.field}", why
    if silence is Disposition.no_reply_unresolvable:
        why = "a person decides that: use human_review with `suggestion: no_reply_unresolvable`"
        yield "then.disposition", why
    elif not any(_within(rule.matchers, shelter) for shelter in _SHELTERS[silence]):
        why = (
            f"`{silence}` could silence a direct request (R5): add `addressed: [mention, none]`"
            f"{_HOW.get(silence, '')}"
        )
        yield "then.disposition", why


def _within(matchers: tuple[Condition, ...], shelter: _Shelter) -> bool:
    asked = {
        one.field: one.values for one in matchers if isinstance(one, Values) and not one.negated
    }
    return all(field in asked and asked[field] <= allowed for field, allowed in shelter.items())
