"""Which pieces of a text does a model look at? Character 2-5 grams inside words, words and pairs.

Every piece is hashed into one of a fixed number of buckets, in a few array operations for the
whole text: with a cumulative sum of ``code * B**i``, the hash of any slice is one difference and
one product by ``B**-i`` (modulo 2**64), wherever it stands.
"""

import re

import numpy as np
from numpy.typing import NDArray

U64 = np.uint64
Hashes = NDArray[np.uint64]
Buckets = NDArray[np.int64]
Places = NDArray[np.int64]
"""A row a piece: where it begins and where it ends."""

SIZES = (2, 3, 4, 5)
BITS = 16
CHARACTERS = 1 << BITS
BUCKETS = 2 * CHARACTERS
"""Characters fill the first half of the table, words and pairs of words the second."""
LONGEST = 4000
"""Characters that are read; what a post says, it says before."""

BASE = 0x9E3779B97F4A7C15
MIX, MIX_WORD, MIX_PAIR = U64(0xBF58476D1CE4E5B9), U64(0x94D049BB133111EB), U64(0xD6E8FEB86659FD93)
SPACE = 32

WORD = re.compile(r"[\w'#]+|[^\w\s]")
BLANK = re.compile(r"\s")
DIGITS = str.maketrans("123456789", "0" * 9)


def _powers(base: int) -> Hashes:
    powers = np.full(LONGEST + 2, base % 2**64, dtype=U64)
    powers[0] = 1
    return np.cumprod(powers, dtype=U64)


POWERS, INVERSES = _powers(BASE), _powers(pow(BASE, -1, 2**64))
INVERSES_OF_SIZE = {size: INVERSES * U64(2 * size + 1) for size in SIZES}
"""The factor keeps pieces of different sizes apart."""


def normal(folded: str) -> str:
    """A folded text as a model sees it: every digit a zero, every blank a space, same places."""
    return f" {BLANK.sub(' ', folded[: LONGEST - 2].translate(DIGITS))} "


def buckets_of(normalised: str) -> Buckets:
    """The buckets of all pieces of a normalised text, repeated ones repeated."""
    codes = _codes(normalised)
    sums = np.zeros(len(codes) + 1, dtype=U64)
    np.cumsum(codes * POWERS[: len(codes)], out=sums[1:])
    characters = _characters(sums)[_inside(codes)]
    return np.concatenate([_bucket(characters), _bucket(_words(normalised, sums)) + CHARACTERS])


def places_of(normalised: str) -> Places:
    """Where each bucket of ``buckets_of`` stands in the normalised text, in the same order."""
    many = [max(0, len(normalised) - size + 1) for size in SIZES]
    inside = _inside(_codes(normalised))
    starts = np.concatenate([np.arange(count) for count in many])[inside]
    ends = starts + np.repeat(SIZES, many)[inside]
    words = _spans(normalised)
    return np.array([np.concatenate([starts, words[:, 0], words[:-1, 0]]),
                     np.concatenate([ends, words[:, 1], words[1:, 1]])]).T  # fmt: skip


def pairs_in(buckets: Buckets) -> int:
    """How many of the buckets, the last ones, are of pairs: one fewer than there are words."""
    return int(np.count_nonzero(buckets >= CHARACTERS)) // 2


def _codes(normalised: str) -> NDArray[np.uint32]:
    return np.frombuffer(normalised.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _spans(normalised: str) -> Places:
    found = [match.span() for match in WORD.finditer(normalised)]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _characters(sums: Hashes) -> Hashes:
    """The hashes of all slices, size after size."""
    count = len(sums) - 1
    hashes = np.empty(_total(count), dtype=U64)
    first = 0
    for size in SIZES:
        many = max(0, count - size + 1)
        part = hashes[first : first + many]
        np.subtract(sums[size:], sums[:many], out=part)
        part *= INVERSES_OF_SIZE[size][:many]
        first += many
    return hashes


def _inside(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which of these slices cross no space; one may begin or end with it."""
    inside = np.ones(_total(len(codes)), dtype=bool)
    clear, first = codes != SPACE, 0
    run = clear
    for size in SIZES:
        many = max(0, len(codes) - size + 1)
        if size > 2:
            run = clear if size == 3 else run[:-1] & clear[size - 3 :]
            inside[first : first + many] = run[1 : many + 1]
        first += many
    return inside


def _total(count: int) -> int:
    return sum(max(0, count - size + 1) for size in SIZES)


def _words(normalised: str, sums: Hashes) -> Hashes:
    starts, ends = _spans(normalised).T
    words = (sums[ends] - sums[starts]) * INVERSES[starts]
    pairs = (words[:-1] * MIX_PAIR + words[1:]) * MIX_WORD + U64(7)
    return np.concatenate([words * MIX_WORD, pairs])


def _bucket(hashes: Hashes) -> Buckets:
    hashes ^= hashes >> U64(31)
    hashes *= MIX
    hashes >>= U64(64 - BITS)
    return hashes.astype(np.int64)
