# Three inputs that break the easy version:
# 1. the same word at another place of a longer text: a hash that depends on where it stands;
# 2. 64 KiB of one character, of blanks, of one letter and a combining mark each;
# 3. a lone surrogate, U+0000, letters beyond the basic plane: one character, one place.
"""Is every piece of a text hashed by what it is, and by nothing else?"""

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classify.domain.grams import (
    BUCKETS,
    CHARACTERS,
    LONGEST,
    SIZES,
    clear_of,
    normal,
    pieces_in,
    places_of,
)

WORD = re.compile(r"[\w'#]+|[^\w\s]")
TEXTS = st.text(alphabet=st.sampled_from("ab я’з0 .!🔥\u0301"), max_size=40)


def slowly(normalised: str) -> list[str]:
    """The pieces by their definition, one after another."""
    slices = [
        normalised[start : start + size]
        for size in SIZES
        for start in range(len(normalised) - size + 1)
    ]
    words = WORD.findall(normalised)
    pairs = list(pairwise(words))
    inside = [piece for piece in slices if " " not in piece[1:-1]]
    return [*inside, *words, *(f"{one} + {two}" for one, two in pairs)]


@given(TEXTS)
def test_pieces_are_those_of_the_definition_in_its_order(text: str) -> None:
    normalised = normal(text)

    pieces = pieces_in(normalised)
    places = places_of(pieces)

    wanted = [piece for piece in slowly(normalised) if " + " not in piece]
    assert [normalised[start:end] for start, end in places[: len(wanted)]] == wanted
    assert len(places) == len(pieces.buckets) == len(slowly(normalised))


@given(TEXTS, st.sets(st.integers(0, 41)))
def test_pieces_clear_of_signs_are_those_that_hold_none_of_them(text: str, signs: set[int]) -> None:
    normalised = normal(text)
    covered = np.array([place in signs for place in range(len(normalised))])

    pieces = pieces_in(normalised)
    clear = clear_of(pieces, covered).tolist()
    single = len(clear) - max(0, len(pieces.starts) - 1)
    places = places_of(pieces)[:single]
    assert clear[:single] == [not covered[start:end].any() for start, end in places]
    assert not any(clear[single:])


@given(TEXTS, TEXTS)
def test_a_piece_has_the_same_bucket_wherever_it_stands(text: str, other: str) -> None:
    bucket: dict[tuple[str, bool], int] = {}
    for some in (normal(text), normal(other + " " + text)):
        for piece, found in zip(slowly(some), pieces_in(some).buckets.tolist(), strict=True):
            kind = found >= CHARACTERS
            assert bucket.setdefault((piece, kind), found) == found


def test_buckets_do_not_depend_on_the_process() -> None:
    """By hand: two letters, one word; the numbers were computed with plain integers."""
    text = normal("я")

    assert text == " я "
    assert pieces_in(text).buckets.tolist() == [plainly(piece) for piece in (" я", "я ", " я ")] + [
        CHARACTERS + by_word("я")
    ]


def plainly(piece: str) -> int:
    """The bucket of a piece of characters with Python's own integers."""
    base, modulus = 0x9E3779B97F4A7C15, 1 << 64
    hashed = sum(ord(sign) * pow(base, place, modulus) for place, sign in enumerate(piece))
    return _mixed(hashed * (2 * len(piece) + 1) % modulus)


def by_word(word: str) -> int:
    """The same of a word."""
    base, modulus = 0x9E3779B97F4A7C15, 1 << 64
    hashed = sum(ord(sign) * pow(base, place, modulus) for place, sign in enumerate(word))
    return _mixed(hashed * 0x94D049BB133111EB % modulus)


def _mixed(hashed: int) -> int:
    return ((hashed ^ hashed >> 31) * 0xBF58476D1CE4E5B9 % (1 << 64)) >> 48


@pytest.mark.parametrize("text", ["", " ", "a" * 65536, " " * 65536, "é" * 32768, "\ud800", "\0"])
def test_any_text_has_pieces_and_no_more_than_the_longest(text: str) -> None:
    found = pieces_in(normal(text)).buckets

    assert np.all((found >= 0) & (found < BUCKETS))
    assert len(found) <= (len(SIZES) + 2) * LONGEST
