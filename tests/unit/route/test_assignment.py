"""Whose case is it?

The inputs that break the easy version: the only one who speaks the language is full; nobody has the
skill; a hundred cases for three people, one of whom has half the room.
"""

from collections import Counter

import msgspec
import pytest

from services.route.domain.assignment import Wish, owner_of


class Person(msgspec.Struct, frozen=True, kw_only=True):
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    seniority: str | None = None
    capacity: int = 10


VERA, GLEB, ANNA = "vera", "gleb", "anna"
PEOPLE = {
    VERA: Person(languages=("ru", "bg")),
    GLEB: Person(languages=("ru", "en"), skills=("cards",), seniority="senior"),
    ANNA: Person(languages=("bg",), capacity=5),
}
ALL = (VERA, GLEB, ANNA)


def test_nobody_on_duty_is_nobody() -> None:
    assert owner_of(Wish(ticket_id="t", lang="ru"), (), PEOPLE, {}) is None


@pytest.mark.parametrize(
    ("lang", "able"), [("en", {GLEB}), ("bg", {VERA, ANNA}), ("ru", {VERA, GLEB})]
)
def test_who_writes_the_language_gets_it(lang: str, able: set[str]) -> None:
    chosen = {owner_of(Wish(ticket_id=f"t{n}", lang=lang), ALL, PEOPLE, {}) for n in range(40)}

    assert chosen == able


def test_a_senior_or_a_skill_is_looked_for_and_missed_by_nobody() -> None:
    assert owner_of(Wish(ticket_id="t", lang="ru", senior=True), ALL, PEOPLE, {}) == GLEB
    assert owner_of(Wish(ticket_id="t", lang="ru", skills=("cards",)), ALL, PEOPLE, {}) == GLEB
    assert owner_of(Wish(ticket_id="t", lang="en", skills=("ships",)), ALL, PEOPLE, {}) == GLEB


def test_who_is_full_gets_nothing_while_another_has_room_but_the_language_comes_first() -> None:
    full = {GLEB: 10}

    assert owner_of(Wish(ticket_id="t", lang="ru", senior=True), ALL, PEOPLE, full) == VERA
    assert owner_of(Wish(ticket_id="t", lang="en"), ALL, PEOPLE, full) == GLEB


def test_everybody_full_still_leaves_no_case_without_an_owner() -> None:
    load = {VERA: 12, GLEB: 11, ANNA: 9}

    assert owner_of(Wish(ticket_id="t", lang="ru"), ALL, PEOPLE, load) == GLEB


def test_a_hundred_cases_fall_by_room_and_none_waits_for_its_turn() -> None:
    load: Counter[str] = Counter()
    for n in range(15):
        load[owner_of(Wish(ticket_id=f"t{n}", lang="bg"), (VERA, ANNA), PEOPLE, load) or ""] += 1

    assert load == {VERA: 10, ANNA: 5}


def test_the_same_case_at_the_same_load_has_the_same_owner_in_any_order_of_names() -> None:
    for n in range(50):
        wish = Wish(ticket_id=f"t{n}", lang="fr")
        assert owner_of(wish, ALL, PEOPLE, {}) == owner_of(wish, ALL[::-1], PEOPLE, {})


def test_somebody_the_policy_does_not_describe_writes_all_languages() -> None:
    assert owner_of(Wish(ticket_id="t", lang="bg"), ("new",), PEOPLE, {}) == "new"
