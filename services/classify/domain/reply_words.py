"""Which words show what a reply is and promises? The `replies:` part of a lexicon, and compiled."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from services.classify.domain.matching import pattern

Words = tuple[str, ...]
KindName = Literal["closing", "private", "interim", "answer", "acknowledgement", "praise", "thanks"]
UNITS = ("minute", "half_hour", "working_day", "hour", "day", "week")
DAYS = ("today", "tomorrow", "day_after", "this_week", "next_week", "this_month")
_START = r"(?<!\w)"
NUMERIC = r"(?<![\d.])(?P<day>\d{1,2})\.(?P<month>\d{2})(?:\.\d{4})?(?![\d.]*\d)"


class DeadlineWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a language names the end of a promise, and what makes it one.

    ``commits`` and ``commit_ends`` (of verbs) say that the brand will do something; ``cannot`` and
    ``schedule`` (opening hours, sales) say that it does not. ``since`` makes a date a past one.
    """

    commits: Words
    commit_ends: Words
    cannot: Words
    schedule: Words
    joins: Words
    within: Words
    until: Words
    since: Words
    after: Words
    minute: Words
    half_hour: Words
    hour: Words
    day: Words
    working_day: Words
    week: Words
    numbers: dict[Annotated[str, msgspec.Meta(pattern=r"^\d+$")], Words]
    today: Words
    tomorrow: Words
    day_after: Words
    this_week: Words
    next_week: Words
    this_month: Words
    noon: Words
    oclock: Words
    afternoon: Words
    weekdays: tuple[Words, Words, Words, Words, Words, Words, Words]
    months: Annotated[tuple[Words, ...], msgspec.Meta(min_length=12, max_length=12)]


class ReplyWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a brand's reply shows what it is, and what it should hold or avoid.

    ``deeds`` and ``deed_ends`` (of verbs) say that the brand does something, ``feelings`` look so
    and are none, ``contact`` is no more than to come back. Before a closing ``unless`` undoes it.
    What ``asks`` for ``data`` is a fault, unless the sentence ``warns``; ``turns`` to ``channels``,
    and ``calls`` alone, lead away from here. ``harmless`` is no data and no "thou".
    """

    kinds: dict[KindName, Words]
    unless: Words
    who: Words
    who_ends: Words
    deeds: Words
    deed_ends: Words
    feelings: Words
    contact: Words
    gratitude: Words
    empathy: Words
    actions: Words
    looked_into: Words
    customer_step: Words
    farewell: Words
    banned: Words
    familiar: Words
    familiar_ends: Words
    asks: Words
    data: Words
    harmless: Words
    here: Words
    warns: Words
    calls: Words
    turns: Words
    channels: Words
    channel_asked: Words
    deadlines: DeadlineWords


class DeadlineSigns(msgspec.Struct, frozen=True, kw_only=True):
    """The same, ready for use; groups of a pattern are named by unit, day or number."""

    signs: Mapping[str, re.Pattern[str]]
    numbers: Mapping[str, int]
    span: re.Pattern[str]
    clock: re.Pattern[str]
    days: re.Pattern[str]
    weekday: re.Pattern[str]
    dates: tuple[re.Pattern[str], ...]
    joint: re.Pattern[str]


class ReplySigns(msgspec.Struct, frozen=True, kw_only=True):
    """The words of replies, ready for use."""

    kinds: Mapping[KindName, re.Pattern[str]]
    signs: Mapping[str, re.Pattern[str]]
    ends: Mapping[str, re.Pattern[str]]
    deadlines: DeadlineSigns


def reply_signs(words: ReplyWords) -> ReplySigns:
    """The words of a lexicon as expressions."""
    plain = msgspec.structs.asdict(words)
    return ReplySigns(
        kinds={kind: pattern(some) for kind, some in words.kinds.items()},
        signs={name: pattern(some) for name, some in plain.items() if isinstance(some, tuple)},
        ends={
            "who": _ending(words.who_ends),
            "familiar": _ending(words.familiar_ends),
            "deed": _ending(words.deed_ends),
            "commit": _ending(words.deadlines.commit_ends),
        },
        deadlines=_deadlines(words.deadlines),
    )


def _ending(ends: Words) -> re.Pattern[str]:
    return re.compile(rf"\b\w{{2,}}\w(?:{'|'.join(ends)})\b" if ends else r"(?!)")


def _deadlines(words: DeadlineWords) -> DeadlineSigns:
    numbers = {word: int(size) for size, some in words.numbers.items() for word in some}
    number = rf"(?:\d{{1,3}}|{_any(tuple(numbers))})"
    amount = rf"(?P<low>{number})(?:\s*[-–]\s*(?P<high>{number}))?"
    until = rf"(?P<until>{_any(words.until)}\s+)"
    plain = msgspec.structs.asdict(words)
    units = "|".join(rf"(?P<{name}>{_any(plain[name])})" for name in UNITS)
    named = "|".join(rf"(?P<{name}>{_any(plain[name])})" for name in reversed(DAYS))
    clock = r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d)(?!\.?\d))?"
    oclock, afternoon = (
        _any(some).removeprefix(_START) for some in (words.oclock, words.afternoon)
    )
    ends = rf"(?P<oclock>{oclock})|(?P<afternoon>{afternoon})"
    months = "|".join(rf"(?P<m{n}>{_any(some)})" for n, some in enumerate(words.months, 1))
    weekdays = "|".join(rf"(?P<w{n}>{_any(some)})" for n, some in enumerate(words.weekdays))
    opened = rf"(?P<since>{_any(words.since)}\s+)?(?:{until})?"
    return DeadlineSigns(
        signs={name: pattern(plain[name]) for name in ("commits", "cannot", "schedule")},
        numbers=numbers,
        span=re.compile(rf"{_any(words.within)}\s+(?:{amount}[\s-]*)?(?:{units})"),
        clock=re.compile(rf"{until}{clock}\s*(?:{ends})?|(?P<noon>{_any(words.noon)})"),
        days=re.compile(named),
        weekday=re.compile(rf"{until}(?:(?P<after>{_any(words.after)})\s+)?(?:{weekdays})"),
        dates=(
            re.compile(rf"{opened}(?P<day>\d{{1,2}})(?:-?\w{{1,2}})?\s+(?:of\s+)?(?:{months})"),
            re.compile(rf"{opened}(?:{months})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\w)"),
            re.compile(rf"{opened}{NUMERIC}"),
        ),
        joint=re.compile(rf"[,;:—–()]\s+|\s+-\s+|\s+{_any(words.joins)}\s+"),
    )


def _any(words: Words) -> str:
    """The words as a part of an expression; the longest first, for one may begin another."""
    return pattern(sorted(words, key=len, reverse=True)).pattern
