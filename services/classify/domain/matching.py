"""Where do the words of a lexicon stand in a text? One walk over its words finds all of them.

A cue is a word or a phrase. ``word*`` matches any ending, and ``..`` stands for up to three words
in between; everything is matched in folded text. What can begin with a word stands under that word
or under the longest of the stems that it begins with, so that one look tells; a phrase is tried
only where its second word follows.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
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


class Phrase(msgspec.Struct, frozen=True):
    """What of a cue stands behind its first word."""

    cue: str
    needs: str
    """What must stand in a text, wherever, beyond the words under which it is filed."""

    def spot(self, folded: str, start: int) -> Span | None:
        """Where the cue stands that begins here, if it does."""
        if self.needs not in folded:
            return None
        match = _compiled(self.cue).match(folded, start)
        return match.span() if match else None


class Filed(msgspec.Struct, Generic[L], frozen=True, kw_only=True):
    """A cue on its way to a shelf."""

    rank: tuple[int, int]
    """Of those that begin at one place that of the lowest rank is tried first."""
    label: L
    first: str
    second: str
    """The words that it begins with; the second is empty where it is not known."""
    phrase: Phrase | None
    """None where nothing stands behind its first word."""


Cases = tuple[tuple[L, Phrase | None], ...]
"""What can stand at one place, in the order in which it is tried."""


class Begun(msgspec.Struct, Generic[L], frozen=True):
    """What can stand where a word of a text begins."""

    alone: Cases[L]
    """Whatever follows."""
    followed: Shelf[Cases[L]] | None
    """The same and, under a second word, what goes on with it."""


class Index(msgspec.Struct, Generic[L], frozen=True):
    """The cues of several labels, by how they begin."""

    shelf: Shelf[Begun[L]]

    def find(self, folded: str) -> dict[L, Spans]:
        """Every label that shows, with its places; places of one label do not overlap."""
        found: dict[L, list[Span]] = {}
        for word, cases in self._cases(folded):
            for label, phrase in cases:
                spot = phrase.spot(folded, word[0]) if phrase else word
                if spot:
                    spots = found.setdefault(label, [])
                    if not spots or spot[0] >= spots[-1][1]:
                        spots.append(spot)
        return {label: tuple(spots) for label, spots in found.items()}

    def _cases(self, folded: str) -> Iterator[tuple[Span, Cases[L]]]:
        """The words that can begin something, with what they can begin."""
        words = list(WORD.finditer(folded))
        texts = [word[0] for word in words]
        for word, text, second in zip(words, texts, [*texts[1:], ""], strict=False):
            begun = self.shelf.get(text)
            if begun:
                both = begun.followed.get(second) if begun.followed else None
                yield word.span(), both or begun.alone


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
    needs = max(WORD.findall(cue)[2 if second else 1 :], key=len, default="")
    return Filed(
        rank=(-1 if in_full else stem, place),
        label=label,
        first=first,
        second=second,
        phrase=Phrase(cue, needs) if cue != first else None,
    )


def _begun(filed: list[Filed[L]]) -> Begun[L]:
    alone = [one for one in filed if not one.second]
    more = [(one.second, one) for one in filed if one.second]
    followed = shelf_of(more, lambda some: _in_turn(alone + some)) if more else None
    return Begun(_in_turn(alone), followed)


def _in_turn(filed: list[Filed[L]]) -> Cases[L]:
    ranked = sorted(filed, key=lambda one: one.rank)
    return tuple((one.label, one.phrase) for one in ranked)


@cache  # no more than there are cues
def _compiled(cue: str) -> re.Pattern[str]:
    return re.compile(_expression(cue))


def pattern(words: Iterable[str]) -> re.Pattern[str]:
    """One expression for all the words, wherever one of them begins."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(_expression, words))})")


def _expression(word: str) -> str:
    parts = word.replace(" .. ", " ..").split(" ")
    body = "".join(f"{GAP}{_token(part[2:])}" if part[:2] == ".." else NEXT + _token(part)
                   for part in parts[1:])  # fmt: skip
    after = "" if word.endswith("*") else r"(?!\w)"
    return f"{_token(parts[0])}{body}{after}"


def _token(part: str) -> str:
    return re.escape(part.removesuffix("*")) + (r"\w*" if part.endswith("*") else "")
