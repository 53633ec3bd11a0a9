"""What others ask under the same post, beside a case and without a word of theirs.

The inputs that break the easy version: two posts of one other customer; a question that a bot
answered; somebody else's private words in the same conversation.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from schemas.posts import Author
from schemas.tickets import Ticket
from schemas.vocabulary import Intent, Visibility
from services.route.domain.also_asked import MOST, AlsoAsked, also_asked
from services.route.domain.book import Book, Sighting
from services.route.domain.desk import Desk, Rules, Seat
from services.route.domain.policy_file import read_policy
from services.route.settings import read_needs
from tests.builders import MONDAY, a_classified, a_post, a_reply, minutes
from tests.unit.route.recorded_day import DEFAULT

RULES = Rules(policy=read_policy(DEFAULT), seq=1, needs=read_needs())


class Wall:
    """A wall post with what its commenters wrote, as route keeps it."""

    def __init__(self) -> None:
        self.book = Book()

    def says(self, who: str, native: str, *, at: float = 0, **changes: Any) -> None:
        axes = {"intent": Intent.question, "fair_claim": False, "lang": changes.pop("lang", "ru")}
        post = a_post(native, author=who, at=MONDAY + minutes(at), **changes)
        list(Desk(a_classified(post, **axes), self.book, RULES, Seat(partition=0)).settle())

    def answers(self, native: str, to: str, *, at: float, **changes: Any) -> None:
        reply = a_reply(native, to, at=MONDAY + minutes(at), **changes)
        event = a_classified(reply, review="answer")
        list(Desk(event, self.book, RULES, Seat(partition=0)).settle())

    def of(self, who: str) -> Ticket:
        return next(one for one in self.book.tickets.values() if one.case.customer == who)

    def beside(self, who: str) -> Sequence[AlsoAsked]:
        by_key = self.book.tickets
        kept: list[Sighting] = list(self.book.sightings.values())
        rows = [(one, by_key[one.case_key]) for one in kept if one.case_key in by_key]
        return also_asked(self.of(who), [row for row in rows if row[0].case_key])


@pytest.fixture
def wall() -> Wall:
    wall = Wall()
    wall.says("anna", "p1")
    return wall


@pytest.mark.parametrize("lang", ["ru", "bg", "en"])
def test_the_question_of_somebody_else_is_told_with_its_case_and_language(
    wall: Wall, lang: str
) -> None:
    wall.says("boris", "p2", at=3, lang=lang, text="тайное слово")

    (row,) = wall.beside("anna")

    assert (row.ticket_id, row.post_ids, row.lang) == (wall.of("boris").id, ("p2",), lang)
    assert (row.asked_at, row.answered) == (MONDAY + minutes(3), False)
    assert [one.post_ids for one in wall.beside("boris")] == [("p1",)]
    shown = msgspec.json.encode(row)
    assert b"boris" not in shown
    assert "тайное".encode() not in shown


def test_two_posts_of_one_customer_are_one_question(wall: Wall) -> None:
    wall.says("boris", "p2", at=3)
    wall.says("boris", "p3", at=4, thread_id="p2", parent_id="p2")

    (row,) = wall.beside("anna")

    assert (row.post_ids, row.asked_at) == (("p2", "p3"), MONDAY + minutes(4))


def test_only_a_persons_answer_after_the_last_words_answers(wall: Wall) -> None:
    robot = Author(id="severbank", is_brand=True, is_bot=True)
    for n, who in enumerate(("by-a-bot", "by-a-person", "asked-again")):
        wall.says(who, f"q{n}", at=n)
    wall.answers("a0", "q0", at=10, author=robot)
    wall.answers("a1", "q1", at=10)
    wall.answers("a2", "q2", at=10)
    wall.says("asked-again", "q3", at=12, thread_id="q2", parent_id="q2")

    found = [(row.post_ids[0], row.answered) for row in wall.beside("anna")]

    assert found == [("q0", False), ("q2", False), ("q1", True)]


def test_what_is_private_or_elsewhere_or_closed_or_thanks_is_not_told(wall: Wall) -> None:
    wall.says("private", "p2", visibility=Visibility.private)
    wall.says("elsewhere", "p3", conversation_id="wall-2")
    wall.says("lavka", "p4", brand="lavka")
    thanks = a_classified(a_post("p5", author="glad"), intent=Intent.praise, fair_claim=False)
    list(Desk(thanks, wall.book, RULES, Seat(partition=0)).settle())

    assert wall.beside("anna") == ()


def test_under_a_post_that_everybody_comments_on_there_is_an_end(wall: Wall) -> None:
    for n in range(MOST + 9):
        wall.says(f"c{n}", f"q{n}", at=n)

    found = wall.beside("anna")

    assert [row.post_ids[0] for row in found] == [f"q{n}" for n in range(MOST)]
