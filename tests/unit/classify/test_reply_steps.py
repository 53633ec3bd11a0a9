# Three inputs that break the easy version:
# 1. a closing of one line: it owes nobody thanks;
# 2. an acknowledgement on a platform of 280 letters: there is no room for every step;
# 3. feelings in words that no lexicon has: what was not read may hold what seems missing.
"""Which steps of a good reply does a reply owe, and how does it show them?"""

import pytest

from schemas.classified import ReplyCheck
from schemas.vocabulary import ReplyKind, Visibility
from services.classify.domain.reply_checks import KINDS
from services.classify.domain.reply_review import Reviewer
from tests.unit.classify.judging import MINDS

REVIEWER = Reviewer(MINDS.eye)


def steps(text: str, platform: str | None = None) -> dict[str, ReplyCheck]:
    found = REVIEWER.review_reply(text, visibility=Visibility.public, platform=platform)
    return {name: check for name, check in found.checks.items() if name in KINDS}


@pytest.mark.parametrize(
    "text",
    [
        "Вопрос решён.",
        "Въпросът е решен.",
        "All sorted now.",
        "Спасибо за тёплые слова!",
        "Благодарим за хубавите думи!",
        "Thank you for the kind words!",
        "Магазин открыт до 22:00.",
        "Магазинът е отворен до 22:00.",
        "The store is open until 10 pm.",
    ],
)
def test_a_closing_a_thanks_and_an_answer_owe_no_step(text: str) -> None:
    assert steps(text) == {}


@pytest.mark.parametrize("text", ["Нам жаль.", "Съжаляваме.", "We're sorry."])
def test_a_bare_regret_owes_thanks_and_that_it_will_be_looked_into(text: str) -> None:
    missing = {name: check.evidence for name, check in steps(text).items() if not check.ok}

    assert missing == {
        "thanks": "missing: thanks for writing",
        "looked_into": "missing: that it will be looked into",
    }


@pytest.mark.parametrize(
    ("doing", "coming_back"),
    [
        ("Проверяем оплату.", "Скоро вернёмся с ответом."),
        ("Проверяваме плащането.", "Скоро ще се върнем с отговор."),
        ("We are checking the payment.", "We'll be back with an answer soon."),
    ],
)
def test_to_come_back_is_no_action_and_what_is_done_is_one(doing: str, coming_back: str) -> None:
    assert not steps(coming_back)["actions"].ok
    assert steps(f"{doing} {coming_back}")["actions"].ok


def test_a_step_is_shown_by_its_words() -> None:
    shown = steps("Анна, нам очень жаль. Спасибо, что сообщили, примем меры.")

    assert {name: check.evidence for name, check in shown.items()} == {
        "who": "нам",
        "thanks": "спасибо",
        "empathy": "жаль",
        "looked_into": "примем меры",
        "farewell": "спасибо",
    }


def test_where_there_is_no_room_only_the_heart_of_it_is_owed() -> None:
    assert set(steps("Нам жаль.", platform="x")) == {"empathy", "looked_into"}


def test_nothing_is_missing_where_something_was_not_read() -> None:
    told = steps("Нам жаль. Вчера вечером главный кондуктор получил строгий выговор.")

    assert "looked_into" not in told
    assert told["empathy"].ok


def test_a_hand_over_says_what_the_customer_is_to_do() -> None:
    assert REVIEWER.review_reply("Let's talk in private.", visibility=Visibility.public).kind is (
        ReplyKind.private
    )
    assert not steps("Let's talk in private.")["customer_step"].ok
    assert steps("Please DM us.")["customer_step"].ok
