"""Which steps of a case have a clock: those that it takes, no others (R16, R65, R67, R89).

The inputs that break the easy version: a complaint in a private dialogue (nobody waits for a public
word), a question under terms that the play shares, and "we will come back to you" without a date.
"""

import pytest

from schemas.states import Change, MomentKind
from schemas.tickets import Targets
from schemas.vocabulary import CaseTopic, Disposition, Intent, ReplyKind, Visibility
from services.route.domain.book import Book
from services.route.domain.commands import Override
from tests.builders import MONDAY, a_classified, a_post, a_reply, minutes
from tests.unit.route.test_ticket_life import RULES, a_case, done, settle

THEFT = {"topic": CaseTopic.fraud_security, "urgency": 92, "urgency_band": 3}
TARGETS = RULES.policy.sla["minutes"].targets


def steps(targets: Targets) -> tuple[bool, bool, bool]:
    return targets.ack is not None, targets.private is not None, targets.closing is not None


def test_the_play_has_a_clock_for_each_step_that_the_policy_times() -> None:
    _, ticket = a_case(**THEFT)

    assert ticket.disposition is Disposition.public_ack_then_private
    assert ticket.terms.targets == TARGETS
    assert steps(TARGETS) == (False, True, True)


def test_in_a_private_dialogue_nobody_waits_for_a_public_word() -> None:
    dialogue = a_post("p1", visibility=Visibility.private, conversation_id="d1", thread_id="d1")
    (opened,) = settle(Book(), a_classified(dialogue, **THEFT))

    assert steps(opened.ticket.terms.targets) == (False, False, False)
    assert opened.ticket.terms.targets.first_response == TARGETS.first_response


def test_what_is_answered_where_it_stands_has_no_private_step() -> None:
    _, ticket = a_case(flags=("press",), intent=Intent.question, fair_claim=False)

    assert (ticket.disposition, ticket.terms.name) == (Disposition.human_review, "minutes")
    assert steps(ticket.terms.targets) == (False, False, True)


def test_who_decides_otherwise_takes_the_steps_away() -> None:
    _, ticket = a_case(**THEFT)

    event = done(ticket, Override(disposition=Disposition.answer_here, reason="a known question"))

    assert steps(event.ticket.terms.targets) == (False, False, True)


@pytest.mark.parametrize(
    "text",
    [
        "Проверяем и вернёмся к вам с ответом.",
        "Проверяваме и ще се върнем при вас.",
        "We are checking and will come back to you.",
    ],
)
def test_that_we_will_come_back_is_a_promise_and_an_acknowledgement_is_none(text: str) -> None:
    book, _ = a_case(**THEFT)
    interim = a_reply("r1", "p1", text=text, at=MONDAY + minutes(5))
    sorry = a_reply("r2", "p1", text="!", at=MONDAY + minutes(6))

    promised, acknowledged = settle(
        book,
        a_classified(interim, review=ReplyKind.interim),
        a_classified(sorry, review=ReplyKind.acknowledgement),
    )

    assert [promised.change, acknowledged.change] == [Change.acknowledged] * 2
    kinds = [moment.kind for moment in acknowledged.ticket.moments]
    assert kinds[1:] == [MomentKind.promised, MomentKind.acknowledged]
    assert acknowledged.ticket.play
    assert acknowledged.ticket.play.steps[0].done_at == MONDAY + minutes(5)
