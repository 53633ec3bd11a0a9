"""What is said, when, and in which disorder is it sent? The truth of the ledger, written by hand.

A script is a line of steps in the order in which they are *sent*: a letter, the minute at which it
happened, and what is odd about it. ``c`` the customer asks, ``a`` answer, ``k`` acknowledgement,
``p`` private answer, ``z`` public closing, ``b`` bot, ``X`` closed by hand; ``e`` edit and ``d``
deletion of the first post, ``g`` its engagement. ``+`` after a minute: counted from the closing
by hand. ``2``: delivered twice.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import msgspec

START = datetime.fromisoformat("2026-03-04T12:00:00+00:00")
"""Business time at which a run begins: a Wednesday; what it plays lies in the four days before."""

SCRIPTS = (
    "c0 a40",
    "c0 k10 z300",
    "c0 a30 c90 a200",
    "a40 c0",
    "k15 c0 a100",
    "c0:2 a50:2",
    "c0 e5 a60",
    "e5 c0 a60",
    "c0 d30 a45",
    "c0 b1",
    "c0",
    "c0 p20 z120",
    "c0 a30 X",
    "c0 a30 X c10+",
    "c0 a30 X c120+ a150+",
    "c0 c15 k20 c25 a100",
    "c0 g0 a20 g0",
    "c0 a60 c20",
    "c0 k5 c45 z400 X",
    "c0:2 X",
)
REOPEN_WITHIN = timedelta(hours=1)

_STEP = re.compile(r"(?P<what>[cakpzbedgX])(?P<minute>\d*)(?P<since>\+?)(?::(?P<times>2))?")


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is done; ``since`` says that its minute counts from the closing by hand."""

    what: str
    minute: int
    since: bool
    times: int

    @property
    def is_reply(self) -> bool:
        """Does the brand say it?"""
        return self.what in "akpzb"


class Brand(msgspec.Struct, frozen=True, kw_only=True):
    """Who is spoken to, as the example brands file has it."""

    name: str
    account: str
    lang: str


SEVERBANK = Brand(name="severbank", account="bank", lang="ru")
BALKANAIR = Brand(name="balkanair", account="airline", lang="bg")
LAVKA = Brand(name="lavka", account="shop", lang="en")

Told = tuple[tuple[Brand, str | None, str], ...]

OPENERS: Told = (
    (SEVERBANK, "same-day", "@severbank перевод не дошёл до получателя второй день, где деньги?"),
    (BALKANAIR, "same-day", "@balkanair куфарът ми не пристигна с полета, къде е?"),
    (LAVKA, "same-day", "@lavka do you deliver to Plovdiv on Saturdays?"),
    (SEVERBANK, "rude-but-fair", "@severbank вы идиоты? Дважды списали комиссию. Верните!"),
    (SEVERBANK, "minutes", "@severbank украли карту и снимают с неё деньги, срочно!"),
    (
        LAVKA,
        "same-day",
        "@lavka you charged my card for order 77120 that you cancelled, please refund the payment",
    ),
)
"""Who is asked, which terms the default policy gives for it, and the words.

Complaints are short: hundreds of people with the same long one would be a campaign.
"""

CHATTER: Told = (
    (SEVERBANK, None, "@severbank идиоты вы все там, тупой банк."),
    (LAVKA, None, "Lavka пускат нова колекция, чух от колега."),
    (LAVKA, None, "Earn $500 a day from home! Click the link in my bio for free cash"),
    (BALKANAIR, "thanks", "@balkanair благодаря на екипажа от вчерашния полет, бяхте страхотни!"),
)
"""What is said once: an insult, talk, an offer, thanks; only thanks open a case."""

# Heavier words would take the case over, terms and all; what is said later here weighs little.
SAID = {
    "c": {
        "ru": "@severbank и ещё один вопрос: в каком разделе приложения это видно?",
        "bg": "@balkanair и още един въпрос: на кой телефон да се обадя?",
        "en": "@lavka and one more question: on which page can I see that?",
    },
    "a": {
        "ru": "Здравствуйте! Номер меняется в разделе «Профиль», кнопка «Контакты».",
        "bg": "Здравейте! Да, размер 42 е наличен онлайн и в магазина на Витоша.",
        "en": "Hi! A guitar up to 90 cm can travel in the cabin free of charge.",
    },
    "k": {
        "ru": "Приносим извинения: видим вашу проблему и уже разбираемся, ответим сегодня.",
        "bg": "Извинете! Виждаме случая и вече проверяваме, ще отговорим до час.",
        "en": "We are sorry! We see your case and are already looking into it.",
    },
    "p": {
        "ru": "Здравствуйте! Вернули комиссию, проверьте счёт в приложении.",
        "bg": "Здравейте! Намерихме багажа ви, ще бъде доставен утре.",
        "en": "Hi! We have refunded the second payment to your card.",
    },
    "z": {
        "ru": "Вопрос решён: комиссия возвращена на счёт. Спасибо за терпение.",
        "bg": "Въпросът е решен: багажът е намерен и доставен. Благодарим за търпението.",
        "en": "This has been resolved: the payment is on your card. Thank you for your patience.",
    },
    "b": {
        "ru": "Спасибо за сообщение! Обычно мы отвечаем в течение дня.",
        "bg": "Благодарим за съобщението! Обикновено отговаряме до един ден.",
        "en": "Thank you for your message! We usually reply within a day.",
    },
}


