"""What a post does to its case.

The inputs that break the easy version: 300 customers under one post and one answer to one of them;
the same post again after its ticket was closed by hand; a reply that is seen before the post that
it answers.
"""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from schemas.classified import ClassifiedPost, ReplyCheck, ReplyReview
from schemas.decisions import Decision, ReplyScore
from schemas.posts import Author, case_of
from schemas.states import AlertKind, Change, MomentKind, TicketState
from schemas.tickets import TicketEvent
from schemas.vocabulary import (
    Addressed,
    CaseTopic,
    Disposition,
    Intent,
    Op,
    ReplyKind,
    Visibility,
)
from services.route.domain.book import Book
from services.route.domain.desk import Desk, Rules, Seat
from services.route.domain.ending import close
from services.route.domain.policy_file import read_policy
from services.route.settings import read_needs
from tests.builders import MONDAY, a_classified, a_post, a_reply, minutes

POLICY = read_policy(Path("services/route/policy/default.yaml").read_text(encoding="utf-8"))
RULES = Rules(policy=POLICY, seq=1, needs=read_needs())
SEAT = Seat(partition=3)


def settle(book: Book, *events: ClassifiedPost, seat: Seat = SEAT) -> list[Decision | TicketEvent]:
    """What comes out when these events pass the desk in this order."""
    return [out for event in events for out in Desk(event, book, RULES, seat).settle()]


def changes(outputs: Iterable[Decision | TicketEvent]) -> list[TicketEvent]:
    """The ticket events among them."""
    return [out for out in outputs if isinstance(out, TicketEvent)]


def decisions(outputs: Iterable[Decision | TicketEvent]) -> list[Decision]:
    """The decisions among them."""
    return [out for out in outputs if isinstance(out, Decision)]


def test_300_customers_under_one_post_are_300_cases_and_one_answer_stops_one_clock() -> None:
    book = Book()
    posts = [a_post(f"p{n}", author=f"customer-{n}") for n in range(300)]
    settle(book, *(a_classified(post) for post in posts))

    answered = settle(book, a_classified(a_reply("r1", "p7", at=MONDAY + minutes(5))))

    assert len({ticket.id for ticket in book.tickets.values()}) == 300
    assert [event.ticket.case for event in changes(answered)] == [case_of(posts[7])]
    kinds = [{m.kind for m in ticket.moments} for ticket in book.tickets.values()]
    assert sum(MomentKind.answered_publicly in found for found in kinds) == 1


def test_every_post_gets_a_decision_with_its_rule_and_reason() -> None:
    outputs = settle(
        Book(),
        a_classified(a_post("talk"), addressed=Addressed.mention, intent=Intent.talk, urgency=0),
        a_classified(a_post("insult"), rude=True, fair_claim=False),
        a_classified(a_post("spam"), intent=Intent.spam),
    )

    assert [d.rule_id for d in decisions(outputs)] == ["talk", "insult", "spam"]
    assert all(d.reasons[0] for d in decisions(outputs))
    assert changes(outputs) == []


def test_the_same_event_twice_changes_nothing() -> None:
    book, event = Book(), a_classified(a_post())
    settle(book, event)

    assert settle(book, event) == []


def test_a_redelivered_post_does_not_reopen_a_ticket_closed_meanwhile() -> None:
    book, event = Book(), a_classified(a_post())
    (opened,) = changes(settle(book, event))
    closed = close(opened.ticket, at=MONDAY + minutes(9), by="vera", outcome="solved")
    assert closed
    book.change(closed.ticket, partition=3)

    settle(book, event)

    assert book.tickets[opened.ticket.case.key].state is TicketState.closed


def test_one_decision_per_revision_and_a_lower_one_overwrites_nothing() -> None:
    book = Book()
    first, edited = a_post(revision=1), a_post(revision=2, op=Op.edited, text="Уже два дня!")
    outputs = settle(book, a_classified(edited), a_classified(first), a_classified(edited))

    assert [d.revision for d in decisions(outputs)] == [2, 1]
    assert len(changes(outputs)) == 1
    assert next(iter(book.tickets.values())).excerpt == "Уже два дня!"


def test_a_reply_seen_before_its_post_is_matched_when_the_post_comes() -> None:
    book = Book()
    reply = a_classified(a_reply("r1", "p1", at=MONDAY + minutes(4)))
    assert changes(settle(book, reply)) == []

    outputs = settle(book, a_classified(a_post("p1")))

    assert [event.change for event in changes(outputs)] == [Change.opened, Change.answered]


