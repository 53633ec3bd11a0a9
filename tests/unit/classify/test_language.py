# Three inputs that break the easy version:
# 1. "Украли карту, помогите": no letter that only Russian has;
# 2. "Pratkata mi ne e doshla": Bulgarian in Latin letters, its words must still be found;
# 3. "İstanbul": lower case is longer than the text, so that every place behind it would be wrong.
"""In which language is a text?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classify.domain.reading import fold, read
from tests.unit.classify.judging import JUDGE, judged


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("ru", "Украли карту, помогите"),
        ("ru", "Где мой заказ?"),
        ("ru", "скажите, можно оплатить частями"),
        ("ru", "Сервис недоступен уже десять минут"),
        ("bg", "Приложението не работи"),
        ("bg", "Къде е пратката ми?"),
        ("bg", "Още чакам"),
        ("bg", "Много съм доволна от новата карта"),
        ("bg", "kude mi e pratkata, zashto nikoi ne vdiga"),
        ("ru", "pochemu u menya ne rabotaet karta"),
        ("en", "Where is my parcel?"),
        ("en", "app down again"),
        ("uk", "Де моя посилка, вже тиждень немає відповіді"),
        ("other", "Wo ist mein Paket, ich warte und es ist nicht da"),
        ("other", "Πού είναι το δέμα μου;"),
        ("other", "我的包裹在哪里"),
    ],
)
def test_a_short_text_is_told_apart(lang: str, text: str) -> None:
    assert judged(text).lang == lang


@pytest.mark.parametrize(("hint", "lang"), [("bg", "bg"), ("ru-RU", "ru"), (None, "ru")])
def test_what_the_platform_said_decides_only_what_is_near(hint: str | None, lang: str) -> None:
    assert judged("билет", hint).lang == lang
    assert judged("where is my money", hint).lang == "en"


@given(st.text())
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert len(read(text).folded) == len(text)


def test_evidence_of_latinised_text_points_into_the_text_as_written() -> None:
    text = "Pratkata mi ne e doshla, kade e?"

    start, end = JUDGE.evidence(text, None)["fair_claim"][0]

    assert text[start:end] in text.split()


@given(st.text(max_size=60))
def test_any_text_can_be_judged_and_its_evidence_lies_inside(text: str) -> None:
    spots = [spot for spots in JUDGE.evidence(text, None).values() for spot in spots]
    assert all(0 <= start < end <= len(text) for start, end in spots)
