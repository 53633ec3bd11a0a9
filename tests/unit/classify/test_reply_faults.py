# Three inputs that break the easy version:
# 1. «Напишите здесь ваш телефон, а чек пришлите в личку»: one of the two is asked in public;
# 2. the brand's own hotline in a public answer: a phone number, and nobody's personal data;
# 3. „Виж условията“: a short Cyrillic reply is easily taken for one in the other language.
"""Which faults does a reply have, and which only seem to be some?"""

import pytest

from schemas.classified import ReplyCheck
from schemas.vocabulary import Visibility
from services.classify.domain.reply_review import Reviewer
from tests.unit.classify.judging import MINDS

REVIEWER = Reviewer(MINDS.eye)


def checks(text: str, to: str | None = None, platform: str | None = None) -> dict[str, ReplyCheck]:
    return REVIEWER.review_reply(
        text, visibility=Visibility.public, to=to, platform=platform
    ).checks


def faults(text: str, to: str | None = None) -> set[str]:
    return {name for name, check in checks(text, to).items() if not check.ok}


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("проблема", "Проблема решена."),
        ("проблемой", "Занимаемся вашей проблемой."),
        ("проблемы", "Проблемы устранены."),
        ("проблемный", "Мы заменили проблемный роутер."),
        ("проблемът", "Проблемът е решен."),
        ("проблеми", "Имаше проблеми с плащанията, вече е решено."),
        ("problems", "Sorry for the problems."),
        ("problem", "No problem, we have refunded you."),
    ],
)
def test_the_banned_word_is_found_in_every_form_and_shown(word: str, text: str) -> None:
    assert checks(text)["no_banned_words"] == ReplyCheck(ok=False, evidence=word)


@pytest.mark.parametrize("text", ["Работаем беспроблемно.", "Безпроблемно е.", "Unproblematic!"])
def test_within_another_word_it_is_no_banned_word(text: str) -> None:
    assert checks(text)["no_banned_words"].ok


@pytest.mark.parametrize(
    "text",
    [
        "Оставьте телефон здесь, перезвоним.",
        "Напишите здесь ваш телефон, а чек пришлите в личку.",
        "Оставете телефон тук, ще ви се обадим.",
        "Leave your phone number here and we'll ring.",
        "May we have your date of birth?",
    ],
)
def test_data_asked_where_all_can_read_it_is_a_fault(text: str) -> None:
    assert "no_data_asked_in_public" in faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "Сообщите личным сообщением Ваш номер.",
        "Пришлите номер заказа. Лучше в личные сообщения.",
        "Не оставляйте здесь номер карты.",
        "Напишите номер модели, подскажем.",
        "Изпратете ни на лично съобщение телефона си.",
        "Не публикувайте тук номера на картата си.",
        "Send us your phone number by DM.",
        "Please don't share your card number here.",
        "You can change your phone number in the app.",
    ],
)
def test_data_asked_in_private_or_warned_of_is_none(text: str) -> None:
    assert "no_data_asked_in_public" not in faults(text)


def test_in_private_data_may_be_asked() -> None:
    review = REVIEWER.review_reply("Пришлите ваш телефон.", visibility=Visibility.private)

    assert review.checks["no_data_asked_in_public"].ok


def test_what_is_shown_is_counted_and_never_repeated() -> None:
    shown = checks("Ваш телефон +7 912 345-67-89 и почту ivan.petrov@mail.example записали.")

    assert shown["no_data_shown_in_public"].evidence == "places with personal data: 2"


@pytest.mark.parametrize(
    ("text", "to"),
    [
        ("Горячая линия: 8-800-555-01-10, звоните.", "Какой у вас телефон?"),
        ("Номерът ни е 0700 12 345, звънете.", "Кой е телефонът ви?"),
        ("Our hotline is 0800 123 4567, call us.", "What is your number?"),
    ],
)
def test_the_brands_own_line_given_on_request_is_no_fault(text: str, to: str) -> None:
    assert faults(text, to) == set()
    assert faults(text) == {"same_channel"}


@pytest.mark.parametrize(
    "text",
    [
        "Напишите нам на help@shop.example.",
        "Обратитесь в офис.",
        "Пишете ни на имейл help@shop.example.",
        "Заповядайте в офиса.",
        "Email us at help@shop.example.",
        "Please visit your nearest branch.",
    ],
)
def test_another_channel_is_a_fault_unless_the_talk_goes_on_in_private_here(text: str) -> None:
    assert "same_channel" in faults(text)
    assert "same_channel" not in faults(f"{text} Или в личку. Или на лично. Or by DM.")


@pytest.mark.parametrize(
    ("text", "to"),
    [
        ("Смотри условия на сайте.", "Ты где мой заказ потерял?"),
        ("Виж условията на сайта.", "Абе ти къде ми дяна пратката?"),
        ("Sure, buddy, it is on its way.", "Hey buddy, where is my parcel?"),
    ],
)
def test_thou_is_a_fault_unless_the_customer_said_it_first(text: str, to: str) -> None:
    assert "polite_address" in faults(text)
    assert "polite_address" not in faults(text, to)


@pytest.mark.parametrize(("platform", "fits"), [("x", False), ("telegram", True), (None, None)])
def test_a_reply_fits_its_platform(platform: str | None, *, fits: bool | None) -> None:
    found = checks("Да. " * 75, platform=platform).get("fits_platform")

    assert (found and found.ok) is fits


STORY = "Я ждал три часа, потом ещё два. " * 15


@pytest.mark.parametrize(
    ("text", "to", "fair"),
    [
        ("Нам жаль.", STORY, False),
        ("Нам жаль, что вы столько ждали. Разберёмся с водителем и вернёмся.", STORY, True),
        ("Вопрос решён.", STORY, True),
        ("Да.", STORY, True),
        ("Спасибо! " * 60, "Спасибо!", False),
    ],
)
def test_a_line_to_a_story_and_a_speech_to_a_word_are_out_of_proportion(
    text: str, to: str, *, fair: bool
) -> None:
    assert checks(text, to)["proportionate"].ok is fair
