"""One page on a post: who decided what, by which rule, and what came of it.

The inputs that break the easy version: a post that was edited and decided on twice; two comments
whose URLs differ in the query alone; an event of a type that this version does not know; a policy
whose number means another text in the store that is asked.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from schemas.alerts import AlertChanged
from schemas.decisions import Decision, PolicyVersion
from schemas.event import Event, encode
from schemas.sla import SlaChanged
from schemas.states import AlertKind, AlertState, Change, ClockName, PriorityBand, SlaState
from schemas.tickets import Escalation, TicketEvent
from schemas.vocabulary import Op
from services.route.__main__ import main
from services.route.domain.book import Book
from services.route.domain.desk import Desk, Rules, Seat
from services.route.domain.policy_file import read_policy
from services.route.domain.views import PolicyView
from services.route.domain.why import page
from services.route.domain.why_hours import hours_of
from services.route.domain.why_kept import Kept
from services.route.domain.why_post import plain_url
from services.route.settings import read_needs
from tests.builders import MONDAY, a_classified, a_post, minutes

WATCHED = """  - id: fridays
    why: We only want to know how often.
    when: {lang: ru}
    then: {disposition: human_review, team: care, sla: minutes}
    mode: monitor
    tests:
      - {post: a, facts: {lang: ru, addressed: direct}, gives: {rule: fridays}}
      - {post: b, facts: {lang: bg, addressed: direct}, gives: {rule: everything-else}}
  - id: everything-else
