"""A promise that runs late lifts its case, once a step, and comes down when it was not late.

The inputs that break the easy version: two clocks late on one case and only one corrected; an
answer in time that notify had not seen; a threshold announced again by a replay.
"""

from pathlib import Path

import msgspec
import pytest

from schemas.event import derive_id
from schemas.sla import SlaChanged
from schemas.states import AlertKind, Change, ClockName, PriorityBand, SlaState
from schemas.tickets import Ticket, TicketEvent
from schemas.vocabulary import CaseTopic
from services.route.domain.board import Around, Board
from services.route.domain.book import Book
from services.route.domain.carry_out import Said, carry_out
from services.route.domain.case_news import news_of
from services.route.domain.commands import Close
from services.route.domain.desk import Desk, Rules, Seat
from services.route.domain.intents import CaseNews
from services.route.domain.lateness import settle_lateness
from services.route.domain.policy_file import read_policy
from services.route.domain.teams import Step
from services.route.settings import read_needs
from tests.builders import MONDAY, a_classified, a_post, a_reply, minutes

POLICY = read_policy(Path("services/route/policy/default.yaml").read_text(encoding="utf-8"))
LADDER = (
    Step(share=0.75, to="lead"),
    Step(share=1.0, to="manager"),
    Step(share=1.5, to="director"),
)
CARE = msgspec.structs.replace(POLICY.teams["care"], ladder=LADDER, languages=("ru",))


def rules(language: str = "ru") -> Rules:
    care = msgspec.structs.replace(CARE, languages=(language,))
    policy = msgspec.structs.replace(POLICY, teams={**POLICY.teams, "care": care})
    return Rules(policy=policy, seq=1, needs=read_needs())


def a_case() -> tuple[Book, Ticket]:
    book = Book()
    outputs = Desk(a_classified(a_post("p1")), book, rules(), Seat(partition=3)).settle()
    (opened,) = [out for out in outputs if isinstance(out, TicketEvent)]
    return book, opened.ticket


def late(ticket: Ticket, share: float, **changes: object) -> SlaChanged:
    clock = changes.get("clock", ClockName.first_response)
    state = SlaState.at_risk if share < 1 else SlaState.breached
    fields: dict[str, object] = {
        "event_id": derive_id(ticket.id, "late", str(clock), str(share)),
        "occurred_at": MONDAY + minutes(120 * share),
        "ticket_id": ticket.id,
        "ticket_version": ticket.version,
        "brand": ticket.brand,
        "clock": clock,
        "cycle": 1,
        "state": state,
        "threshold": share,
        "target": 7200,
        "elapsed": 7200 * share,
        "waited_since_posted": 7200 * share,
        "team": ticket.team,
        "priority_band": PriorityBand.normal,
    }
    return msgspec.convert({**fields, **changes}, SlaChanged, strict=False)


def corrected(event: SlaChanged) -> SlaChanged:
    return msgspec.structs.replace(
        event,
        event_id=derive_id(event.event_id, "corrected"),
        state=SlaState.corrected,
        corrects=event.event_id,
    )


def told(
    book: Book, *events: SlaChanged, seat: Seat | None = None, language: str = "ru"
) -> list[TicketEvent]:
    where = seat or Seat(partition=3)
    return [out for event in events for out in settle_lateness(event, book, rules(language), where)]


def test_each_step_of_the_ladder_is_taken_once_and_calls_once() -> None:
    book, ticket = a_case()

    steps = [late(ticket, share) for share in (0.5, 0.75, 0.75, 1.0, 1.5)]
    events = told(book, *steps, *steps)

    assert [(e.change, e.ticket.level) for e in events] == [
        (Change.escalated, 1),
        (Change.escalated, 2),
        (Change.escalated, 3),
    ]
    calls = [i for i in book.intents if i.kind is AlertKind.sla]
    assert [i.need.split(":")[0] for i in calls] == [
        "Прошло 75 % обещанного срока, знать должен lead",
        "Прошло 100 % обещанного срока, знать должен manager",
        "Прошло 150 % обещанного срока, знать должен director",
    ]


@pytest.mark.parametrize(
    ("language", "word"), [("ru", "срока"), ("bg", "срок"), ("en", "promised time")]
)
def test_the_call_is_in_the_teams_language_and_says_what_the_customer_needs(
    language: str, word: str
) -> None:
    book, ticket = a_case()

    told(book, late(ticket, 1.0), language=language)

    (call,) = [i for i in book.intents if i.kind is AlertKind.sla]
    assert word in call.need
    assert read_needs()[language].topics[ticket.topic] in call.need


