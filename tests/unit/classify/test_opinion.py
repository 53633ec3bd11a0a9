# Three inputs that break the easy version:
# 1. a word that the vocabulary does not have: it maps to `unknown`, which would pass for a value;
# 2. true where a number belongs, and 1 where true does: in Python they are equal;
# 3. an axis that is overruled: the places that showed the old value must not show the new one.
"""What of another model's opinion counts, and what does it replace?"""

from typing import Any

import pytest

from schemas.classified import Model
from schemas.vocabulary import CaseTopic, Intent, Solvable, Tone
from services.classify.domain.opinion import (
    AXES,
    Judged,
    Opinion,
    Said,
    Understood,
    differences,
    informed,
    merge,
    opinion_from,
    understood,
)
from tests.unit.classify.judging import JUDGE, judged

MODEL = Model(name="other", version="2")
ANGRY = judged("@severbank ужас! Верните деньги, третий день не отвечаете!")


def said(**values: Any) -> Understood:
    """What is understood of an opinion with these values."""
    says = {axis: Said(value=value, confidence=0.6) for axis, value in values.items()}
    return understood(Opinion(id="1", model=MODEL, says=says))


@pytest.mark.parametrize(
    ("axis", "value"),
    [
        ("tone", "furious"),
        ("tone", "unknown"),
        ("tone", None),
        ("tone", ["negative"]),
        ("rude", 1),
        ("rude", "true"),
        ("strength", True),
        ("strength", 3),
        ("strength", -1),
        ("personal_data", False),
        ("flags", []),
        ("lang", "ru"),
        ("disposition", "ignore_spam"),
        ("", ""),
    ],
)
def test_what_is_not_in_our_words_is_ignored_and_counted(axis: str, value: object) -> None:
    found = said(**{axis: value, "topic": "safety"})

    assert (found.values, found.ignored) == ({"topic": CaseTopic.safety}, 1)


def test_every_axis_takes_a_value_of_its_own() -> None:
    values = {
        "addressed": "none",
        "intent": "praise",
        "tone": "positive",
        "strength": 2,
        "emotion": "joy",
        "rude": False,
        "fair_claim": False,
        "solvable": "unknown",
        "topic": "staff_service",
        "repeat_contact": True,
    }

    found = said(**values)

    assert values.keys() == AXES.keys()
    assert (found.values, found.ignored) == (values, 0)
    assert found.values["solvable"] is Solvable.unknown


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_confidence_that_is_none_is_ignored_and_counted(confidence: float) -> None:
    says = {"tone": Said(value="positive", confidence=confidence)}

    found = understood(Opinion(id="1", model=MODEL, says=says))

    assert (found.values, found.confidence, found.ignored) == ({}, {}, 1)


def test_only_the_axes_it_is_trusted_for_are_taken() -> None:
    found = merge(ANGRY, said(tone="positive", topic="safety"), {"topic"})

    assert (found.topic, found.tone) == (CaseTopic.safety, Tone.negative)
    assert (found.confidence["topic"], found.confidence["tone"]) == (0.6, ANGRY.confidence["tone"])


def test_what_the_judge_would_do_falls_away_with_what_it_rested_on() -> None:
    same = merge(ANGRY, said(topic=ANGRY.topic.value), {"tone", "topic"})
    other = merge(ANGRY, said(tone="positive"), {"tone"})

    assert ANGRY.proposal is not None
    assert (same.proposal, other.proposal) == (ANGRY.proposal, None)


def test_differences_name_the_axes_whether_trusted_or_not() -> None:
    opinion = said(tone="positive", topic=ANGRY.topic.value, intent="talk")

    assert differences(ANGRY, opinion) == {"tone", "intent"}


def test_the_model_says_who_was_heard_and_only_then() -> None:
    alone = Judged(text="", judgement=ANGRY, model=JUDGE.model)

    both = informed(alone, said(intent="praise"), {"intent"})

    assert both.model == Model(name="linear+other", version="1+2", profile="full")
    assert both.judgement.intent is Intent.praise
    assert informed(alone, said(intent="praise"), {"topic"}) is alone
    assert informed(alone, said(intent="sing"), {"intent"}) is alone


def test_a_danger_stays_whatever_another_model_says() -> None:
    alone = judged("Подаю на вас в суд, деньги не вернули")

    found = merge(alone, said(intent="talk", tone="positive", fair_claim=False), AXES)

    assert alone.flags
    assert (found.flags, found.pressures) == (alone.flags, alone.pressures)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "text",
        {"id": "1", "says": {}},
        {"id": "1", "model": {"name": "m"}, "says": {}},
        {"id": "1", "model": {"name": "words of\na text", "version": "1"}, "says": {}},
        {"id": "1", "model": {"name": "m" * 65, "version": "1"}, "says": {}},
        {"id": "1", "model": {"name": "m", "version": "1"}, "says": {"tone": "positive"}},
    ],
)
def test_what_has_not_the_shape_is_no_opinion(answer: object) -> None:
    assert opinion_from(answer) is None
