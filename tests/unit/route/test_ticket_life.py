"""What people and customers do to a case, in whatever order we learn of it.

The inputs that break the easy version: a question that becomes theft in the second post (the case
must change hands); a post that was written before the close and seen after it; the same day
shuffled, with every record twice.
"""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.classified import ClassifiedPost
from schemas.states import (
    Axis,
    Change,
    FollowUp,
    MomentKind,
    Outcome,
    PriorityBand,
    TicketState,
)
from schemas.tickets import Ticket, TicketEvent
from schemas.vocabulary import CaseTopic, Disposition, Intent, Op, Tone
from services.route.domain.book import Book
from services.route.domain.carry_out import Said, carry_out, claimed_by
from services.route.domain.commands import (
    Assign,
    Claim,
    Close,
    Command,
    HandOver,
    Override,
    Pause,
    Refusal,
    Release,
    Reopen,
    Resume,
)
from services.route.domain.desk import Desk, Rules, Seat
from services.route.domain.policy_file import read_policy
from services.route.settings import read_needs
from tests.builders import MONDAY, a_classified, a_post, a_reply, minutes
from tests.faults.route_day import QUIET, ending, final, shuffled, told

POLICY = read_policy(Path("services/route/policy/default.yaml").read_text(encoding="utf-8"))
RULES = Rules(policy=msgspec.structs.replace(POLICY, hot_minimum=10**6), seq=1, needs=read_needs())
THEFT = {"topic": CaseTopic.fraud_security, "urgency": 92, "urgency_band": 3}
QUESTION = {"intent": Intent.question, "fair_claim": False, "urgency": 20}


def settle(book: Book, *events: ClassifiedPost) -> list[TicketEvent]:
    """The changes of tickets when these events pass the desk in this order."""
    outputs = [
        out for event in events for out in Desk(event, book, RULES, Seat(partition=3)).settle()
    ]
    return [out for out in outputs if isinstance(out, TicketEvent)]


def a_case(**axes: object) -> tuple[Book, Ticket]:
    book = Book()
    (opened,) = settle(book, a_classified(a_post("p1"), **axes))
    return book, opened.ticket


def done(ticket: Ticket, command: Command, *, by: str = "vera", after: float = 30) -> TicketEvent:
    """The event of a command that must be allowed."""
    event = carry_out(ticket, command, said(ticket, by=by, after=after))
    assert isinstance(event, TicketEvent), event
    return event


def said(ticket: Ticket, *, by: str = "vera", after: float = 30) -> Said:
    return Said(by=by, at=MONDAY + minutes(after), expected=ticket.version)


def kept(book: Book, event: TicketEvent) -> Book:
    book.change(event.ticket, partition=3)
    return book


@pytest.mark.parametrize(
    "text", ["С карты сняли деньги!", "Откраднаха ми парите!", "My money is gone!"]
)
def test_a_question_that_becomes_a_theft_changes_hands_at_once(text: str) -> None:
    book, ticket = a_case(**QUESTION)

    theft = a_classified(a_post("p2", thread_id="p1", text=text, at=MONDAY + minutes(9)), **THEFT)
    (event,) = settle(book, theft)

    assert (ticket.team, ticket.disposition) == ("care", Disposition.answer_here)
    after = event.ticket
    assert (after.id, after.team, after.rule_id) == (ticket.id, "fraud", "stolen-money")
    assert after.owner in POLICY.teams["fraud"].on_duty(MONDAY)
    assert (after.priority_band, after.terms.name) == (PriorityBand.critical, "minutes")
    assert after.play
    assert [step.name for step in after.play.steps] == ["ack", "private", "closing"]
    assert [m.kind for m in after.moments] == [MomentKind.customer_wrote] * 2


def test_lighter_words_after_heavy_ones_take_nothing_over_and_the_owner_stays() -> None:
    book, ticket = a_case(**THEFT)

    (event,) = settle(
        book, a_classified(a_post("p2", thread_id="p1", at=MONDAY + minutes(1)), **QUESTION)
    )

    assert event.change is Change.followed_up
    for name in ("team", "owner", "rule_id", "priority", "terms", "disposition"):
        assert getattr(event.ticket, name) == getattr(ticket, name)


def test_an_edit_that_worsens_reopens_and_one_that_softens_closes_nothing() -> None:
    book, ticket = a_case(**QUESTION)
    ended = done(ticket, Close())

    softer = a_post("p1", op=Op.edited, revision=2_000_000_000_001, text="Спасибо, разобрались")
    assert settle(kept(book, ended), a_classified(softer, intent=Intent.talk, urgency=0)) == []

    worse = a_post("p1", op=Op.edited, revision=2_000_000_000_002, text="С карты сняли деньги!")
    (event,) = settle(book, a_classified(worse, **THEFT))
    assert event.change is Change.reopened
    assert (event.ticket.state, event.ticket.team) == (TicketState.open, "fraud")
    assert event.ticket.episode == 1