def promised_by(what: str, lang: str, said_at: datetime) -> datetime | None:
    """The date in these words, by hand: today, within the hour, tomorrow; the day ends in UTC."""
    midnight = said_at.replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        ("k", "ru"): midnight + timedelta(days=1),
        ("k", "bg"): said_at + timedelta(hours=1),
        ("p", "bg"): midnight + timedelta(days=2),
    }.get((what, lang))


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One customer's matter; ``terms`` is None where it must open no case."""

    number: int
    brand: Brand
    terms: str | None
    words: str
    steps: tuple[Step, ...]

    @property
    def thread(self) -> str:
        """The id of the first post, which names the thread."""
        return f"s{self.number}-c0"

    @property
    def customer(self) -> str:
        """Who writes."""
        return f"customer-{self.number}"

    @property
    def posts(self) -> int:
        """How many deliveries it takes."""
        return sum(step.times for step in self.steps if step.what != "X")

    @property
    def begins(self) -> datetime:
        """The customer's first words: whole minutes, through nights and a weekend."""
        return START - timedelta(days=4) + timedelta(minutes=(self.number * 97) % 5300)

    def at(self, step: Step, closed_at: datetime | None) -> datetime:
        """When a step happened; a minute after the closing is whole as well."""
        if not step.since:
            return self.begins + timedelta(minutes=step.minute)
        assert closed_at is not None
        return closed_at.replace(second=0, microsecond=0) + timedelta(minutes=step.minute + 1)

    def post_id(self, step: Step) -> str:
        """The id of the post that a step says or is about."""
        if step.what in "edg":
            return self.thread
        return f"s{self.number}-{step.what}{step.minute}{'x' * step.since}"


def stories() -> Iterator[Story]:
    """Stories without end, chatter among them."""
    for number in count():
        chatter = number % 7 == 6  # seven has no divisor in common with the scripts
        script = "c0" if chatter else SCRIPTS[number % len(SCRIPTS)]
        told = CHATTER[number // 7 % len(CHATTER)] if chatter else OPENERS[number % len(OPENERS)]
        (brand, terms, words), steps = told, steps_of(script)
        yield Story(number=number, brand=brand, terms=terms, words=words, steps=steps)


def steps_of(script: str) -> tuple[Step, ...]:
    """A script's steps in the order in which they are sent."""
    found = [_STEP.fullmatch(part) for part in script.split()]
    return tuple(
        Step(
            what=one["what"],
            minute=int(one["minute"] or 0),
            since=bool(one["since"]),
            times=int(one["times"] or 1),
        )
        for one in found
        if one
    )


def payload(story: Story, step: Step, at: datetime) -> dict[str, Any]:
    """A step as the generic webhook takes it."""
    first = step.what in "edg" or (step.what == "c" and step.minute == 0 and not step.since)
    found: dict[str, Any] = {
        "id": story.post_id(step),
        "author": {"id": _author(story, step)},
        "text": _text(story, step, first=first),
        "posted_at": (story.begins if step.what in "edg" else at).isoformat(),
        "conversation_id": f"conversation-{story.number}",
        "thread_id": story.thread,
        "mentions": [story.brand.name] if first and "@" in story.words else [],
        "kind": "post" if first else "reply",
        "space": "mention",
    }
    if not first:
        found["parent_id"] = story.thread
    if step.what == "p":
        found |= {"kind": "message", "space": "dm", "visibility": "private"}
    return found | _operation(step, at)


def _operation(step: Step, at: datetime) -> dict[str, Any]:
    if step.what == "e":
        return {"op": "edited", "edited_at": at.isoformat(), "occurred_at": at.isoformat()}
    if step.what == "d":
        return {"op": "deleted", "occurred_at": at.isoformat(), "text": ""}
    if step.what == "g":
        return {"op": "engagement", "reach": {"likes": 7}}
    return {}


def _author(story: Story, step: Step) -> str:
    if not step.is_reply:
        return story.customer
    return f"{story.brand.name}-bot" if step.what == "b" else story.brand.name


def _text(story: Story, step: Step, *, first: bool) -> str:
    if first or (step.since and not step.is_reply):  # the same matter again
        return story.words + (" (!)" if step.what == "e" else "")
    return SAID[step.what][story.brand.lang]
