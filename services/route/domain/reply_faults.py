"""What may a suggested reply not say? Words by language, blanks and room by what it is."""

import re
from collections.abc import Iterator

import msgspec

from schemas.vocabulary import ReplyKind, Visibility
from services.route.domain.replies import BLANK, LIMITS, LONGEST, TOPIC, Situation, length

ROOM = {"full": LIMITS["generic"], "short": min(LIMITS.values())}
"""A full text is for where there is room; a short one must fit every platform (R55)."""
REPORTS = frozenset({ReplyKind.interim, ReplyKind.closing, ReplyKind.answer})
"""The kinds that say what was done or found out: only a person can know that."""
ACTION = "action_done"
SENTENCE = re.compile(r"(?<=[.!?…;:])\s+")

Words = tuple[str, ...]


class ReplyWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a language shows what no reply may do; a word is the beginning of one, except ``claims``.

    ``capital`` are written so in a letter to one person; what ``asks`` for ``data`` is a fault,
    unless the sentence ``warns``; what ``claims`` a deed needs the blank for it.
    """

    banned: Words
    familiar: Words
    capital: Words
    asks: Words
    data: Words
    warns: Words
    claims: Words


def faults(text: str, words: ReplyWords, situation: Situation, *, room: str) -> Iterator[str]:
    """Everything that is wrong with a text, in words."""
    unknown = sorted(set(BLANK.findall(text)) - LONGEST.keys() - {TOPIC})
    for name in unknown:
        yield f"expected blanks among {', '.join(LONGEST)} and {TOPIC}, got `{{{name}}}`"
    if "{" in BLANK.sub("", text) or "}" in BLANK.sub("", text):
        yield "expected each brace to have its other"
    elif not unknown and length(text) > ROOM[room]:
        yield f"expected at most {ROOM[room]} letters with its blanks filled, got {length(text)}"
    yield from _wording(text, words)
    if ACTION not in BLANK.findall(text):
        yield from _unproved(text, words, situation.kind)
    if situation.visibility is not Visibility.private:
        yield from _asking(text, words)


def _wording(text: str, words: ReplyWords) -> Iterator[str]:
    banned = _beginning(words.banned).search(text)
    if banned:
        yield f"`{banned.group()}` is a word that no reply uses (R77)"
    for some, flags in ((words.familiar, re.I), (words.capital, 0)):
        found = _whole(some, flags).search(text)
        if found:
            yield f"expected the polite form with a capital letter, got `{found.group()}`"


def _unproved(text: str, words: ReplyWords, kind: ReplyKind) -> Iterator[str]:
    """A claim of work that nobody has done, or a report without a place for what was done."""
    claim = _whole(words.claims, re.I).search(text)
    if claim:
        yield f"`{claim.group()}` claims what nobody did yet: expected the blank `{{{ACTION}}}`"
    elif kind in REPORTS:
        yield f"expected the blank `{{{ACTION}}}`: only a person knows what was done"


def _asking(text: str, words: ReplyWords) -> Iterator[str]:
    """Personal data, asked for where all can read the answer (R73)."""
    for sentence in SENTENCE.split(text):
        asks, data = (_beginning(some).search(sentence) for some in (words.asks, words.data))
        if asks and data and not _beginning(words.warns).search(sentence):
            yield f"`{asks.group()} ... {data.group()}` asks for personal data in public"


def _beginning(words: Words) -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})\w*" if words else "(?!)", re.I
    )


def _whole(words: Words, flags: int) -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)" if words else "(?!)", flags
    )