"""
TEXT = Path("tests/unit/route/day_policy.yaml").read_text(encoding="utf-8")
POLICY = read_policy(TEXT.replace("  - id: everything-else\n", WATCHED))
WALL = "https://vk.com/wall-1_7?reply={}"


def story() -> list[Event]:
    """Anna writes, edits, and writes again; Vera decides otherwise; a clock runs out."""
    book, rules = Book(), Rules(policy=POLICY, seq=1, needs=read_needs())
    late = int((MONDAY + minutes(9)).timestamp() * 1000)
    posts = [
        a_classified(a_post("vk:1", url=WALL.format(1)), urgency=40),
        a_classified(
            a_post("vk:1", op=Op.edited, revision=late, url=WALL.format(1), text="Теперь\nсрочно"),
            urgency=60,
        ),
        a_classified(a_post("vk:2", url=WALL.format(2), author="boris", at=MONDAY + minutes(1))),
    ]
    events: list[Event] = [*posts]
    for post in posts:
        events += Desk(post, book, rules, Seat(partition=0)).settle()
    first = next(event for event in events if isinstance(event, TicketEvent))
    return [*events, *_afterwards(first)]


def _afterwards(first: TicketEvent) -> list[Event]:
    ticket = msgspec.structs.replace(first.ticket, version=9, team="lead")
    return [
        TicketEvent(
            event_id="o1",
            occurred_at=MONDAY + minutes(30),
            change=Change.overridden,
            by="vera",
            reason="not ours to answer",
            ticket=ticket,
        ),
        AlertChanged(
            event_id="a1",
            occurred_at=MONDAY + minutes(2),
            group_key="g",
            state=AlertState.acknowledged,
            kind=AlertKind.case,
            severity=PriorityBand.high,
            brand="severbank",
            team="care",
            ticket_ids=(ticket.id,),
            count=1,
            need="Неверное списание",
            acknowledged_by="gleb",
        ),
        SlaChanged(
            event_id="s1",
            occurred_at=MONDAY + minutes(120),
            ticket_id=ticket.id,
            ticket_version=1,
            brand="severbank",
            clock=ClockName.first_response,
            cycle=1,
            state=SlaState.breached,
            threshold=1.0,
            target=7200,
            elapsed=7200.0,
            waited_since_posted=7200.0,
            due_at=MONDAY + minutes(120),
            team="care",
            priority_band=PriorityBand.high,
            discovered_late=True,
        ),
    ]


STORY = story()


def the_page(post: str, events: Sequence[Event] = STORY) -> str:
    found = page(events, post)
    assert found is not None
    return found


def test_each_revision_has_its_own_text_parts_and_decision() -> None:
    text = the_page("vk:1")

    assert text.count("\nrevision   ") == 2
    assert text.count("\ndecision   public_ack_then_private  (rule complaint, active)") == 2
    assert text.index("Приложение не открывается") < text.index("40 = +40")
    assert text.index("40 = +40") < text.index("срочно") < text.index("60 = +60")
    assert text.count("\nticket     ") == 1


def test_the_page_says_who_decided_otherwise_and_why() -> None:
    text = the_page("vk:1")

    assert "overridden by vera, 2026-03-02 12:30: not ours to answer" in text
    assert "since then public_ack_then_private, lead" in text


def test_the_page_has_alerts_clocks_monitored_rules_and_the_policy() -> None:
    text = the_page("vk:1")

    assert "alert      03-02 12:02  acknowledged by gleb: Неверное списание" in text
    breach = "first_response breached: 120 of 120 working minutes, due 03-02 14:00, found late"
    assert f"clock      03-02 14:00  {breach}" in text
    assert "monitored  fridays: " in text
    assert f"policy     default #1, {POLICY.hash}" in text
    assert "goes to    care, on duty then: vera, gleb; alert none" in text


@pytest.mark.parametrize(
    ("seq", "text_hash", "author"),
    [
        (1, POLICY.hash, "put by boss\n"),
        (7, POLICY.hash, "put by boss or file bank.yaml\n"),
        (1, "another", "put by somebody: no version of this store has this text\n"),
    ],
)
def test_the_policy_has_its_author_where_the_store_knows_the_text(
    seq: int, text_hash: str, author: str
) -> None:
    versions = (
        PolicyView(seq=1, hash=POLICY.hash, author="boss", activated_at=MONDAY),
        PolicyView(seq=2, hash="other", author="lena", activated_at=MONDAY),
        PolicyView(seq=3, hash=POLICY.hash, author="file bank.yaml", activated_at=MONDAY),
    )
    decided = PolicyVersion(name="default", seq=seq, hash=text_hash)
    events = [
        msgspec.structs.replace(event, policy=decided) if isinstance(event, Decision) else event
        for event in STORY
    ]

    assert author in (page(events, "vk:2", Kept(policies=versions)) or "")


def test_without_a_store_the_page_says_what_it_does_not_know() -> None:
    text = the_page("vk:1")

    assert "put by unknown: no store to ask (DATABASE_URL)" in text
    assert "delivery   unknown: no store to ask (DATABASE_URL)" in text


def test_a_step_up_the_ladder_is_on_the_page() -> None:
    step = Escalation(
        event_id="e1",
        clock=ClockName.first_response,
        threshold=0.75,
        level=1,
        to="lead",
        at=MONDAY + minutes(90),
    )
    first = next(event.ticket for event in STORY if isinstance(event, TicketEvent))
    lifted = msgspec.structs.replace(first, version=10, level=1, escalations=(step,))

    text = page(STORY, "vk:1", Kept(tickets=(lifted,)))

    assert text
    assert "lifted     03-02 13:30  to lead, level 1: first_response at 75%" in text


@pytest.mark.parametrize(
    ("zones", "said"),
    [
        ({"severbank": "Europe/Moscow"}, "2026-03-02 13:00 Europe/Moscow (10:00 UTC)"),
        ({"lavka": "Europe/Sofia"}, "2026-03-02 12:00 Europe/Sofia (10:00 UTC)"),
        (
            {"severbank": "Europe/Moscow", "lavka": "Europe/Sofia"},
            "2026-03-02 13:00 Europe/Moscow (10:00 UTC)",
        ),
        ({"severbank": "UTC", "lavka": "UTC"}, "2026-03-02 10:00 UTC"),
        ({"severbank": "America/New_York"}, "2026-03-02 05:00 America/New_York (10:00 UTC)"),
        ({}, "2026-03-02 10:00 UTC"),
    ],
)
def test_times_are_the_companys_as_the_calendar_of_its_promises_says(
    zones: dict[str, str], said: str
) -> None:
    ticket = next(event.ticket for event in STORY if isinstance(event, TicketEvent))
    tickets = [
        msgspec.structs.replace(
            ticket,
            brand=brand,
            terms=msgspec.structs.replace(
                ticket.terms,
                calendar=msgspec.structs.replace(ticket.terms.calendar, timezone=zone),
            ),
        )
        for brand, zone in zones.items()
    ]

    assert hours_of("severbank", tickets).said(MONDAY) == said


@pytest.mark.parametrize(
    ("said", "post"),
    [
        ("vk:2", "vk:2"),
        ("1", "vk:1"),
        ("2", "vk:2"),
        ("https://vk.com/wall-1_7?reply=2", "vk:2"),
        ("https://vk.com/wall-1_7?reply=1", "vk:1"),
    ],
)
def test_a_post_is_found_by_id_number_and_url(said: str, post: str) -> None:
    assert the_page(said).startswith(f"post       {post}, severbank")


def test_a_shortened_url_finds_all_that_share_it() -> None:
    text = the_page("VK.com/wall-1_7/")

    assert "post       vk:1" in text
    assert "post       vk:2" in text


@pytest.mark.parametrize("said", ["0", "3", "vk:9", "https://vk.com/wall-1_8", "", "-1", "²"])
def test_a_post_that_is_not_there_is_none(said: str) -> None:
    assert page(STORY, said) is None


def test_an_id_that_is_a_number_goes_before_the_number() -> None:
    events = [
        msgspec.structs.replace(event, post_id="1", event_id=f"x{n}")
        for n, event in enumerate(STORY)
        if isinstance(event, Decision) and event.post_id == "vk:2"
    ]

    assert the_page("1", [*STORY, *events]).startswith("post       1, severbank")


def test_a_decision_whose_text_is_gone_still_has_its_page() -> None:
    events = [event for event in STORY if isinstance(event, Decision)]

    text = the_page("vk:1", events)

    assert text.startswith("post       vk:1, severbank; its text is not in these events")
    assert "ticket     " in text


def test_a_url_is_known_from_the_ticket_where_the_text_is_gone() -> None:
    events = [event for event in STORY if isinstance(event, Decision | TicketEvent)]

    assert "vk:2" in the_page(WALL.format(2), events)


def test_a_post_without_a_decision_says_so() -> None:
    gone = a_classified(a_post("vk:5", op=Op.deleted))

    assert "decision   none" in the_page("vk:5", [*STORY, gone])


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("HTTPS://VK.com/Wall-1_7/?reply=3#top", "vk.com/Wall-1_7"),
        ("vk.com/Wall-1_7", "vk.com/Wall-1_7"),
        ("//vk.com/", "vk.com"),
    ],
)
def test_a_url_is_compared_without_scheme_query_and_slash(url: str, plain: str) -> None:
    assert plain_url(url) == plain


def test_an_event_from_the_future_is_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "events.jsonl"
    lines = [
        b'{"type":"Later","event_id":1}',
        *map(encode, STORY),
        b'{"type":"SlaChangedToo"}',
        b"",
    ]
    file.write_bytes(b"\n".join(lines))

    assert main(["why", "vk:1", "--events", str(file)]) == 0
    assert "post       vk:1" in capsys.readouterr().out


def test_without_events_it_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    missing = tmp_path / "none.jsonl"

    assert main(["why", "7"]) == 2
    assert "--events" in capsys.readouterr().err
    assert main(["why", "7", "--events", str(missing)]) == 1
    assert "make demo" in capsys.readouterr().err
