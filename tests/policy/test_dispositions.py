"""D1 to D12 of the requirements, each by hand, in three languages: facts and what they give.

The inputs that break the easy version: an important person who praises; an insult that many read;
a campaign of insults; a rude claim that is fair and was made before; a question in German.
"""

from pathlib import Path
from typing import Any

import pytest

from services.route.domain.decide import decide
from services.route.domain.matchers import read_facts
from services.route.domain.policy_file import read_policy

POLICY = read_policy(Path("services/route/policy/default.yaml").read_text(encoding="utf-8"))

ASKS = {"addressed": "direct", "intent": "question"}
COMPLAINS = {"addressed": "direct", "intent": "complaint"}
CLAIMS = {**COMPLAINS, "fair_claim": True, "solvable": "yes"}
INSULTS = {**COMPLAINS, "rude": True}
OVERHEARD = {"addressed": "mention", "intent": "talk"}

Given = tuple[str, str, dict[str, Any], tuple[str, str | None, str, str]]
"""What it is, the post, its facts, and disposition, team, alert and band of priority."""

HANDLED = ("public_ack_then_private", "care", "none", "normal")
CRISIS = ("human_review", "lead", "now", "critical")
OURS = ("none", None, "none", "low")
SPAM = ("ignore_spam", None, "none", "low")
NO_REPLY = ("no_reply_insult", None, "none", "low")
THANKS = ("thank", "care", "none", "low")
ANSWERED = ("answer_here", "care", "none", "normal")
SENIOR = ("public_ack_then_private", "care", "none", "high")
LISTEN = ("listen", None, "none", "low")
A_PERSON = ("human_review", "care", "none", "normal")

TABLE: list[Given] = [
    ("D1", "Мы уже чиним", {"own": True}, OURS),
    ("D1", "Вече работим по въпроса", {"own": True, **CLAIMS}, OURS),
    ("D1 and not D2", "Our view", {"own": True, "flags": ["press"]}, OURS),
    ("D1 repost", "", {"kind": "repost", **OVERHEARD}, OURS),
    ("D1 not a quote", "Стыд!", {"kind": "quote", **CLAIMS}, HANDLED),
    ("D1 not a claim", "Верните!", {"kind": "repost", **CLAIMS}, HANDLED),
    ("D2 safety", "Мирише на газ!", {**CLAIMS, "flags": ["safety"]}, CRISIS),
    ("D2 legal", "Подаю в суд", {**COMPLAINS, "flags": ["legal"]}, CRISIS),
    ("D2 press flag", "I write for The Times", {**ASKS, "flags": ["press"]}, CRISIS),
    ("D2 press author", "Питаме за интервю", {**ASKS, "press": True}, CRISIS),
    ("D2 VIP", "Где мой багаж?", {**ASKS, "vip": True}, CRISIS),
    ("D2 reach", "Две часа ждём!", {**COMPLAINS, "reach": 2_000_000}, CRISIS),
    ("D2 overheard", "They lost a wing", {**OVERHEARD, "flags": ["safety"]}, CRISIS),
    ("D2 future", "???", {**OVERHEARD, "intent": "unknown", "flags": ["safety"]}, CRISIS),
    ("D2 beats D7", "Всички на съд!", {**COMPLAINS, "flags": ["legal"], "campaign": 9}, CRISIS),
    ("D2 not praise", "Lovely!", {"vip": True, **ASKS, "intent": "praise"}, THANKS),
    ("D2 not spam", "Win cash", {"reach": 900_000, "intent": "spam"}, SPAM),
    ("D2 self-harm", "Прощайте", {"intent": "praise", "flags": ["self_harm"]}, CRISIS),
    ("D2 reach unknown", "Закъсняхте", {**CLAIMS, "reach": None}, HANDLED),
    ("D3 complaint", "Списали дважды", CLAIMS, HANDLED),
    ("D3 complaint", "Двойно таксуване", CLAIMS, HANDLED),
    ("D3 complaint", "Charged twice", CLAIMS, HANDLED),
    ("D3 question", "Кога отваряте?", ASKS, ANSWERED),
    ("D3 question", "Когда откроетесь?", ASKS, ANSWERED),
    ("D4", "Идиоты, верните деньги", {**CLAIMS, "rude": True}, SENIOR),
    ("D4", "Идиоти, върнете парите", {**CLAIMS, "rude": True}, SENIOR),
    ("D5", "Вы идиоты", INSULTS, NO_REPLY),
    ("D5", "You clowns", INSULTS, NO_REPLY),
    (
        "D5 many readers",
        "Боклуци!",
        {**INSULTS, "reach": 50_000},
        ("human_review", "care", "now", "high"),
    ),
    ("D5 not a question", "Кога, идиоти?", {**ASKS, "rude": True}, ANSWERED),
    ("D6", "Верните 1990 год", {**COMPLAINS, "solvable": "no"}, A_PERSON),
    ("D6 rude and fair", "Дурни, оживете го", {**CLAIMS, "rude": True, "solvable": "no"}, A_PERSON),
    ("D7", "Худший банк!", {**COMPLAINS, "campaign": 5}, A_PERSON),
    ("D7 insults", "Боклуци!", {**INSULTS, "campaign": 30}, A_PERSON),
    ("D7 overheard", "Never again", {**OVERHEARD, "campaign": 5}, A_PERSON),
    ("D7 spam", "Best bank", {"intent": "spam", "campaign": 5}, A_PERSON),
    ("D8", "Они закрываются", {**COMPLAINS, "reach": 9000}, A_PERSON),
    ("D9", "Спасибо!", {**ASKS, "intent": "praise"}, THANKS),
    ("D9", "Браво!", {"addressed": "mention", "intent": "praise"}, THANKS),
    ("D10", "Летях с тях", OVERHEARD, LISTEN),
    ("D10", "Опять подняли ставку", {"addressed": "mention", "intent": "complaint"}, LISTEN),
    ("D10 nobody", "What a day", {"addressed": "none", "intent": "talk"}, LISTEN),
    ("D11", "Жаль тех открыток", {**OVERHEARD, "solvable": "no"}, LISTEN),
    ("D12 spam", "Инвестируй!", {**ASKS, "intent": "spam"}, SPAM),
    (
        "D12 language",
        "Wo ist es?",
        {**ASKS, "lang": "de"},
        ("human_review", "languages", "none", "normal"),
    ),
    ("D12 overheard", "Schöne Bank", {**OVERHEARD, "lang": "de"}, LISTEN),
    ("R37 says so", "Третий раз пишу", {**CLAIMS, "repeat_contact": True}, SENIOR),
    ("R37 we know", "Пак аз", {**CLAIMS, "earlier_contacts": 2}, SENIOR),
    ("R50", "Nice ad, my refund?", {**CLAIMS, "channel_role": "marketing"}, HANDLED),
    ("R26 review", "Счупен чайник", {**CLAIMS, "space": "review"}, ANSWERED),
    ("R26 forum", "Банк, ты тут?", {**ASKS, "space": "forum"}, A_PERSON),
    ("unknown words", "...", {"addressed": "direct"}, A_PERSON),
]