def test_an_edit_that_softens_leaves_an_open_case_as_it_was() -> None:
    book, ticket = a_case(**THEFT)

    softer = a_post("p1", op=Op.edited, revision=2_000_000_000_001, text="Уже не актуально")
    events = settle(book, a_classified(softer, intent=Intent.talk, urgency=0))

    assert (events, book.tickets[ticket.case.key].state) == ([], TicketState.open)


def test_words_written_before_the_close_and_seen_after_it_open_the_case_again() -> None:
    book, ticket = a_case()
    ended = done(ticket, Close(), after=30)

    unseen = a_post("p2", thread_id="p1", at=MONDAY + minutes(29))
    (event,) = settle(kept(book, ended), a_classified(unseen))

    assert (event.change, event.ticket.state) == (Change.reopened, TicketState.open)
    reopened = [m.at for m in event.ticket.moments if m.kind is MomentKind.reopened]
    assert ended.ticket.closed_at
    assert reopened[0] > ended.ticket.closed_at


def test_a_claim_is_alone_until_it_ends_by_itself() -> None:
    _, ticket = a_case()
    claimed = done(ticket, Claim(minutes=20), by="vera", after=5)

    assert claimed.change is Change.claimed
    assert carry_out(claimed.ticket, Claim(), said(claimed.ticket, by="gleb", after=24)) == (
        Refusal.claimed_by_another
    )
    assert carry_out(claimed.ticket, Close(), said(claimed.ticket, by="gleb", after=24)) == (
        Refusal.claimed_by_another
    )
    assert claimed_by(claimed.ticket, MONDAY + minutes(25)) is None
    assert done(claimed.ticket, Claim(), by="gleb", after=25).ticket.claim
    assert done(claimed.ticket, Release(), by="vera", after=6).ticket.claim is None


def test_an_answer_ends_a_claim_and_a_bots_answer_ends_nothing() -> None:
    book, ticket = a_case()
    kept(book, done(ticket, Claim(minutes=200), after=1))
    bot = a_reply("r1", "p1", at=MONDAY + minutes(2))
    assert bot.author
    bot = msgspec.structs.replace(bot, author=msgspec.structs.replace(bot.author, is_bot=True))

    (by_bot,) = settle(book, a_classified(bot))
    (by_person,) = settle(book, a_classified(a_reply("r2", "p1", at=MONDAY + minutes(3))))

    assert (by_bot.change, by_bot.ticket.state) == (Change.bot_answered, TicketState.open)
    assert by_bot.ticket.claim
    assert (by_person.ticket.claim, by_person.ticket.state) == (None, TicketState.waiting_customer)


def test_a_pause_ends_when_the_customer_writes_even_if_that_was_before_it() -> None:
    for minute in (20, 40):
        book, ticket = a_case()
        paused = done(ticket, Pause(reason="asked for the receipt"), after=30)
        assert paused.ticket.state is TicketState.waiting_customer

        wrote = a_classified(a_post("p2", thread_id="p1", at=MONDAY + minutes(minute)))
        (event,) = settle(kept(book, paused), wrote)

        resumed = [m.at for m in event.ticket.moments if m.kind is MomentKind.resumed]
        assert (event.ticket.state, len(resumed)) == (TicketState.open, 1)
        assert resumed[0] >= MONDAY + minutes(30)


def test_resume_hand_over_assign_and_reopen_say_who_and_why() -> None:
    _, ticket = a_case()
    paused = done(ticket, Pause(reason="asked for the receipt"))
    resumed = done(paused.ticket, Resume(), after=31)
    passed = done(resumed.ticket, HandOver(team="fraud", reason="stolen card"), by="gleb", after=32)
    owned = done(passed.ticket, Assign(owner="anna", reason="she knows the case"), after=33)
    ended = done(owned.ticket, Close(), after=34)
    again = done(ended.ticket, Reopen(reason="closed by mistake"), after=35)

    events = [paused, resumed, passed, owned, ended, again]
    assert [e.change for e in events] == [
        Change.paused,
        Change.resumed,
        Change.assigned,
        Change.assigned,
        Change.closed,
        Change.reopened,
    ]
    assert (passed.ticket.team, passed.by, passed.reason) == ("fraud", "gleb", "stolen card")
    (moved,) = passed.ticket.hand_overs
    assert (moved.at, moved.was, moved.team) == (MONDAY + minutes(32), ticket.team, "fraud")
    assert again.ticket.hand_overs == passed.ticket.hand_overs
    assert owned.ticket.owner == "anna"
    assert (again.ticket.state, again.ticket.closed_at) == (TicketState.open, None)
    assert [e.ticket.version for e in events] == [2, 3, 4, 5, 6, 7]