def test_a_reply_to_our_own_reply_belongs_to_the_customer_above() -> None:
    book = Book()
    settle(book, a_classified(a_post("p1")), a_classified(a_reply("r1", "p1")))

    outputs = settle(book, a_classified(a_reply("r2", "r1", at=MONDAY + minutes(9))))

    assert [event.post_id for event in changes(outputs)] == ["r2"]


def test_a_private_reply_belongs_to_the_only_case_of_its_dialogue() -> None:
    book = Book()
    dm = {"thread_id": "dm-1", "conversation_id": "dm-1", "visibility": Visibility.private}
    settle(book, a_classified(a_post("p1", **dm)))

    reply = a_reply("r1", "", at=MONDAY + minutes(3), **{**dm, "parent_id": None})
    (event,) = changes(settle(book, a_classified(reply)))

    assert event.ticket.moments[-1].kind is MomentKind.answered_privately


def test_a_bot_is_noted_as_a_bot() -> None:
    book = Book()
    settle(book, a_classified(a_post("p1")))
    bot = Author(id="bank-bot", is_brand=True, is_bot=True)

    (event,) = changes(settle(book, a_classified(a_reply("r1", "p1", author=bot))))

    assert event.change is Change.bot_answered
    assert event.ticket.state is TicketState.open


@pytest.mark.parametrize(
    ("days", "change", "episode"), [(3, Change.reopened, 1), (8, Change.opened, 2)]
)
def test_a_customer_who_writes_after_closing_reopens_or_starts_an_episode(
    days: int, change: Change, episode: int
) -> None:
    book = Book()
    (opened,) = changes(settle(book, a_classified(a_post("p1"))))
    closed = close(opened.ticket, at=MONDAY, by="vera", outcome="solved")
    assert closed
    book.change(closed.ticket, partition=3)

    again = a_post("p2", at=MONDAY + timedelta(days=days), thread_id="p1")
    (event,) = changes(settle(book, a_classified(again)))

    assert (event.change, event.ticket.episode) == (change, episode)
    kinds = [moment.kind for moment in event.ticket.moments]
    assert (MomentKind.reopened in kinds) == (change is Change.reopened)


def test_thanks_do_not_reopen_a_case() -> None:
    book = Book()
    (opened,) = changes(settle(book, a_classified(a_post("p1"))))
    closed = close(opened.ticket, at=MONDAY, by="vera", outcome="solved")
    assert closed
    book.change(closed.ticket, partition=3)

    thanks = a_classified(a_post("p2", thread_id="p1"), intent=Intent.praise, urgency=0)
    settle(book, thanks)

    assert book.tickets[opened.ticket.case.key].state is TicketState.closed


def test_thanks_after_an_answer_are_an_outcome_and_start_no_clock() -> None:
    book = Book()
    settle(book, a_classified(a_post("p1")), a_classified(a_reply("r1", "p1")))

    thanks = a_classified(a_post("p2", thread_id="p1"), intent=Intent.praise, urgency=0)
    (event,) = changes(settle(book, thanks))

    assert (event.ticket.outcome, event.ticket.state) == ("thanked", TicketState.waiting_customer)
    assert [m.kind for m in event.ticket.moments].count(MomentKind.customer_wrote) == 1


def test_an_outage_is_one_group_from_its_tenth_post_on() -> None:
    book = Book()
    outage = {"topic": CaseTopic.outage_availability}

    settle(
        book,
        *(
            a_classified(a_post(f"p{n}", author=f"c{n}", at=MONDAY + minutes(n / 2)), **outage)
            for n in range(30)
        ),
    )

    assert len(book.intents) == 21
    assert {intent.base for intent in book.intents} == {"severbank:hot_topic:outage_availability"}
    assert {intent.kind for intent in book.intents} == {AlertKind.hot_topic}


def test_a_stolen_card_alarms_its_team_in_its_language() -> None:
    book = Book()

    settle(book, a_classified(a_post(), topic=CaseTopic.fraud_security, urgency=90))

    (intent,) = book.intents
    assert (intent.team, intent.late) == ("fraud", False)
    assert intent.need == "Деньги, карта или счёт в чужих руках"


@pytest.mark.parametrize(
    "event",
    [
        a_classified(a_post(backfill=True), topic=CaseTopic.fraud_security, urgency=90),
        a_classified(
            a_post(received_at=MONDAY + timedelta(hours=2)),
            topic=CaseTopic.fraud_security,
            urgency=90,
        ),
    ],
)
def test_what_is_first_seen_too_late_pages_nobody(event: ClassifiedPost) -> None:
    book = Book()

    (decision, _) = settle(book, event)

    assert [intent.late for intent in book.intents] == [True], "it is summed up instead"
    assert isinstance(decision, Decision)
    assert "too late" in decision.reasons[-1]


