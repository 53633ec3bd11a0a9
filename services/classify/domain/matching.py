"""Where do the words of a lexicon stand in a text? One walk over its words finds all of them.

A cue is a word or a phrase. ``word*`` matches any ending, and ``..`` stands for up to three words
in between; everything is matched in folded text. Every expression is filed under its first two
words or the letters of its stem, so that a word of the text meets only what can begin there.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

import msgspec

from services.classify.domain.judge import Spans

WORD = re.compile(r"\w+")
NEXT = r"[^\w.!?\n]{1,3}"
GAP = rf"(?:{NEXT}[\w']+){{0,3}}?{NEXT}"
PAIR = re.compile(r"(\w+)[^\w*.]{1,3}(\w+)(?![\w*])")
STEM = 4
"""How many letters of a stem are looked up."""

L = TypeVar("L", bound=str)


class Index(msgspec.Struct, Generic[L], frozen=True, kw_only=True):
    """Expressions by the words or the letters that they begin with, each with its label."""

    filed: Mapping[str, "Filed[L]"]

    def find(self, folded: str) -> dict[L, Spans]:
        """Every label that shows, with its places; places of one label do not overlap."""
        found: dict[L, list[tuple[int, int]]] = {}
        filed = self.filed.get
        words = list(WORD.finditer(folded))
        texts = [word.group() for word in words]
        for word, text, second in zip(words, texts, [*texts[1:], ""], strict=False):
            keys = (f"{text} {second}", f"{text} ", text[:1], text[:2], text[:3], text[:4])
            for key in keys[: 2 + len(text)]:  # the letters of a short word once
                for label, expression in filed(key, ()):
                    match = expression.match(folded, word.start())
                    if match:
                        _keep(found.setdefault(label, []), match.span())
        return {label: tuple(spots) for label, spots in found.items()}


Filed = tuple[tuple[L, re.Pattern[str]], ...]


def index_of(words: Mapping[L, Iterable[str]]) -> Index[L]:
    """An index over the words of several labels, in their order."""
    filed: dict[str, dict[L, list[str]]] = defaultdict(lambda: defaultdict(list))
    for label, of_label in words.items():
        for word in of_label:
            filed[_key(word)][label].append(word)
    return Index(
        filed={
            key: tuple((label, re.compile(_any_of(some))) for label, some in labels.items())
            for key, labels in filed.items()
        }
    )


def _key(word: str) -> str:
    """Two words where both are said in full, else one and a blank, of a stem its letters."""
    pair = PAIR.match(word)
    if pair:
        return f"{pair[1]} {pair[2]}"
    first = WORD.match(word)
    text = first.group() if first else ""
    return text[:STEM] if word.startswith(f"{text}*") else f"{text} "


def pattern(words: Iterable[str]) -> re.Pattern[str]:
    """One expression for all the words, wherever one of them begins."""
    return re.compile(rf"(?<!\w)(?:{_any_of(words)})")


def _any_of(words: Iterable[str]) -> str:
    return "|".join(_expression(word) for word in words)


def _keep(spots: list[tuple[int, int]], spot: tuple[int, int]) -> None:
    if not spots or spot[0] >= spots[-1][1]:
        spots.append(spot)


def _expression(word: str) -> str:
    parts = word.replace(" .. ", " ..").split(" ")
    body = "".join(f"{GAP}{_token(part[2:])}" if part[:2] == ".." else NEXT + _token(part)
                   for part in parts[1:])  # fmt: skip
    after = "" if word.endswith("*") else r"(?!\w)"
    return f"{_token(parts[0])}{body}{after}"


def _token(part: str) -> str:
    return re.escape(part.removesuffix("*")) + (r"\w*" if part.endswith("*") else "")
