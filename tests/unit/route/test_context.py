"""What many say together: spikes, moods and copies, as one decision sees them.

The inputs that break the easy version: a busy topic that is as busy every day; an outage in
Bulgarian while Russian is quiet; a campaign whose texts differ by a word, beside an outage in which
everybody writes the same five words.
"""

from datetime import timedelta
from statistics import mean, pstdev

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.classified import ClassifiedPost
from schemas.decisions import Decision
from schemas.states import AlertKind
from schemas.vocabulary import Addressed, CaseTopic, Intent, Space, Tone, Visibility
from services.classify.domain.fingerprint import fingerprint
from services.route.domain.book import Book
from services.route.domain.context import (
    BANDS,
    HOUR,
    WEEK,
    Context,
    Spikes,
    Usual,
    bands_of,
)
from services.route.domain.desk import Desk, Rules, Seat
from services.route.settings import read_needs
from tests.builders import MONDAY, a_classified, a_post, minutes
from tests.unit.route.test_ticket_life import POLICY

RULES = Rules(policy=POLICY, seq=1, needs=read_needs())
OUTAGE = CaseTopic.outage_availability
COPY = {
    "ru": "Банк {0} обманул тысячи людей, не верьте ему, расскажите всем своим друзьям и близким!",
    "bg": "Банката {0} измами хиляди хора, не ѝ вярвайте, разкажете на всички приятели и близки!",
    "en": "The bank {0} has cheated thousands of people, do not trust it, tell all your friends!",
}
WORDS = {
    "ru": ("снова", "опять", "вчера", "нагло", "сегодня", "всегда"),
    "bg": ("пак", "отново", "вчера", "нагло", "днес", "винаги"),
    "en": ("again", "once more", "yesterday", "boldly", "today", "always"),
}


def settle(book: Book, *events: ClassifiedPost) -> list[Decision]:
    outs = [out for event in events for out in Desk(event, book, RULES, Seat(partition=3)).settle()]
    return [out for out in outs if isinstance(out, Decision)]


def an_hour(count: int, *, lang: str = "ru") -> list[ClassifiedPost]:
    """So many customers on one outage, spread over fifty minutes."""
    return [
        a_classified(
            a_post(f"p{lang}{n}", author=f"c{lang}{n}", at=MONDAY + minutes(50 * n / count)),
            topic=OUTAGE,
            lang=lang,
        )
        for n in range(count)
    ]


def used_to(hourly: int, *, lang: str = "ru") -> Book:
    """A book that knows a week of so many posts an hour."""
    hours = int(WEEK / HOUR)
    usual = Usual(
        total=hourly * hours,
        squares=hourly * hourly * hours,
        since=MONDAY - WEEK - timedelta(days=9),
    )
    return Book(context=Context(usual={("severbank", OUTAGE, lang): usual}))


def kinds(book: Book) -> set[AlertKind]:
    return {intent.kind for intent in book.intents if intent.kind is not AlertKind.case}


def test_a_topic_that_is_as_busy_every_hour_is_no_spike() -> None:
    assert kinds(_after(used_to(30), an_hour(29))) == set()
    assert kinds(_after(used_to(2), an_hour(29))) == {AlertKind.spike}


def test_until_there_is_a_week_a_fixed_minimum_counts() -> None:
    assert kinds(_after(Book(), an_hour(9))) == set()
    assert kinds(_after(Book(), an_hour(29))) == {AlertKind.hot_topic}


def test_few_posts_are_no_spike_however_quiet_the_week() -> None:
    assert kinds(_after(used_to(0), an_hour(9))) == set()


def test_each_language_has_its_own_week() -> None:
    busy = used_to(30, lang="ru")
    busy.context.usual.update(used_to(1, lang="bg").context.usual)

    decisions = settle(busy, *an_hour(25, lang="ru"), *an_hour(12, lang="bg"))

    assert {d.inputs.lang for d in decisions if d.inputs.spike} == {"bg"}


def test_a_spike_is_a_named_part_of_the_priority() -> None:
    decisions = settle(used_to(1), *an_hour(12))

    assert [d.inputs.spike for d in decisions] == [False] * 9 + [True] * 3
    assert "context: spike" in {part.name for part in decisions[-1].parts}
    assert decisions[-1].priority == sum(part.points for part in decisions[-1].parts)


