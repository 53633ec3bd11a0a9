# Three inputs that break the easy version:
# 1. an answer to another customer on our own page: our page, yet not said to us;
# 2. a direct message without any word of address: the place says it, the text cannot;
# 3. a tag that only begins like ours (@severbank_fans).
"""Does the place win over the text?"""

from typing import Any

import pytest

from schemas.vocabulary import Addressed, Disposition, Kind, Space, Visibility
from services.classify.domain.addressed import addressed_of
from tests.builders import a_post
from tests.unit.classify.judging import meaning_of


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        (Addressed.direct, {"space": Space.own_page}),
        (Addressed.direct, {"space": Space.dm, "kind": Kind.message}),
        (Addressed.direct, {"space": Space.mention, "visibility": Visibility.private}),
        (Addressed.direct, {"space": Space.mention, "mentions": ("@SeverBank",)}),
        (Addressed.none, {"space": Space.mention, "mentions": ("@severbank_fans",)}),
        (Addressed.mention, {"space": Space.mention, "kind": Kind.mention}),
        (Addressed.mention, {"space": Space.review, "kind": Kind.review}),
        (Addressed.none, {"space": Space.forum}),
        (
            Addressed.mention,
            {"space": Space.own_page, "kind": Kind.reply, "parent_id": "c7", "root_id": "wall-1"},
        ),
    ],
)
def test_the_place_decides(expected: Addressed, changes: dict[str, Any]) -> None:
    assert addressed_of(a_post(**changes), Addressed.none) is expected


@pytest.mark.parametrize("said", [Addressed.direct, Addressed.mention])
def test_where_the_place_says_nothing_the_text_counts(said: Addressed) -> None:
    assert addressed_of(a_post(space=Space.forum), said) is said


@pytest.mark.parametrize(
    "text",
    ["Кто вчера ходил в кино?", "кой гледа мача снощи", "anyone seen the match last night"],
)
def test_a_question_to_nobody_of_ours_is_listened_to(text: str) -> None:
    found = meaning_of(a_post(space=Space.forum, text=text))

    assert found.addressed is Addressed.none
    assert found.disposition is Disposition.listen


@pytest.mark.parametrize(
    "text", ["когда второй сезон?", "кога е вторият сезон?", "when is season two?"]
)
def test_the_same_question_on_our_page_is_answered(text: str) -> None:
    found = meaning_of(a_post(space=Space.own_page, text=text))

    assert (found.addressed, found.disposition) == (Addressed.direct, Disposition.answer_here)
