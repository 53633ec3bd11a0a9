"""What is suggested next on a case, and which templates a policy may name.

The inputs that break the easy version: a customer who has been acknowledged already; a rule's
template on a case that a person decided otherwise; a template that is named in the policy's own
list, and nowhere else; a case that began in public and goes on in private.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from schemas.classified import ClassifiedPost
from schemas.posts import Author
from schemas.tickets import Ticket
from schemas.vocabulary import CaseTopic, Disposition, Intent, Visibility
from schemas.yaml_marks import BadFile
from services.route import settings
from services.route.__main__ import main
from services.route.domain.book import Book
from services.route.domain.desk import Desk, Rules, Seat
from services.route.domain.policy_file import read_policy
from services.route.domain.rulebook import with_templates
from services.route.domain.suggestion import suggestion
from services.route.domain.views import ThreadPost, visibility_of
from services.route.settings import read_needs, typical_replies
from tests.builders import MONDAY, a_classified, a_post, a_reply, minutes

REPLIES = typical_replies()
DEFAULT = Path("services/route/policy/default.yaml").read_text(encoding="utf-8")
BANK = Path("services/route/policy/bank.yaml").read_text(encoding="utf-8")
POLICIES = {text: read_policy(text) for text in (DEFAULT, BANK)}


def after(*events: ClassifiedPost, policy: str = DEFAULT) -> Ticket:
    """The case of one customer once these events have happened."""
    book, rules = Book(), Rules(policy=POLICIES[policy], seq=1, needs=read_needs())
    for event in events:
        list(Desk(event, book, rules, Seat(partition=0)).settle())
    (ticket,) = book.tickets.values()
    return ticket


def texts_of(situation: str, ticket: Ticket) -> list[str]:
    language = REPLIES.languages[ticket.lang]
    texts, topic = language.texts[situation], language.topics[ticket.topic]
    return [text.replace("{topic}", topic) for text in texts.full + texts.short]


def next_on(
    ticket: Ticket, policy: str = DEFAULT, visibility: Visibility = Visibility.public
) -> str:
    """The situation of the text that is suggested."""
    text = suggestion(ticket, REPLIES, POLICIES[policy], visibility)
    if text is None:
        return "none"
    return next(one.id for one in REPLIES.situations if text in texts_of(one.id, ticket))


def said(kind: str, *, at: float = 5, **changes: Any) -> ClassifiedPost:
    """The bank's words to the first post."""
    return a_classified(a_reply(f"r{at}", "p1", at=MONDAY + minutes(at), **changes), review=kind)


ASKED = a_classified(a_post())


def test_the_steps_of_the_play_are_suggested_one_after_the_other() -> None:
    private = said("answer", at=9, visibility=Visibility.private)
    steps = (ASKED, said("acknowledgement"), private, said("closing", at=20))

    found = [next_on(after(*steps[:taken])) for taken in range(1, 5)]

    assert found == ["payment-acknowledged", "to-private", "payment-closed", "none"]


def test_a_bot_takes_no_step() -> None:
    bot = Author(id="severbank", is_brand=True, is_bot=True)

    assert next_on(after(ASKED, said("answer", author=bot))) == "payment-acknowledged"


@pytest.mark.parametrize(
    ("axes", "first", "acknowledged"),
    [
        ({"intent": Intent.question, "fair_claim": False}, "answer", "answer"),
        ({"intent": Intent.praise, "fair_claim": False}, "thanked", "none"),
        ({"solvable": "no"}, "payment-acknowledged", "answer"),
        ({"topic": CaseTopic.safety}, "safety-acknowledged", "to-private"),
    ],
)
def test_what_was_decided_asks_for_its_own_kind_of_reply(
    axes: dict[str, Any], first: str, acknowledged: str
) -> None:
    asked = a_classified(a_post(), **axes)
    thanks = axes.get("intent") is Intent.praise

    assert next_on(after(asked)) == first
    assert next_on(after(asked, said("thanks" if thanks else "acknowledgement"))) == acknowledged


def test_an_answer_ends_it_until_the_customer_writes_again() -> None:
    question = a_classified(a_post(), intent=Intent.question, fair_claim=False)
    again = a_classified(
        a_post("p2", thread_id="p1", at=MONDAY + minutes(9)),
        intent=Intent.question,
        fair_claim=False,
    )

    assert next_on(after(question, said("answer"))) == "none"
    assert next_on(after(question, said("answer"), again)) == "answer"


def in_private(*events: ClassifiedPost, policy: str = DEFAULT) -> str:
    """What is suggested in a dialogue that nobody else reads."""
    return next_on(after(*events, policy=policy), policy, Visibility.private)


@pytest.mark.parametrize(
    ("axes", "first", "answered", "asked_again"),
    [
        ({}, "details-in-private", "none", "none"),
        ({"intent": Intent.question, "fair_claim": False}, "answer", "none", "answer"),
        ({"intent": Intent.praise, "fair_claim": False}, "thanked", "none", "none"),
        ({"solvable": "no"}, "details-in-private", "none", "answer"),
    ],
)
def test_in_private_nothing_is_said_for_the_public_and_nobody_is_asked_twice(
    axes: dict[str, Any], first: str, answered: str, asked_again: str
) -> None:
    private: dict[str, Any] = {"visibility": Visibility.private}
    asked = a_classified(a_post(**private), **axes)
    again = a_classified(a_post("p2", thread_id="p1", at=MONDAY + minutes(9), **private), **axes)
    told = said("answer", **private)

    assert in_private(asked) == first
    assert in_private(asked, told) == answered
    assert in_private(asked, told, again) == asked_again


