# Three inputs that break the easy version:
# 1. "my order number is 0088213377": eleven digits like a phone's, and "my" in front of them;
# 2. "Plumber 24/7, ring 07700 900144" beside "ring me on 07700 900144": only one is a customer's;
# 3. 64 KiB of digits or phones: every shape begins everywhere, and everything around is looked at.
"""Is personal data told from what only looks so, in English, Russian and Bulgarian?"""

from pathlib import Path

import pytest
import yaml

from services.classify.domain.personal import MOST, personal_places
from tests.unit.classify.judging import judged

CHALLENGE = yaml.safe_load(Path(__file__).with_name("personal_challenge.yaml").read_text("utf-8"))
FLOOR = 0.95


@pytest.mark.parametrize("lang", CHALLENGE)
def test_personal_data_is_told_from_what_only_looks_so(lang: str) -> None:
    exposing, looking = (CHALLENGE[lang][side].splitlines() for side in ("exposing", "looks_so"))

    missed = [text for text in exposing if not judged(text).personal_data]
    false = [text for text in looking if judged(text).personal_data]
    found = len(exposing) - len(missed)
    f1 = 2 * found / (len(exposing) + found + len(false))

    assert (len(exposing), len(looking)) >= (50, 100)
    assert f1 >= FLOOR, "\n".join([f"F1 {f1:.2f}", *missed, "told wrongly:", *false])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Please ring me on 07700 900144, thanks", ["07700 900144"]),
        ("@acme_air booking ref Q7XK2M, seats are split", ["Q7XK2M"]),
        ("Пишите на krotova.a@mail.ru, 8 916 000 44 21", ["krotova.a@mail.ru", "8 916 000 44 21"]),
        ("Картата ми 4000 0011 2233 4455 не минава", ["4000 0011 2233 4455"]),
        ("Ответьте на [phone], [email]", ["[phone]", "[email]"]),
        ("Ёлка горит! Мой номер 8 916 000 44 21", ["8 916 000 44 21"]),
    ],
)  # fmt: skip
def test_places_are_those_of_the_original(text: str, shown: list[str]) -> None:
    assert [text[start:end] for start, end in personal_places(text)] == shown


@pytest.mark.parametrize(
    ("own", "foreign"),
    [
        ("Please ring me on 07700 900144", "Plumber 24/7, ring 07700 900144"),
        ("My card 4111 1111 1111 1111 was charged", "Voucher 4111 1111 1111 1111 was charged"),
        ("Reach me at tess.hallam@gmail.com", "Is security.team@bank-fee.com really yours?"),
        ("Конверт на Ленина 25, кв 14 не дошёл", "Банкомат на Ленина 25 съел карту"),
        ("Мой паспорт 4509 112233 у вас с ошибкой", "Заявка 4509 112233 висит месяц"),
        ("перезвоните мне на 8 916 000 44 21", "звонил на 8 800 555 35 35, играет музыка"),
        ("Телефонът ми е 0888 000 213", "Хамалски услуги, ниски цени, 0888 000 213"),
        ("Билетите не дойдоха, 0886 550 142", "Продавам билети, не мога да ида, 0886 550 142"),
        ("Резервация K7TQ3M, името е сгрешено", "с код K7TQ3M отстъпка 20%"),
        ("Роден съм на 11.03.1954", "обещахте до 11.03.2025"),
    ],
)
def test_the_words_around_say_whose_it_is(own: str, foreign: str) -> None:
    assert personal_places(own)
    assert not personal_places(foreign)


@pytest.mark.parametrize("lang", CHALLENGE)
def test_a_text_without_digit_at_sign_or_bracket_exposes_nothing(lang: str) -> None:
    words = "".join(sign for sign in CHALLENGE[lang]["exposing"].lower() if sign not in "@[<{")

    assert personal_places("".join(sign for sign in words if not sign.isdigit())) == ()


@pytest.mark.parametrize(
    "hostile", ["AB1CD2 ", "1", "@", " ", "a@", "1 ", "0888 000 213 ", "ул. а 1 ", "[phone", "a.b"]
)
def test_a_hostile_text_is_looked_at_in_a_bounded_number_of_places(hostile: str) -> None:
    found = personal_places(hostile * (65536 // len(hostile)))

    assert len(found) <= 10 * MOST
