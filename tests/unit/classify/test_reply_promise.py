# Three inputs that break the easy version:
# 1. "we answered you on Friday": a day in the past is no promise;
# 2. «до 18 часов» is a time of day, „до 48 часа“ an amount;
# 3. "by Friday" said late on Thursday in Moscow: which Friday depends on the zone.
"""Until when does a reply promise something?"""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.vocabulary import Visibility
from services.classify.domain.reply_promise import LONGEST_PROMISE
from services.classify.domain.reply_review import Reviewer
from tests.unit.classify.judging import MINDS

REVIEWER = Reviewer(MINDS.eye)
WEDNESDAY = datetime(2026, 3, 4, 9, tzinfo=UTC)
NONE = "none"


def promised(text: str, said_at: datetime = WEDNESDAY) -> str:
    """Day and minute of the promise, in UTC."""
    review = REVIEWER.review_reply(text, said_at=said_at, visibility=Visibility.public)
    return f"{review.promise_until:%m-%d %H:%M}" if review.promise_until else NONE


@pytest.mark.parametrize(
    ("until", "text"),
    [
        ("03-04 11:00", "Ответим в течение 2 часов."),
        ("03-04 11:00", "Ще ви отговорим до два часа."),
        ("03-04 11:00", "We'll reply in a couple of hours."),
        ("03-07 09:00", "Вернёмся с ответом через 2-3 дня."),
        ("03-07 09:00", "Ще се върнем с отговор до 2-3 дни."),
        ("03-07 09:00", "We will get back to you within 2-3 days."),
        ("03-06 09:00", "Ще отговорим до 48 часа."),
        ("03-04 18:00", "Ответим до 18 часов."),
        ("03-11 09:00", "Решим за пять рабочих дней."),
        ("03-11 09:00", "We'll sort it within five business days."),
        ("03-18 09:00", "Ще получите отговор в рамките на две седмици."),
        ("03-04 09:15", "We'll call you in 15 minutes."),
    ],
)
def test_an_amount_of_time_counts_from_when_it_was_said(until: str, text: str) -> None:
    assert promised(text) == until


@pytest.mark.parametrize(
    ("until", "text"),
    [
        ("03-07 00:00", "Напишем вам в пятницу."),
        ("03-07 00:00", "Ще ви пишем до петък."),
        ("03-07 00:00", "We'll write to you on Friday."),
        ("03-12 00:00", "Ответим в среду."),
        ("03-14 00:00", "Ответим в следующую пятницу."),
        ("03-14 00:00", "We'll reply by next Friday."),
        ("03-05 00:00", "Сообщим сегодня вечером."),
        ("03-05 00:00", "Ще ви отговорим до края на деня."),
        ("03-05 00:00", "We'll update you tonight."),
        ("03-05 12:00", "Вернёмся к вам завтра до обеда."),
        ("03-05 15:00", "Ще ви се обадим утре до 15:00."),
        ("03-05 15:00", "We'll call you tomorrow by 3pm."),
        ("03-07 00:00", "Ответим послезавтра."),
        ("03-09 00:00", "Ще отговорим до края на седмицата."),
        ("03-16 00:00", "We'll have it fixed next week."),
        ("04-01 00:00", "Пересчитаем до конца месяца."),
        ("03-16 00:00", "Ответим до 15 марта."),
        ("03-16 00:00", "Ще ви отговорим до 15 март."),
        ("03-16 00:00", "We will write by March 15th."),
        ("03-16 00:00", "We will write by 15 March."),
        ("03-16 00:00", "Ответим до 15.03."),
        ("03-05 08:00", "Ответим до 8:00."),
    ],
)
def test_a_day_lasts_to_its_end_unless_an_hour_is_named(until: str, text: str) -> None:
    assert promised(text) == until


@pytest.mark.parametrize(
    "text",
    [
        "Мы ответили вам в пятницу.",
        "Отговорихме ви в петък.",
        "We answered you on Friday.",
        "Напишите нам до пятницы.",
        "Пишете ни до петък.",
        "Send us the receipt by Friday.",
        "Можем вернуться с ответом завтра?",
        "Не можем обещать, что ответим завтра.",
        "Акция действует до 15 марта.",
        "Магазинът е отворен до 22:00.",
        "We'll refund the ticket of March 2.",
        "Ответим по заявке от 15 марта.",
        "Ответим в ближайшее время.",
        "We'll reply within 90 days.",
        "Ответим до 1 марта.",
        "Ответим до 31 февраля.",
        "We'll reply by 25:70.",
    ],
)
def test_what_is_past_conditional_too_far_or_not_ours_is_no_promise(text: str) -> None:
    assert promised(text) == NONE


@pytest.mark.parametrize(
    ("until", "text"),
    [
        ("03-06 00:00", "Постараемся ответить завтра."),
        ("03-06 00:00", "Ще се опитаме да отговорим утре."),
        ("03-06 00:00", "We'll try to answer tomorrow."),
    ],
)
def test_to_try_is_to_promise(until: str, text: str) -> None:
    assert promised(text) == until


def test_of_two_promises_the_earlier_counts() -> None:
    assert promised("Перезвоним через час. Деньги вернём до пятницы.") == "03-04 10:00"


def test_days_end_in_the_zone_that_the_reply_was_said_in() -> None:
    moscow = timezone(timedelta(hours=3))
    late = datetime(2026, 3, 4, 23, 30, tzinfo=moscow)

    assert promised("Ответим завтра.", late) == "03-05 21:00"
    assert promised("Ответим завтра.", late.astimezone(UTC)) == "03-06 00:00"


def test_around_new_year_a_date_is_the_next_one() -> None:
    december = datetime(2026, 12, 30, 9, tzinfo=UTC)

    assert promised("Ответим до 5 января.", december) == "01-06 00:00"


WORDS = "ответим ще will до by в on 15 марта march петък friday 18:00 99.99 завтра , . ? 2-3 дня"


@given(st.lists(st.sampled_from(WORDS.split()), max_size=12), st.integers(0, 50_000))
def test_nothing_is_promised_in_the_past_or_beyond_two_months(words: list[str], hours: int) -> None:
    said_at = WEDNESDAY + timedelta(hours=hours)
    review = REVIEWER.review_reply(" ".join(words), said_at=said_at, visibility=Visibility.public)

    until = review.promise_until
    assert until is None or said_at < until <= said_at + LONGEST_PROMISE