def test_what_an_operator_replays_pages_nobody() -> None:
    book = Book()
    event = a_classified(a_post(), topic=CaseTopic.fraud_security, urgency=90)

    settle(book, event, seat=Seat(partition=0, replayed=True))

    assert book.intents == []


def test_the_decision_on_our_own_reply_says_how_it_holds_up_and_not_in_which_words() -> None:
    told = "Write to 8 800 555"
    checks = {"no_empathy": ReplyCheck(ok=True), "redirect": ReplyCheck(ok=False, evidence=told)}
    reply = a_classified(a_reply("r1", "p1", at=MONDAY), review="answer")
    review = ReplyReview(kind=ReplyKind.answer, checks=checks)
    reply = msgspec.structs.replace(reply, reply_review=review)

    customers, _, ours, *_ = settle(Book(), a_classified(a_post("p1")), reply)

    assert isinstance(customers, Decision)
    assert isinstance(ours, Decision)
    assert customers.reply is None
    score = ReplyScore(
        kind=ReplyKind.answer, checked=("no_empathy", "redirect"), failed=("redirect",)
    )
    assert ours.reply == score
    assert ours.ticket_id == customers.ticket_id is not None
    assert told not in msgspec.json.encode(ours).decode()


def test_an_own_post_opens_no_case() -> None:
    outputs = settle(Book(), a_classified(a_reply("r1", "unknown")))

    assert [d.disposition for d in decisions(outputs)] == [Disposition.none]
    assert changes(outputs) == []


def test_a_tombstone_gets_no_decision_and_the_case_stays() -> None:
    book = Book()
    settle(book, a_classified(a_post("p1")))

    gone = a_post("p1", op=Op.deleted, event_id="gone", revision=9)
    outputs = settle(book, a_classified(gone))

    assert decisions(outputs) == []
    assert [event.change for event in changes(outputs)] == [Change.customer_deleted]


@pytest.mark.parametrize("op", [Op.deleted, Op.hidden])
def test_a_post_that_comes_after_its_tombstone_opens_no_case(op: Op) -> None:
    gone = a_classified(a_post("p1", op=op, event_id="gone", revision=9, text=""))
    late = a_classified(a_post("p1", revision=1))

    outputs = settle(Book(), gone, late, late)

    assert len(decisions(outputs)) == 1
    assert changes(outputs) == []


@pytest.mark.parametrize("op", [Op.restored, Op.unhidden])
def test_what_is_shown_again_is_a_case_if_it_was_none_before(op: Op) -> None:
    gone = a_classified(a_post("p1", op=Op.deleted, event_id="gone", revision=5, text=""))
    back = a_classified(a_post("p1", op=op, event_id="back", revision=9))

    outputs = settle(Book(), gone, a_classified(a_post("p1", revision=1)), back)
    known = settle(Book(), a_classified(a_post("p1", revision=1)), gone, back)

    assert [event.change for event in changes(outputs)] == [Change.opened]
    assert [event.change for event in changes(known)] == [Change.opened, Change.customer_deleted]


def test_a_rule_may_ask_whether_an_author_is_listed() -> None:
    listed = Author(id="anna", is_vip=True, is_press=True)

    (one,), (other,) = (
        decisions(settle(Book(), a_classified(a_post("p1", author=author))))
        for author in (listed, Author(id="anna", name="Press VIP"))
    )

    assert (one.inputs.vip, one.inputs.press) == (True, True)
    assert (other.inputs.vip, other.inputs.press) == (False, False)


def test_a_hidden_author_is_the_thread_alone() -> None:
    outputs = settle(Book(), a_classified(a_post(author=None)))

    (event,) = changes(outputs)
    assert event.ticket.case.customer is None


def test_priority_is_the_sum_of_the_parts_that_are_shown() -> None:
    book = Book()
    outputs = settle(
        book,
        *(a_classified(a_post(f"p{n}", author=f"c{n}"), urgency=n * 4) for n in range(26)),
    )

    for decision in decisions(outputs):
        assert decision.priority == sum(part.points for part in decision.parts)
        assert 0 <= decision.priority <= 100


def test_the_desk_is_deterministic_byte_for_byte() -> None:
    events = [a_classified(a_post(f"p{n}", author=f"c{n % 3}")) for n in range(9)]

    runs = [[msgspec.json.encode(out) for out in settle(Book(), *events)] for _ in range(2)]

    assert runs[0] == runs[1]


def test_the_customers_words_stand_in_no_decision() -> None:
    outputs = settle(Book(), a_classified(a_post(text="совершенно тайное слово")))

    (decision,) = decisions(outputs)
    assert "тайное".encode() not in msgspec.json.encode(decision)
