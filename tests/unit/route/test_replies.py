"""Typical replies: what is suggested, what is refused at load, what the reply check says of them.

The inputs that break the easy version: a text that fits until its blanks are filled; "we've
refunded you" in an acknowledgement, which nobody did; the polite «Вы» written small in one of 150.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.limits import REPLY_LIMITS as CHECKED
from schemas.vocabulary import CaseTopic, Disposition, ReplyKind, Visibility
from schemas.yaml_marks import BadFile
from services.classify.domain.reply_checks import KINDS
from services.classify.domain.reply_review import Reviewer
from services.classify.model_files import read_minds
from services.classify.settings import MODEL, read_lexicons
from services.route.domain.replies import (
    BLANK,
    LIMITS,
    LONGEST,
    Matter,
    Replies,
    Situation,
    length,
    may_be_said,
    suggest,
)
from services.route.domain.replies_file import LANGUAGES, read_replies
from tests.builders import MONDAY

FOLDER = Path("services/route/templates/replies")
FILES = {file.stem: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.yaml")}
REPLIES = read_replies(FILES)
REVIEWER = Reviewer(read_minds(MODEL, read_lexicons()).eye)
DONE = {
    "ru": {
        ReplyKind.interim: "Передали запрос в банк",
        ReplyKind.closing: "Деньги вернули на карту",
        ReplyKind.answer: "Магазин на Лесной открыт до 22:00",
    },
    "bg": {
        ReplyKind.interim: "Предадохме запитването на банката",
        ReplyKind.closing: "Върнахме парите по картата",
        ReplyKind.answer: "Магазинът е отворен до 22:00",
    },
    "en": {
        ReplyKind.interim: "We've passed your question to the bank",
        ReplyKind.closing: "The money is back on your card",
        ReplyKind.answer: "The shop is open until ten",
    },
}
NAMES = {"ru": ("Анна", "Вера"), "bg": ("Ана", "Вера"), "en": ("Anna", "Vera")}
MATTER = Matter(topic=CaseTopic.delivery_logistics, disposition=Disposition.public_ack_then_private)


def every() -> Iterator[tuple[str, Situation, str, str]]:
    for lang, language in REPLIES.languages.items():
        for situation in REPLIES.situations:
            texts = language.texts[situation.id]
            for room, some in (("full", texts.full), ("short", texts.short)):
                for text in some:
                    yield lang, situation, room, text


EVERY = [*every()]


def finished(lang: str, situation: Situation, text: str) -> str:
    """The text as a person finishes it."""
    customer, agent = NAMES[lang]
    return text.format(
        customer=customer,
        agent=agent,
        until="18:00",
        topic=REPLIES.languages[lang].topics[(*situation.topics, CaseTopic.information)[0]],
        action_done=DONE[lang].get(situation.kind, ""),
    )


def test_there_are_enough_situations_in_each_language() -> None:
    assert len(REPLIES.situations) >= 12
    assert set(REPLIES.languages) == set(LANGUAGES) == {"ru", "bg", "en"}
    assert len({text for _, _, _, text in EVERY}) == len(EVERY)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_reply_check_finds_no_fault_in_any_text(lang: str) -> None:
    """In private it knows no steps: there, only what no reply may do is looked at."""
    faults = []
    for one, situation, room, text in EVERY:
        if one != lang:
            continue
        said = finished(lang, situation, text)
        platform = "x" if room == "short" else "vk"
        review = REVIEWER.review_reply(said, visibility=situation.visibility, platform=platform)
        public = situation.visibility is not Visibility.private
        owed = [name for name in review.checks if public or name not in KINDS]
        bad = {name: review.checks[name].evidence for name in owed if not review.checks[name].ok}
        if bad or (public and review.kind is not situation.kind):
            faults.append((situation.id, room, review.kind.value, bad, said))

    assert faults == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_may_be_said_in_private_too_has_no_fault_there(lang: str) -> None:
    for one, situation, room, text in EVERY:
        if one == lang and may_be_said(situation, Visibility.private):
            said, platform = finished(lang, situation, text), "x" if room == "short" else "vk"
            review = REVIEWER.review_reply(said, visibility=Visibility.private, platform=platform)
            bad = [
                name for name, found in review.checks.items() if name not in KINDS and not found.ok
            ]
            assert bad == [], said


def test_a_time_that_is_filled_in_is_a_promise() -> None:
    """And so it opens a commitment that is watched (R67)."""
    for lang, situation, _, text in EVERY:
        said = finished(lang, situation, text)
        review = REVIEWER.review_reply(said, said_at=MONDAY, visibility=situation.visibility)
        promised = MONDAY.replace(hour=18) if "{until}" in text else None
        assert review.promise_until == promised, said


def test_the_limits_are_those_of_the_reply_check() -> None:
    assert {name: LIMITS[name] for name in CHECKED} == CHECKED
    assert LIMITS["generic"] == 2000


@pytest.mark.parametrize("platform", [*LIMITS, "rss", ""])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_suggested_fits_its_platform_also_when_its_blanks_are_filled(
    lang: str, platform: str
) -> None:
    for situation in REPLIES.situations:
        matter = Matter(
            topic=(*situation.topics, CaseTopic.other)[0],
            disposition=situation.dispositions[0],
            visibility=situation.visibility,
        )
        found = suggest(REPLIES, matter=matter, lang=lang, platform=platform, kind=situation.kind)

        assert found is not None
        assert found.situation == situation.id
        full = BLANK.sub(lambda blank: "x" * LONGEST[blank[1]], found.text)
        assert len(full) <= LIMITS.get(platform, 2000)


def said(
    matter: Matter = MATTER,
    lang: str = "ru",
    platform: str = "vk",
    kind: ReplyKind = ReplyKind.acknowledgement,
) -> str:
    found = suggest(REPLIES, matter=matter, lang=lang, platform=platform, kind=kind)
    return f"{found.situation}: {found.text}" if found else "none"


def test_the_particular_situation_goes_before_the_general_one() -> None:
    other = Matter(topic=CaseTopic.price_terms, disposition=Disposition.public_ack_then_private)

    assert said().startswith("delivery-acknowledged: Здравствуйте")
    assert said(other).startswith("complaint-acknowledged: ")


def test_where_there_is_little_room_the_short_text_is_suggested() -> None:
    fraud = Matter(topic=CaseTopic.fraud_security, disposition=MATTER.disposition)

    assert "Меня зовут" in said(fraud, platform="vk")
    assert "Меня зовут" not in said(fraud, platform="x")


def test_the_next_turn_takes_another_text() -> None:
    turns = [
        said(Matter(topic=MATTER.topic, disposition=MATTER.disposition, turn=turn))
        for turn in range(4)
    ]

    assert turns[0] != turns[1]
    assert turns[:2] == turns[2:]


def test_a_region_is_no_other_language_and_another_language_has_none() -> None:
    assert said(lang="bg-BG") == said(lang="bg")
    assert said(lang="de") == "none"


def test_nothing_is_suggested_where_nobody_answers() -> None:
    listening = Matter(topic=CaseTopic.other, disposition=Disposition.listen)

    assert said(listening) == "none"
    assert said(kind=ReplyKind.thanks) == "none"


def test_data_are_asked_for_in_private_alone() -> None:
    private = Matter(
        topic=CaseTopic.other, disposition=MATTER.disposition, visibility=Visibility.private
    )

    assert "номер заказа" in said(private, kind=ReplyKind.private)
    assert "номер" not in said(kind=ReplyKind.private)


def test_the_topic_is_filled_in() -> None:
    asked = Matter(topic=CaseTopic.information, disposition=Disposition.answer_here)

    assert "тему «справка»" in said(asked, kind=ReplyKind.answer)


def refused(lang: str, old: str, new: str) -> str:
    """What is said of the files with one change in one of them."""
    assert FILES[lang].count(old) >= 1, old
    with pytest.raises(BadFile) as caught:
        read_replies({**FILES, lang: FILES[lang].replace(old, new, 1)})
    return str(caught.value)


@pytest.mark.parametrize(
    ("lang", "old", "new", "says"),
    [
        ("ru", "Меня зовут {agent}", "Меня зовут {operator}", "got `{operator}`"),
        ("ru", "Меня зовут {agent}", "Меня зовут {agent", "expected each brace to have its other"),
        ("ru", "{action_done}. Сл", "Всё хорошо. Сл", "only a person knows what was done"),
        ("en", "We'll review this payment", "We've refunded you and", "`We've` claims"),
        ("bg", "Ще обърнем", "Проверяваме", "`Проверяваме` claims"),
        ("ru", "от Вас пока", "от вас пока", "got `вас`"),
        ("bg", "от Вас засега", "от теб засега", "got `теб`"),
        ("en", "Hi {customer}", "Hi buddy", "got `buddy`"),
        ("ru", "с оплатой так вышло", "с оплатой проблемы", "`проблемы` is a word"),
        ("bg", "за това плащане", "за проблема", "`проблема` is a word"),
        ("en", "something is off", "there is a Problem", "`Problem` is a word"),
        ("ru", "от Вас пока ничего", "пришлите номер договора, ничего", "`пришлите ... номер`"),
        ("en", "for now. Our", "for now. Send us your phone number. Our", "`Send ... phone`"),
        ("bg", "Извинете ни за", "Оставете телефон за връзка. Извинете за", "`Оставете ... телеф"),
        ("ru", "  thanked:", "  thenked:", "expected `thanked` too"),
        ("en", "  other: something else\n", "", "expected `other` too"),
        ("en", "  banned:", "  band:", "did you mean `banned`?"),
        ("situations", "id: answer,", "id: closed,", "`closed` stands again"),
        ("situations", "topics: [safety]", "topics: [safty]", "has a word that is not known"),
    ],
)
def test_a_file_that_is_not_fit_is_refused_with_its_place(
    lang: str, old: str, new: str, says: str
) -> None:
    error = refused(lang, old, new)

    assert says in error
    assert f"{lang}.yaml $" in error


def test_a_text_that_is_too_long_only_with_its_blanks_filled_is_refused() -> None:
    short = (
        "{customer}, {action_done}. Вернёмся с новостями до {until}. Спасибо за терпение! {agent}"
    )
    padded = short + " " + "о" * (LIMITS["x"] - length(short))

    assert len(padded) < LIMITS["x"] < length(padded)
    assert "expected at most 280 letters" in refused("ru", short, padded)


def test_a_missing_language_is_refused() -> None:
    with pytest.raises(BadFile, match="expected the files bg"):
        read_replies({name: text for name, text in FILES.items() if name != "bg"})


def test_the_blanks_leave_nothing_of_a_reply_to_the_machine() -> None:
    reports = {ReplyKind.interim, ReplyKind.closing, ReplyKind.answer}

    assert all("{action_done}" in text for _, one, _, text in EVERY if one.kind in reports)
    assert all("{agent}" in text for _, _, _, text in EVERY)
    assert isinstance(REPLIES, Replies)


def test_the_page_has_every_limit() -> None:
    page = Path("docs/typical-replies.md").read_text(encoding="utf-8")

    rows = re.findall(r"^\| ([a-z, ]+) \| (\d+) \|$", page, flags=re.M)
    said = {name: int(limit) for names, limit in rows for name in names.split(", ")}
    said.pop("and what is not here")

    assert said == LIMITS
