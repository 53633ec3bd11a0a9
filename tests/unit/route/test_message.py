"""What a person reads who is called: one line, in the team's language, true when it is sent.

The inputs that break the easy version: an alert that was refused for twenty minutes (the minutes
left are fewer now), a deadline after midnight in the team's own zone, and "mine" said meanwhile.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schemas.alerts import AlertChanged
from schemas.states import AlertKind, AlertState, MomentKind, PriorityBand
from schemas.vocabulary import CaseTopic, Visibility
from services.route.domain.book import Book
from services.route.domain.calling import answer_due
from services.route.domain.message import About, message_of
from services.route.domain.needs import words_of
from services.route.domain.policy_file import read_policy
from services.route.settings import read_needs
from tests.builders import MONDAY, a_classified, a_post, minutes
from tests.unit.notify.builders import answered, at, moment, terms, ticket, wrote
from tests.unit.route.test_ticket_life import THEFT, settle

WORDS = words_of(read_needs())
NIGHT = datetime(2026, 3, 2, 23, 8, tzinfo=UTC)  # 02:08 in Moscow, 01:08 in Sofia
STOLEN = {
    "ru": "Украли карту, списания идут",
    "bg": "Открадната карта, теглят пари сега",
    "en": "Card stolen, charges running",
}


def alert(need: str, **changes: Any) -> AlertChanged:
    raised = AlertChanged(
        event_id="a1",
        occurred_at=NIGHT,
        group_key="g1",
        state=AlertState.raised,
        kind=AlertKind.case,
        severity=PriorityBand.critical,
        brand="severbank",
        team="cards",
        ticket_ids=("t1",),
        count=1,
        need=need,
        link="https://vk.com/wall-1_2",
    )
    return msgspec.structs.replace(raised, **changes)


def about(lang: str, **changes: Any) -> About:
    told = About(
        lang=lang,
        team={"ru": "Карты, ночь", "bg": "Карти, нощ", "en": "Cards, night"}[lang],
        source={"ru": "vk", "bg": "facebook", "en": "x"}[lang],
        repeat=True,
        due_at=NIGHT + timedelta(minutes=9),
        timezone={"ru": "Europe/Moscow", "bg": "Europe/Sofia", "en": "UTC"}[lang],
    )
    return msgspec.structs.replace(told, **changes)


def said(lang: str, now: datetime = NIGHT, **changes: Any) -> str:
    return message_of(alert(STOLEN[lang]), about(lang, **changes), WORDS, now).text


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        (
            "ru",
            "СРОЧНО · Карты, ночь · VK, публично. Украли карту, списания идут, пишет повторно. "
            "Ответить до 02:17 (9 мин).",
        ),
        (
            "bg",
            "СПЕШНО · Карти, нощ · Facebook, публично. Открадната карта, теглят пари сега, "
            "пише повторно. Отговор до 01:17 (9 мин).",
        ),
        (
            "en",
            "URGENT · Cards, night · X, public. Card stolen, charges running, second contact. "
            "Reply by 23:17 (9 min).",
        ),
    ],
)
def test_the_line_says_how_urgent_who_where_what_and_until_when(lang: str, line: str) -> None:
    assert said(lang) == line


@pytest.mark.parametrize(
    ("lang", "ending"),
    [
        ("ru", "Срок прошёл 11 мин назад."),
        ("bg", "Срокът изтече преди 11 мин."),
        ("en", "Overdue by 11 min."),
    ],
)
def test_the_minutes_are_those_of_the_moment_it_is_sent(lang: str, ending: str) -> None:
    assert said(lang, NIGHT + timedelta(minutes=20)).endswith(ending)
    assert "(3 " in said(lang, NIGHT + timedelta(minutes=6))


def test_a_deadline_of_another_day_says_which() -> None:
    late = NIGHT + timedelta(hours=26)

    assert said("ru", due_at=late).endswith("Ответить до 04.03 04:08 (26 ч).")
    assert said("en", due_at=late).endswith("Reply by 04.03 01:08 (26 h).")


@pytest.mark.parametrize(
    ("lang", "who"), [("ru", "Занимается vera."), ("bg", "Заема се vera."), ("en", "vera has it.")]
)
def test_who_has_it_is_told(lang: str, who: str) -> None:
    assert said(lang, owner="vera").endswith(who)
    mine = alert(STOLEN[lang], state=AlertState.acknowledged, acknowledged_by="vera")
    assert message_of(mine, about(lang, owner="gleb"), WORDS, NIGHT).text.endswith(who)


@pytest.mark.parametrize(("lang", "private"), [("ru", "лично"), ("bg", "лично"), ("en", "private")])
def test_a_private_word_is_told_as_private(lang: str, private: str) -> None:
    assert f", {private}." in said(lang, visibility=Visibility.private)


def test_what_is_over_asks_for_nothing() -> None:
    over = alert(STOLEN["bg"], state=AlertState.resolved, acknowledged_by="vera")

    assert message_of(over, about("bg"), WORDS, NIGHT).text.endswith("Въпросът е приключен.")


@pytest.mark.parametrize(
    ("lang", "mark"),
    [("ru", "УЧЕНИЕ · СРОЧНО · "), ("bg", "УЧЕНИЕ · СПЕШНО · "), ("en", "EXERCISE · URGENT · ")],
)
@pytest.mark.parametrize("state", list(AlertState))
def test_an_exercise_says_so_before_anything_else(state: AlertState, lang: str, mark: str) -> None:
    drill = alert(STOLEN[lang], state=state, exercise=True)
    real = alert(STOLEN[lang], state=state)

    assert message_of(drill, about(lang), WORDS, NIGHT).text.startswith(mark)
    assert mark[:8] not in message_of(real, about(lang), WORDS, NIGHT).text


def test_a_stolen_card_at_the_desk_is_told_with_its_deadline_and_no_word_of_the_post() -> None:
    book = Book()
    post = a_post("p1", text="Иван Петров, карта 4111, снимают деньги!", source="vk")
    settle(book, a_classified(post, repeat_contact=True, **THEFT))
    (intent,) = [one for one in book.intents if one.kind is AlertKind.case]

    assert intent.about
    told = message_of(alert(intent.need), intent.about, WORDS, MONDAY + minutes(5))
    assert told.text.startswith("СРОЧНО · fraud · VK, публично. ")
    assert "пишет повторно" in told.text
    assert "(10 мин)" in told.text
    assert "Иван" not in told.text
    assert "4111" not in told.text


def test_a_teams_title_is_how_alerts_call_it() -> None:
    text = Path("services/route/policy/default.yaml").read_text(encoding="utf-8")
    titled = text.replace("  fraud:\n", "  fraud:\n    title: Карты, ночь\n")

    assert read_policy(text).teams["fraud"].title == "fraud"
    assert read_policy(titled).teams["fraud"].title == "Карты, ночь"


def test_an_answer_is_due_from_the_earliest_words_that_wait() -> None:
    promised = terms({"first_response": 60, "next_response": 30})

    assert answer_due(ticket(wrote(0), wrote(20), promised=promised)) == at(60)
    assert answer_due(ticket(wrote(0), answered(5), promised=promised)) is None
    again = ticket(wrote(0), answered(5), wrote(40), wrote(50), promised=promised)
    assert answer_due(again) == at(70)
    acknowledged = moment(MomentKind.acknowledged, 5)
    assert answer_due(ticket(wrote(0), acknowledged, promised=promised)) == at(30)
    assert answer_due(ticket(wrote(0), promised=terms(resolution=60))) is None


def test_every_topic_and_state_has_its_words_in_every_language() -> None:
    for lang, words in WORDS.items():
        assert set(words.urgency) == set(PriorityBand), lang
        assert set(words.visibility) == set(Visibility), lang
        assert set(read_needs()[lang].topics) == set(CaseTopic), lang
