"""Which pieces of a text does a model look at? Character 2-5 grams inside words, words and pairs.

Every piece is hashed into one of a fixed number of buckets, in a few array operations for the
whole text: with a cumulative sum of ``code * B**i``, the hash of any slice is one difference and
one product by ``B**-i`` (modulo 2**64), wherever it stands.
"""

import re

import msgspec
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
BLANK, DIGIT = re.compile(r"[^\S ]"), re.compile("[1-9]")


def _powers(base: int) -> Hashes:
    powers = np.full(LONGEST + 2, base % 2**64, dtype=U64)
    powers[0] = 1
    return np.cumprod(powers, dtype=U64)


POWERS, INVERSES = _powers(BASE), _powers(pow(BASE, -1, 2**64))
INVERSES_OF_SIZE = {size: INVERSES * U64(2 * size + 1) for size in SIZES}
"""The factor keeps pieces of different sizes apart."""


def normal(folded: str) -> str:
    """A folded text as a model sees it: every digit a zero, every blank a space, same places."""
    return f" {BLANK.sub(' ', DIGIT.sub('0', folded[: LONGEST - 2]))} "


class Pieces(msgspec.Struct, frozen=True, kw_only=True):
    """All pieces of a normalised text: slices size after size, then words, then pairs of words."""

    buckets: Buckets
    """Repeated ones repeated."""
    inside: NDArray[np.bool_]
    """Which slices of the text are pieces."""
    words: Places


def pieces_in(normalised: str) -> Pieces:
    """The pieces of a normalised text."""
    codes = np.frombuffer(normalised.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    sums = np.zeros(len(codes) + 1, dtype=U64)
    np.cumsum(codes * POWERS[: len(codes)], out=sums[1:])
    inside, words = _inside(codes), _spans(normalised)
    characters = _bucket(_characters(sums)[inside])
    buckets = np.concatenate([characters, _bucket(_words(words, sums)) + CHARACTERS])
    return Pieces(buckets=buckets, inside=inside, words=words)


def places_of(pieces: Pieces, length: int) -> Places:
    """Where each piece stands in its normalised text of so many signs, in the same order."""
    many = [max(0, length - size + 1) for size in SIZES]
    starts = np.concatenate([np.arange(count) for count in many])[pieces.inside]
    ends = starts + np.repeat(SIZES, many)[pieces.inside]
    words = pieces.words
    return np.array([np.concatenate([starts, words[:, 0], words[:-1, 0]]),
                     np.concatenate([ends, words[:, 1], words[1:, 1]])]).T  # fmt: skip


def clear_of(pieces: Pieces, covered: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which pieces touch no covered sign of the text; no pair of words, as it may span one."""
    sums = np.zeros(len(covered) + 1, dtype=np.int32)
    np.cumsum(covered, out=sums[1:])
    slices = [sums[size:] == sums[: max(0, len(sums) - size)] for size in SIZES]
    words = sums[pieces.words[:, 0]] == sums[pieces.words[:, 1]]
    pairs = np.zeros(max(0, len(words) - 1), dtype=bool)
    return np.concatenate([np.concatenate(slices)[pieces.inside], words, pairs])


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


def _words(spans: Places, sums: Hashes) -> Hashes:
    starts, ends = spans.T
    words = (sums[ends] - sums[starts]) * INVERSES[starts]
    pairs = (words[:-1] * MIX_PAIR + words[1:]) * MIX_WORD + U64(7)
    return np.concatenate([words * MIX_WORD, pairs])


def _bucket(hashes: Hashes) -> Buckets:
    hashes ^= hashes >> U64(31)
    hashes *= MIX
    hashes >>= U64(64 - BITS)
    return hashes.astype(np.int64)
