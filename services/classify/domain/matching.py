"""Where do the words of a lexicon stand in a text? One walk over its words finds all of them.

A cue is a word or a phrase. ``word*`` matches any ending, and ``..`` stands for up to three words
in between; everything is matched in folded text. What can begin with a word stands under that word
or under the longest of the stems that it begins with, so that one look tells; a phrase is tried
only where its second word follows.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Generic, TypeVar

import msgspec

from services.classify.domain.judge import Span, Spans
from services.classify.domain.shelf import Shelf, shelf_of

WORD = re.compile(r"\w+")
NEXT = r"[^\w.!?\n]{1,3}"
GAP = rf"(?:{NEXT}[\w']+){{0,3}}?{NEXT}"
BEGINS = re.compile(r"(\w+\*?)(?:[^\w*.]{1,3}(\w+(?:\*|(?![\w*]))))?")
"""The first word of a cue and the second, if no gap stands between them."""
STEM = 4
"""Of stems the shorter come first, up to so many letters."""

L = TypeVar("L", bound=str)


class Filed(msgspec.Struct, Generic[L], frozen=True, order=True, kw_only=True):
    """A cue; of those that begin at one place that of the lowest rank is tried first."""

    rank: tuple[int, int]
    label: L
    cue: str
    first: str
    second: str
    """The words that it begins with; the second is empty where it is not known."""
    is_phrase: bool
    """It goes on behind its first word."""
    needs: str
    """What else must stand in a text, wherever."""


class Begun(msgspec.Struct, Generic[L], frozen=True):
    """What can stand where a word of a text begins."""

    alone: tuple[Filed[L], ...]
    """Whatever follows."""
    followed: Shelf[tuple[Filed[L], ...]] | None
    """The same and, under a second word, what goes on with it."""


class Index(msgspec.Struct, Generic[L], frozen=True):
    """The cues of several labels, by how they begin."""

    shelf: Shelf[Begun[L]]

    def find(self, folded: str) -> dict[L, Spans]:
        """Every label that shows, with its places; places of one label do not overlap."""
        found: dict[L, list[Span]] = {}
        words = list(WORD.finditer(folded))
        texts = [word[0] for word in words]
        for word, text, second in zip(words, texts, [*texts[1:], ""], strict=False):
            begun = self.shelf.get(text)
            if begun is not None:
                both = begun.followed.get(second) if begun.followed else None
                for filed in both or begun.alone:
                    spot = _phrase(filed, folded, word) if filed.is_phrase else word.span()
                    if spot:
                        _keep(found.setdefault(filed.label, []), spot)
        return {label: tuple(spots) for label, spots in found.items()}


def index_of(words: Mapping[L, Iterable[str]]) -> Index[L]:
    """An index over the words of several labels, in their order."""
    cues = [(label, cue) for label, of_label in words.items() for cue in of_label]
    filed = [_filed(label, cue, place) for place, (label, cue) in enumerate(cues)]
    return Index(shelf_of([(one.first, one) for one in filed], _begun))


def _filed(label: L, cue: str, place: int) -> Filed[L]:
    """Two words that are said in full come before one, and one before a stem."""
    begins = BEGINS.match(cue)
    first, second = begins.groups("") if begins else (cue, "")
    stem = min(STEM, len(first) - 1) if first.endswith("*") else 0
    in_full = second and not (stem or second.endswith("*"))
    return Filed(
        rank=(-1 if in_full else stem, place),
        label=label,
        cue=cue,
        first=first,
        second=second,
        is_phrase=cue != first,
        needs=max(WORD.findall(cue)[2 if second else 1 :], key=len, default=""),
    )


def _begun(filed: list[Filed[L]]) -> Begun[L]:
    alone = sorted(one for one in filed if not one.second)
    more = [(one.second, one) for one in filed if one.second]
    followed = shelf_of(more, lambda some: tuple(sorted(alone + some))) if more else None
    return Begun(tuple(alone), followed)


def _phrase(filed: Filed[L], folded: str, word: re.Match[str]) -> Span | None:
    """Where a phrase stands that begins with this word of a text."""
    if filed.needs not in folded:
        return None
    match = _compiled(filed.cue).match(folded, word.start())
    return match.span() if match else None


@cache  # no more than there are cues
def _compiled(cue: str) -> re.Pattern[str]:
    return re.compile(_expression(cue))


def pattern(words: Iterable[str]) -> re.Pattern[str]:
    """One expression for all the words, wherever one of them begins."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(_expression, words))})")


def _keep(spots: list[Span], spot: Span) -> None:
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