def test_the_terms_carry_a_threshold_for_every_step_of_a_team_that_gets_them() -> None:
    bank = read_policy(Path("services/route/policy/bank.yaml").read_text(encoding="utf-8"))
    promised = [rule.then for rule in bank.rules if rule.then.team and rule.then.sla]

    assert {step.share for then in promised for step in bank.teams[then.team or ""].ladder} >= {
        0.75,
        1.0,
        1.5,
    }
    for then in promised:
        terms = bank.sla[then.sla or ""].terms(bank.hash, MONDAY)
        steps = {step.share for step in bank.teams[then.team or ""].ladder}
        assert steps <= set(terms.thresholds)


def test_a_correction_takes_back_its_own_escalation_and_no_other() -> None:
    book, ticket = a_case()
    first, resolution = late(ticket, 1.5), late(ticket, 0.75, clock=ClockName.resolution)
    told(book, first, resolution)

    (lower,) = told(book, corrected(first))
    (lowest,) = told(book, corrected(resolution))

    assert (lower.change, lower.ticket.level) == (Change.deescalated, 1)
    assert (lowest.change, lowest.ticket.level, lowest.ticket.escalations) == (
        Change.deescalated,
        0,
        (),
    )
    assert told(book, corrected(first)) == []


def test_a_clock_that_route_knows_was_stopped_in_time_escalates_nothing() -> None:
    book, ticket = a_case()
    reply = a_classified(a_reply("r1", "p1", at=MONDAY + minutes(20)))
    list(Desk(reply, book, rules(), Seat(partition=3)).settle())

    assert told(book, late(ticket, 1.0)) == []
    assert told(book, late(ticket, 0.75, occurred_at=MONDAY + minutes(10)))


def test_a_closed_case_is_lifted_no_more() -> None:
    book, ticket = a_case()
    said = Said(by="vera", at=MONDAY + minutes(5), expected=ticket.version)
    ended = carry_out(ticket, Close(), said)
    assert isinstance(ended, TicketEvent)
    book.change(ended.ticket, partition=3)

    assert told(book, late(ticket, 1.5)) == []


def test_a_replayed_announcement_lifts_the_case_and_calls_nobody() -> None:
    book, ticket = a_case()

    (event,) = told(book, late(ticket, 1.0), seat=Seat(partition=3, replayed=True))

    assert (event.ticket.level, book.intents) == (2, [])


def test_what_notify_only_measures_changes_nothing() -> None:
    book, ticket = a_case()
    met = late(ticket, 1.0, state=SlaState.met, threshold=None)

    assert told(book, met, late(ticket, 1.0, ticket_id="unknown")) == []


def test_an_escalation_is_no_moment() -> None:
    book, ticket = a_case()

    (event,) = told(book, late(ticket, 1.0))

    assert event.ticket.moments == ticket.moments
    assert (event.ticket.team, event.ticket.owner) == (ticket.team, ticket.owner)


def test_late_promises_of_one_outage_are_one_call_and_a_critical_case_its_own() -> None:
    book = Book()
    for n in range(6):
        urgent = {"topic": CaseTopic.fraud_security, "urgency": 92, "urgency_band": 3}
        axes = urgent if n == 5 else {"topic": CaseTopic.outage_availability}
        post = a_post(f"p{n}", author=f"c{n}", at=MONDAY + minutes(n), conversation_id=f"w{n}")
        list(Desk(a_classified(post, **axes), book, rules(), Seat(partition=3)).settle())
    theft = next(t for t in book.tickets.values() if t.team == "fraud")
    heated = {"priority": 80, "priority_band": PriorityBand.critical}
    outage = [t for t in book.tickets.values() if t.team == "care"]
    for ticket in outage[3:]:
        book.change(msgspec.structs.replace(ticket, **heated), partition=3)
    book.intents.clear()

    told(book, *(late(ticket, 1.0) for ticket in (*outage, theft)))
    board, around = Board(), Around(policy=POLICY, needs=read_needs(), now=MONDAY + minutes(125))
    for one in book.intents:
        board.take(one, around)

    assert sorted((g.team, len(board.members[g.key])) for g in board.groups.values()) == [
        ("care", 5),
        ("fraud", 1),
    ]


def test_a_promise_that_was_late_is_no_call_any_more_once_it_was_corrected() -> None:
    book, ticket = a_case()
    first = late(ticket, 1.0)
    events = told(book, first, corrected(first))
    before = {ticket.id: ticket}
    news: list[CaseNews] = []
    for event in events:
        news += news_of(before[ticket.id], event)
        before[ticket.id] = event.ticket

    (call,), (taken_back,) = book.intents, news
    assert (taken_back.base, taken_back.over) == (call.base, True)
