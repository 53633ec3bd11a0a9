# Three inputs that break the easy version:
# 1. "Пожалуйста, не публикуйте здесь номер карты": a warning names what nobody may ask for;
# 2. "Write to us by Friday": a deadline of the customer is no promise of ours;
# 3. a story of feelings in other words: what was not read may hold the step that seems missing.
"""Does the reply check find the faults that a person finds, and only those?"""

import pytest

from docs.generate import FOLDER
from docs.replies import LANGUAGES, Found, found, read_golden, scores, total
from services.classify.domain.reply_checks import KINDS

RESULTS: list[Found] = [one for lang in LANGUAGES for one in found(lang)]
COMMON = {
    "fits_platform",
    "no_banned_words",
    "no_data_asked_in_public",
    "no_data_shown_in_public",
    "polite_address",
    "proportionate",
    "same_channel",
}
FLOOR = 0.9
"""Below it people stop believing a check; a fault that is missed costs less."""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_language_has_its_golden_replies_of_every_kind(lang: str) -> None:
    golden = read_golden(lang)

    assert len(golden) >= 60
    assert len({(one.text, one.to) for one in golden}) == len(golden)
    assert {one.kind.value for one in golden} == {
        "acknowledgement",
        "interim",
        "private",
        "closing",
        "answer",
        "thanks",
    }


def test_the_page_names_every_check() -> None:
    page = (FOLDER / "check-a-reply.md").read_text("utf-8")

    assert [name for name in (*KINDS, *COMMON, "not_repeated") if f"| `{name}` |" not in page] == []


def test_every_check_has_golden_faults() -> None:
    assert {name for one in RESULTS for name in one.golden.fails} == {*KINDS, *COMMON}


@pytest.mark.parametrize("name", sorted(scores(RESULTS)))
def test_what_a_check_calls_a_fault_is_one(name: str) -> None:
    assert scores(RESULTS)[name].precision >= FLOOR


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nine_of_ten_faults_are_found_in_each_language(lang: str) -> None:
    of_language = found(lang)

    assert total(of_language).recall >= FLOOR
    assert sum(one.kind is one.golden.kind for one in of_language) >= FLOOR * len(of_language)


def test_replies_that_no_word_was_chosen_by_are_held_to_the_same_precision() -> None:
    unseen = [one for one in RESULTS if one.golden.unseen]

    assert len(unseen) >= 30
    assert total(unseen).precision >= FLOOR
