"""Does a text name the brand? By configured terms, in any form, script and with one slip (R46).

Both are folded: Cyrillic is written in Latin letters, spellings of one sound become one letter. A
word is the term's if it differs by an ending of Russian, Bulgarian or English only, or, where it
is long, by one slip: a letter left out, put in, changed, or two exchanged.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

SLIP_LETTERS = 7
"""From how many folded letters a word may have a slip: shorter ones are too like other words."""

STEM_LETTERS = 4
"""How many letters of a term stand before a changed ending, at least."""

_WORD = re.compile(r"[^\W_]+")
_LETTERS = (
    "а=a б=b в=v г=g д=d е=e ё=e ж=j з=z и=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=h "
    "ц=c ч=q ш=w щ=w ъ=a ы=i ь= э=e ю=u я=a ѝ=i"
)
_LATIN = str.maketrans(dict(pair.split("=") for pair in _LETTERS.split()))
_SOUNDS = (
    ("shch", "w"),
    ("sht", "w"),
    ("sh", "w"),
    ("ch", "q"),
    ("zh", "j"),
    ("kh", "h"),
    ("ts", "c"),
    ("tz", "c"),
    ("yo", "e"),
    ("ya", "a"),
    ("ia", "a"),
    ("yu", "u"),
    ("iu", "u"),
    ("ck", "k"),
    ("ph", "f"),
    ("y", "i"),
)
_VOWELS = "aeiou"


class _Term(msgspec.Struct, frozen=True):
    """One term: as configured, its folded words, and what each may look like."""

    written: str
    words: tuple[str, ...]


def named(text: str, terms: tuple[str, ...]) -> tuple[str, ...]:
    """Which terms the text names, as they are configured, in their order."""
    if not terms or not text:
        return ()
    return _matcher(terms).named(text)


class _Matcher:
    def __init__(self, terms: tuple[str, ...]) -> None:
        self._terms = [_Term(term, tuple(_words(term))) for term in terms]
        joined = [_Term(term.written, ("".join(term.words),)) for term in self._terms]
        self._terms += [term for term in joined if len(term.words[0]) >= SLIP_LETTERS]
        self._by_letter: dict[str, list[_Term]] = {}
        for term in self._terms:
            if term.words and term.words[0]:
                self._by_letter.setdefault(term.words[0][0], []).append(term)

    def named(self, text: str) -> tuple[str, ...]:
        words = list(_words(text))
        found = set(self._found(words))
        return tuple(dict.fromkeys(term.written for term in self._terms if term.written in found))

    def _found(self, words: list[str]) -> Iterator[str]:
        for place, word in enumerate(words):
            for term in self._by_letter.get(word[:1], ()):
                if self._stands(term, words, place):
                    yield term.written

    def _stands(self, term: _Term, words: list[str], place: int) -> bool:
        word, first, *rest = words[place], *term.words
        if _is_form(word, first):
            here = words[place + 1 : place + len(term.words)]
            return len(here) == len(rest) and all(map(_is_form, here, rest))
        if rest or len(first) < SLIP_LETTERS or not first.startswith(word):
            return False
        return place + 1 < len(words) and _inflected(word + words[place + 1], first)


@lru_cache(maxsize=256)
def _matcher(terms: tuple[str, ...]) -> _Matcher:
    return _Matcher(terms)


def _words(text: str) -> Iterator[str]:
    for match in _WORD.finditer(text):
        yield _fold(match[0])


@lru_cache(maxsize=16_384)
def _fold(word: str) -> str:
    folded = word.casefold().translate(_LATIN)
    for sound, letter in _SOUNDS:
        folded = folded.replace(sound, letter)
    return folded


_CASES = (
    "а у ы и е о ой ою ом ем ам ями ами ах ях ов ев ей ый ий ая яя ое ее ые ие ого его ому ему ым "
    "им ую юю ых их ыми ими ът ят та то те ата ето ите s es"
)
"""Endings of nouns and adjectives, Bulgarian articles, the English plural and genitive."""

_ENDINGS = frozenset(map(_fold, _CASES.split()))


@lru_cache(maxsize=16_384)
def _is_form(word: str, term: str) -> bool:
    return _inflected(word, term) or (
        len(term) >= SLIP_LETTERS
        and any(_is_slip(base, stem) for stem in _stems(term) for base in _bases(word, stem))
    )


def _inflected(word: str, term: str) -> bool:
    return word == term or any(
        word.startswith(stem) and word[len(stem) :] in _ENDINGS for stem in _stems(term)
    )


def _stems(term: str) -> tuple[str, ...]:
    """The term, and what an ending of its own may be exchanged behind."""
    stem = term.rstrip(_VOWELS)
    return (term,) if stem == term or len(stem) < STEM_LETTERS else (term, stem)


def _bases(word: str, stem: str) -> Iterator[str]:
    """What is left of a word before any ending, as far as it may be that stem with a slip."""
    for base in (word, *(word[: len(word) - size] for size in range(1, 4))):
        ending = word[len(base) :]
        if abs(len(base) - len(stem)) <= 1 and (not ending or ending in _ENDINGS):
            yield base


def _is_slip(word: str, other: str) -> bool:
    """One letter left out, put in or changed, or two neighbours exchanged; the first is right."""
    if not word or word[0] != other[0]:
        return False
    same = next(
        (place for place, pair in enumerate(zip(word, other, strict=False)) if pair[0] != pair[1]),
        min(len(word), len(other)),
    )
    mine, theirs = word[same:], other[same:]
    exchanged = mine[:2] == theirs[1::-1] and mine[2:] == theirs[2:]
    return mine[1:] == theirs[1:] or mine[1:] == theirs or mine == theirs[1:] or exchanged