def test_a_command_that_does_not_fit_is_refused_and_says_why() -> None:
    _, ticket = a_case()
    ended = done(ticket, Close()).ticket

    def refusal(of: Ticket, command: Command, version: int | None = None) -> object:
        asked = msgspec.structs.replace(said(of), expected=version or of.version)
        return carry_out(of, command, asked)

    assert refusal(ticket, Close(), 7) is Refusal.version_differs
    assert refusal(ended, Close()) is Refusal.closed_already
    assert refusal(ended, Claim()) is Refusal.closed_already
    assert refusal(ticket, Reopen(reason="why not")) is Refusal.not_closed
    assert refusal(ticket, Resume()) is Refusal.not_on_hold
    assert refusal(ticket, HandOver(team=ticket.team, reason="to us")) is Refusal.nothing_to_change
    paused = done(ticket, Pause(reason="waiting")).ticket
    assert refusal(paused, Pause(reason="waiting")) is Refusal.on_hold_already


def test_a_person_may_decide_on_silence_and_on_weight() -> None:
    _, ticket = a_case()

    silent = done(
        ticket,
        Override(disposition=Disposition.no_reply_unresolvable, reason="nothing can be done"),
    )
    heavier = done(ticket, Override(urgency=ticket.urgency + 30, reason="a journalist"))

    assert (silent.change, silent.ticket.state) == (Change.overridden, TicketState.closed)
    assert silent.ticket.disposition is Disposition.no_reply_unresolvable
    assert heavier.ticket.priority == min(100, ticket.priority + 30)
    assert heavier.ticket.state is TicketState.open
    (judged,), (weighed,) = silent.ticket.corrections, heavier.ticket.corrections
    assert (judged.axis, judged.was, judged.now) == (
        Axis.disposition,
        ticket.disposition,
        Disposition.no_reply_unresolvable,
    )
    assert (weighed.axis, weighed.was, weighed.now) == (
        Axis.urgency,
        str(ticket.urgency),
        str(ticket.urgency + 30),
    )
    for not_for_people in (Disposition.listen, Disposition.none, Disposition.ignore_spam):
        refused = carry_out(
            ticket, Override(disposition=not_for_people, reason="because"), said(ticket)
        )
        assert refused is Refusal.nothing_to_change


@pytest.mark.parametrize(
    ("tone", "strength", "outcome", "left"),
    [
        (None, 0, Outcome.silent, ()),
        (Tone.positive, 1, Outcome.thanked, ()),
        (Tone.indifferent, 0, Outcome.calmer, ()),
        (Tone.negative, 2, Outcome.angrier, (FollowUp.second_contact,)),
    ],
)
def test_how_a_case_ended_is_read_off_the_customers_last_words(
    tone: Tone | None, strength: int, outcome: Outcome, left: tuple[FollowUp, ...]
) -> None:
    book, _ = a_case()
    (answered,) = settle(book, a_classified(a_reply("r1", "p1", at=MONDAY + minutes(5))))
    last = answered.ticket
    if tone:
        words = a_post("p2", thread_id="p1", at=MONDAY + minutes(8))
        (wrote,) = settle(book, a_classified(words, tone=tone, strength=strength))
        last = wrote.ticket

    ended = done(last, Close(follow_ups=(FollowUp.crm_record,))).ticket

    assert ended.outcome == outcome
    assert ended.follow_ups == (FollowUp.crm_record, *left)


def test_what_we_took_from_our_own_page_calls_somebody_and_no_customer_is_blamed() -> None:
    book, ticket = a_case()
    gone = a_post("p1", op=Op.hidden, at=MONDAY + minutes(3), deleted_by=a_deleter())

    assert settle(book, a_classified(gone)) == []

    assert [i.kind.value for i in book.intents] == ["removed"]
    assert book.tickets[ticket.case.key].state is TicketState.open


def test_our_own_reply_that_vanished_calls_somebody_too() -> None:
    book, _ = a_case()
    settle(book, a_classified(a_reply("r1", "p1", at=MONDAY + minutes(2))))

    gone = a_reply("r1", "p1", op=Op.deleted, at=MONDAY + minutes(3), author=None)
    settle(book, a_classified(gone))

    assert [i.kind.value for i in book.intents] == ["removed"]


def a_deleter() -> object:
    from schemas.posts import Deleter

    return Deleter(id="severbank", is_brand=True)


@given(st.integers(min_value=0, max_value=10**6))
def test_a_shuffled_day_with_every_record_twice_ends_in_the_same_tickets(seed: int) -> None:
    stories = told(9)
    rules, book = Rules(policy=read_policy(QUIET), seq=1, needs=read_needs()), Book()

    for partition, event in shuffled(stories, seed):
        list(Desk(event, book, rules, Seat(partition=partition)).settle())

    assert {t.id: final(t) for t in book.tickets.values()} == ending(stories)