@pytest.mark.parametrize("lang", ["ru", "bg", "en"])
def test_in_private_the_details_are_asked_for_in_the_customers_language(lang: str) -> None:
    asked = a_classified(a_post(visibility=Visibility.private), lang=lang)

    assert in_private(asked) == "details-in-private"


def test_a_template_for_the_public_does_not_hold_in_private() -> None:
    waiting = BANK.replace("price-explained", "no-answer-yet")
    POLICIES[waiting] = with_templates(waiting, REPLIES)

    assert next_on(tariffs(), BANK, Visibility.private) == "price-explained"
    assert next_on(tariffs(waiting), waiting, Visibility.private) == "price-explained"


def a_thread(*said: tuple[str, Visibility]) -> list[ThreadPost]:
    return [
        ThreadPost(post_id=f"p{n}", at=MONDAY + minutes(n), who=who, visibility=visibility)
        for n, (who, visibility) in enumerate(said)
    ]


@pytest.mark.parametrize(
    ("said_there", "seen_by"),
    [
        ([], Visibility.public),
        ([("customer", Visibility.private)], Visibility.private),
        ([("customer", Visibility.unknown)], Visibility.public),
        ([("customer", Visibility.public), ("customer", Visibility.private)], Visibility.public),
        ([("customer", Visibility.public), ("brand", Visibility.private)], Visibility.public),
        ([("somebody else", Visibility.private)], Visibility.public),
        (
            [("somebody else", Visibility.public), ("customer", Visibility.private)],
            Visibility.private,
        ),
    ],
)
def test_a_case_is_private_only_where_each_word_of_the_customer_was(
    said_there: list[tuple[str, Visibility]], seen_by: Visibility
) -> None:
    assert visibility_of(a_thread(*said_there)) is seen_by


def test_two_customers_are_not_told_the_same_words() -> None:
    cases = [after(a_classified(a_post(f"p{n}", author=f"c{n}"))) for n in range(20)]

    assert len({suggestion(case, REPLIES, POLICIES[DEFAULT]) for case in cases}) > 1
    assert suggestion(cases[0], REPLIES, POLICIES[DEFAULT]) == suggestion(
        cases[0], REPLIES, POLICIES[DEFAULT]
    )


def test_nothing_is_suggested_where_nobody_is_to_be_answered() -> None:
    ticket = after(ASKED)
    closed = msgspec.structs.replace(ticket, closed_at=MONDAY)
    silent = msgspec.structs.replace(
        ticket, disposition=Disposition.no_reply_unresolvable, play=None
    )
    german = msgspec.structs.replace(ticket, lang="de")

    assert [next_on(one) for one in (closed, silent, german)] == ["none"] * 3


def tariffs(policy: str = BANK) -> Ticket:
    fees = {"intent": Intent.complaint, "topic": CaseTopic.price_terms, "urgency": 20}
    return after(a_classified(a_post(), **fees), policy=policy)


def test_the_template_of_the_rule_goes_before_what_is_typical() -> None:
    other = BANK.replace("price-explained", "answer")
    POLICIES[other] = read_policy(other)

    assert tariffs().rule_id == "new-tariffs"
    assert next_on(tariffs(), BANK) == "price-explained"
    assert next_on(tariffs(other), other) == "answer"


def test_a_template_that_is_no_step_comes_before_the_first_word_alone() -> None:
    waiting = BANK.replace("price-explained", "no-answer-yet")
    POLICIES[waiting] = with_templates(waiting, REPLIES)
    ticket = tariffs(waiting)
    told = msgspec.structs.replace(ticket, moments=after(ASKED, said("acknowledgement")).moments)

    assert next_on(ticket, waiting) == "no-answer-yet"
    assert next_on(told, waiting) == "price-explained"


def test_the_template_does_not_hold_where_a_person_decided_otherwise() -> None:
    overridden = msgspec.structs.replace(tariffs(), disposition=Disposition.human_review)

    assert next_on(overridden, BANK) == "complaint-acknowledged"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("fee-ru", "got `fee-ru`"),
        ("price-explaned", "did you mean `price-explained`?"),
        ("thanked", "`thanked` is no reply for `answer_here`"),
    ],
)
def test_a_policy_that_names_a_template_nobody_has_is_refused_at_its_line(
    name: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(BANK.replace("price-explained", name), encoding="utf-8")

    with pytest.raises(BadFile) as caught:
        with_templates(file.read_text(encoding="utf-8"), REPLIES)

    assert why in caught.value.problems[0].why
    assert caught.value.problems[0].line > 1
    assert main(["check", str(file)]) == 1
    assert why.rsplit(",", maxsplit=1)[-1].strip() in capsys.readouterr().out


def test_replies_that_are_not_fit_stop_the_start_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in settings.REPLIES.glob("*.yaml"):
        text = file.read_text(encoding="utf-8").replace("{action_done}. If", "We've done it. If")
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(settings, "REPLIES", tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'route.db'}")

    assert main(["serve"]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("serve: ")
    assert "en.yaml $.texts." in line
    assert not (tmp_path / "route.db").exists()