def test_a_post_that_comes_a_day_late_is_in_no_window() -> None:
    book = Book()
    for n, hours in enumerate((23, 25)):
        post = a_post(f"p{n}", received_at=MONDAY + timedelta(hours=hours))
        settle(book, a_classified(post, topic=OUTAGE))

    assert sum(sum(w.values()) for w in book.context.windows.values()) == 1


@given(
    st.lists(st.integers(min_value=0, max_value=60), min_size=168, max_size=168), st.integers(0, 99)
)
def test_the_spike_rule_is_the_published_one(hours: list[int], count: int) -> None:
    usual = Usual(total=sum(hours), squares=sum(h * h for h in hours), since=MONDAY)
    rule = Spikes(k=2.0, minimum=10)

    bound = mean(hours) + 2.0 * pstdev(hours)
    if abs(count - bound) > 1e-6:
        assert usual.is_exceeded(count, rule) is (count >= 10 and count > bound)


@pytest.mark.parametrize("lang", ["ru", "bg", "en"])
def test_a_campaign_goes_to_a_person_and_is_never_silenced(lang: str) -> None:
    texts = [COPY[lang].format(word) for word in WORDS[lang]]
    decisions = settle(Book(), *(copied(f"p{n}", f"c{n}", t, lang) for n, t in enumerate(texts)))

    assert decisions[-1].inputs.campaign >= 3
    assert {d.disposition.value for d in decisions} <= {"public_ack_then_private", "human_review"}


def test_the_same_customer_twice_and_short_words_are_no_campaign() -> None:
    text = COPY["ru"].format("снова")
    same = [copied(f"p{n}", "anna", text, "ru") for n in range(6)]
    short = [
        copied(f"s{n}", f"c{n}", "Приложение не работает, сделайте что-нибудь", "ru")
        for n in range(6)
    ]

    assert {d.inputs.campaign for d in settle(Book(), *same, *short)} == {0}


def test_copies_of_another_day_or_brand_are_other_peoples_matter() -> None:
    text = COPY["ru"].format("снова")
    first = copied("p1", "c1", text, "ru")
    late = copied("p2", "c2", text, "ru", at=MONDAY + timedelta(hours=25))
    other = copied("p3", "c3", text, "ru", brand="zimabank")

    assert [d.inputs.campaign for d in settle(Book(), first, late, other)] == [0, 0, 0]


def test_a_thread_that_turned_angry_raises_who_writes_next() -> None:
    wall = [mood(f"p{n}", f"c{n}", Tone.negative) for n in range(6)]
    calm = [mood(f"q{n}", f"d{n}", Tone.positive, conversation_id="wall-2") for n in range(6)]

    angry, quiet = settle(Book(), *wall)[-1], settle(Book(), *calm)[-1]

    assert (angry.inputs.thread_posts, angry.inputs.thread_negative) == (6, 6)
    assert "context: angry thread" in {part.name for part in angry.parts}
    assert "context: angry thread" not in {part.name for part in quiet.parts}


def test_a_private_dialogue_has_no_mood_that_others_share() -> None:
    book = Book()
    for n in range(3):
        settle(
            book,
            mood(f"p{n}", "anna", Tone.negative, visibility=Visibility.private, space=Space.dm),
        )

    assert book.context.changed_moods == {}


@given(st.binary(min_size=8, max_size=8), st.integers(0, 63))
def test_near_copies_share_a_band(bits: bytes, flipped: int) -> None:
    near = bytes(b ^ ((1 << flipped % 8) if n == flipped // 8 else 0) for n, b in enumerate(bits))

    assert set(zip(range(BANDS), bands_of(bits.hex()), strict=True)) & set(
        zip(range(BANDS), bands_of(near.hex()), strict=True)
    )


def copied(native: str, author: str, text: str, lang: str, **changes: object) -> ClassifiedPost:
    post = a_post(native, author=author, text=text, conversation_id=native, **changes)
    event = a_classified(post, lang=lang, fair_claim=False)
    return msgspec.structs.replace(event, fingerprint=fingerprint(text))


def mood(native: str, author: str, tone: Tone, **changes: object) -> ClassifiedPost:
    return a_classified(
        a_post(native, author=author, **changes),
        tone=tone,
        addressed=Addressed.direct,
        intent=Intent.question,
        fair_claim=False,
        urgency=20,
    )


def _after(book: Book, events: list[ClassifiedPost]) -> Book:
    settle(book, *events)
    return book
