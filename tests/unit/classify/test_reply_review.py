# Three inputs that break the easy version:
# 1. "Мы поняли вашу проблему, пишем в личные сообщения": apology, banned word and hand-over in one;
# 2. "within 2-3 days": the later end is the promise;
# 3. a date in a reply without a known time of saying: no promise may be made up.
"""Which step of the play is a reply, and how does it hold up?"""

from datetime import timedelta

import pytest

from schemas.vocabulary import ReplyKind, Visibility
from services.classify.domain.reply_review import Reviewer
from tests.builders import MONDAY
from tests.unit.classify.judging import MINDS

REVIEWER = Reviewer(MINDS.eye)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (ReplyKind.acknowledgement, "Анна, нам очень жаль, спасибо, что сообщили."),
        (ReplyKind.interim, "Извините! Уже разбираемся, вернёмся с ответом."),
        (ReplyKind.private, "Напишите нам в личные сообщения, пожалуйста."),
        (ReplyKind.closing, "Вопрос решён, деньги возвращены на счёт."),
        (ReplyKind.answer, "Магазин открывается в десять."),
        (ReplyKind.thanks, "Спасибо за добрые слова!"),
        (ReplyKind.acknowledgement, "Анна, много съжаляваме за случилото се."),
        (ReplyKind.interim, "Извинете! Вече проверяваме."),
        (ReplyKind.private, "Петър, писахме ви на лично съобщение."),
        (ReplyKind.closing, "Случаят е приключен, сумата е възстановена."),
        (ReplyKind.answer, "Да, размер 42 е наличен онлайн."),
        (ReplyKind.thanks, "Благодарим за хубавите думи!"),
        (ReplyKind.acknowledgement, "We are so sorry about that, Anna."),
        (ReplyKind.interim, "Sorry! We are looking into it."),
        (ReplyKind.private, "Please send us a DM so that we can help."),
        (ReplyKind.closing, "All sorted, your refund is on its way."),
        (ReplyKind.answer, "A guitar up to 90 cm can travel in the cabin."),
        (ReplyKind.thanks, "Thank you for your kind words!"),
    ],
)
def test_a_reply_has_its_kind(kind: ReplyKind, text: str) -> None:
    assert REVIEWER.review_reply(text, visibility=Visibility.public).kind is kind


@pytest.mark.parametrize(
    ("after", "text"),
    [
        (timedelta(hours=2), "Ответим в течение 2 часов."),
        (timedelta(days=3), "Ще отговорим до 2-3 дни."),
        (timedelta(hours=24), "We will get back to you within 24 hours."),
        (None, "We will get back to you."),
        (None, "Working for 300 days already."),
    ],
)
def test_a_promise_is_counted_from_when_it_was_said(after: timedelta | None, text: str) -> None:
    said = REVIEWER.review_reply(text, said_at=MONDAY, visibility=Visibility.public)
    unknown = REVIEWER.review_reply(text, visibility=Visibility.public)

    assert said.promise_until == (MONDAY + after if after else None)
    assert unknown.promise_until is None


@pytest.mark.parametrize(
    "text",
    [
        "Понимаем вашу проблему, напишите номер телефона в ответ",
        "Разбираме проблема, пишете телефонен номер тук",
        "We see the problem, reply with your phone number",
    ],
)
def test_asking_for_data_in_public_and_the_banned_word_are_found(text: str) -> None:
    public = REVIEWER.review_reply(text, visibility=Visibility.public).checks
    private = REVIEWER.review_reply(text, visibility=Visibility.private).checks

    assert not public["no_banned_words"].ok
    assert not public["no_data_asked_in_public"].ok
    assert private["no_data_asked_in_public"].ok