@pytest.mark.parametrize(("case", "post", "facts", "gives"), TABLE)
def test_the_table_of_dispositions(
    case: str, post: str, facts: dict[str, Any], gives: tuple[str, str | None, str, str]
) -> None:
    verdict = decide(read_facts(facts), (), POLICY)

    found = (verdict.disposition, verdict.rule.then.team, verdict.alert, verdict.band)
    assert found == gives, f"{case}: {post} ({verdict.rule.id})"


@pytest.mark.parametrize(
    ("facts", "suggestion"),
    [
        ({**COMPLAINS, "solvable": "no"}, "no_reply_unresolvable"),
        ({**COMPLAINS, "reach": 9000}, "correct_facts"),
        (COMPLAINS, None),
    ],
)
def test_what_a_person_is_asked_to_confirm(facts: dict[str, Any], suggestion: str | None) -> None:
    assert decide(read_facts(facts), (), POLICY).rule.then.suggestion == suggestion


@pytest.mark.parametrize(
    "facts",
    [
        {**CLAIMS, "flags": ["legal"]},
        {**ASKS, "vip": True},
        {**CLAIMS, "rude": True},
        {**CLAIMS, "repeat_contact": True},
        {**COMPLAINS, "earlier_contacts": 1},
    ],
)
def test_what_weighs_goes_to_a_senior(facts: dict[str, Any]) -> None:
    assert decide(read_facts(facts), (), POLICY).rule.then.seniority == "senior"


def test_rude_and_fair_is_promised_sooner_than_polite() -> None:
    rude, polite = (decide(read_facts({**CLAIMS, "rude": r}), (), POLICY) for r in (True, False))

    promised = [
        POLICY.sla[v.rule.then.sla or ""].targets.first_response or 0 for v in (rude, polite)
    ]
    assert promised[0] < promised[1]
