"""Which pieces of a text does a model look at? Character 2-5 grams inside words, words and pairs.

Every piece is hashed into one of a fixed number of buckets, in a few array operations for the
whole text: with a cumulative sum of ``code * B**i``, the hash of any slice is one difference and
one product by ``B**-i`` (modulo 2**64), wherever it stands. A call costs more than its numbers
here, so that the slices of all sizes are one array, and what a sign is stands in a table.
"""

import re
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

U64 = np.uint64
Hashes = NDArray[np.uint64]
Buckets = NDArray[np.int64]
Kinds = NDArray[np.uint8]
Places = NDArray[np.int64]
N = TypeVar("N", bound=np.generic)

SIZES = (2, 3, 4, 5)
BITS = 16
CHARACTERS = 1 << BITS
BUCKETS = 2 * CHARACTERS
"""Characters fill the first half of the table, words and pairs of words the second."""
LONGEST = 4000
"""Characters that are read; what a post says, it says before."""
BEYOND = " " * (SIZES[-1] - 1)
"""Stands behind a text, so that a slice of any size may begin at any sign of it."""

BASE = 0x9E3779B97F4A7C15
MIX, MIX_WORD, MIX_PAIR = U64(0xBF58476D1CE4E5B9), U64(0x94D049BB133111EB), U64(0xD6E8FEB86659FD93)
SEVEN, HALF, TOP = U64(7), U64(31), U64(64 - BITS)

INSIDE_WORD = r"[\w'#]+"
BLANK, DIGIT = re.compile(r"[^\S ]"), re.compile("[1-9]")
LETTERS_END = 0x40000
"""No plane behind these holds a letter or a blank."""


def _powers(base: int) -> Hashes:
    powers = np.full(LONGEST + len(BEYOND), base % 2**64, dtype=U64)
    powers[0] = 1
    return np.cumprod(powers, dtype=U64)


def _kinds() -> Kinds:
    """What every sign is: 0 a blank, 1 inside a word, 2 a word of its own."""
    kinds = np.full(0x110000, 2, dtype=np.uint8)
    signs = np.arange(LETTERS_END, dtype=np.uint32).tobytes().decode("utf-32-le", "surrogatepass")
    for kind, some in enumerate((r"\s+", INSIDE_WORD)):
        for match in re.finditer(some, signs):
            kinds[slice(*match.span())] = kind
    return kinds


KINDS = _kinds()
POWERS, INVERSES = _powers(BASE), _powers(pow(BASE, -1, 2**64))
TURNS = np.array([INVERSES * U64(2 * size + 1) for size in SIZES])
"""What makes a hash of a difference, a row a size; the factor keeps different sizes apart."""
WORD_TURNS = INVERSES * MIX_WORD


def normal(folded: str) -> str:
    """A folded text as a model sees it: every digit a zero, every blank a space, same places."""
    return f" {BLANK.sub(' ', DIGIT.sub('0', folded[: LONGEST - 2]))} "


class Pieces(msgspec.Struct, frozen=True, kw_only=True):
    """All pieces of a normalised text: slices size after size, then words, then pairs of words."""

    buckets: Buckets
    """Repeated ones repeated."""
    inside: NDArray[np.bool_]
    """Which slices are pieces: a row a size, a column a sign where they begin."""
    starts: Places
    """Where words begin."""
    ends: Places

    @property
    def characters(self) -> Buckets:
        """The buckets of the slices alone."""
        return self.buckets[: len(self.buckets) - max(0, 2 * len(self.starts) - 1)]


def pieces_in(normalised: str) -> Pieces:
    """The pieces of a normalised text."""
    codes = np.frombuffer(f"{normalised}{BEYOND}".encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds, sums, width = KINDS.take(codes), np.zeros(len(codes) + 1, dtype=U64), len(normalised) - 1
    np.add.accumulate(codes * POWERS[: len(codes)], out=sums[1:])
    inside, (starts, ends) = _inside(kinds, width), _words(kinds)
    slices = _windows(sums, SIZES[0], width) - sums[:width]
    slices *= TURNS[:, :width]
    words = (sums.take(ends) - sums.take(starts)) * WORD_TURNS.take(starts)
    buckets = _buckets(slices[inside], words)
    return Pieces(buckets=buckets, inside=inside, starts=starts, ends=ends)


def places_of(pieces: Pieces) -> Places:
    """Where each piece stands in its normalised text, in the same order: its begin and its end."""
    size, starts = np.nonzero(pieces.inside)
    begins = np.concatenate([starts, pieces.starts, pieces.starts[:-1]])
    ends = np.concatenate([starts + np.take(SIZES, size), pieces.ends, pieces.ends[1:]])
    return np.array([begins, ends]).T


def clear_of(pieces: Pieces, covered: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which pieces touch no covered sign of the text; no pair of words, as it may span one."""
    if not covered.any():
        clear = np.ones(len(pieces.buckets), dtype=bool)
        clear[len(pieces.buckets) - max(0, len(pieces.starts) - 1) :] = False
        return clear
    width = pieces.inside.shape[1]
    sums = np.zeros(len(covered) + 1 + len(BEYOND), dtype=np.int32)
    np.add.accumulate(covered, dtype=np.int32, out=sums[1 : len(covered) + 1])
    slices = _windows(sums, SIZES[0], width) == sums[:width]
    words = sums.take(pieces.starts) == sums.take(pieces.ends)
    pairs = np.zeros(max(0, len(words) - 1), dtype=bool)
    return np.concatenate([slices[pieces.inside], words, pairs])


def _windows(of: NDArray[N], first: int, width: int) -> NDArray[N]:
    """For each size the same numbers from one place further on, as a view."""
    step = of.itemsize
    return np.ndarray((len(SIZES), width), of.dtype, of, first * step, (step, step))


def _inside(kinds: Kinds, width: int) -> NDArray[np.bool_]:
    """Which slices cross no blank; one may begin or end with it, and so none goes beyond."""
    blanks = np.zeros(len(kinds) + 1, dtype=np.uint8)  # which may turn over: they are told apart
    np.add.accumulate((kinds == 0).view(np.uint8), out=blanks[1:])
    inside: NDArray[np.bool_] = _windows(blanks, 1, width) == blanks[1 : width + 1]
    return inside


def _words(kinds: Kinds) -> tuple[Places, Places]:
    """Where words begin and where they end; before and behind each text there is a blank."""
    before, behind = kinds[:-1], kinds[1:]
    joined = before * behind == 1
    return (behind > joined).nonzero()[0] + 1, (before > joined).nonzero()[0] + 1


def _buckets(slices: Hashes, words: Hashes) -> Buckets:
    pairs = words[:-1] * MIX_PAIR + words[1:] + SEVEN
    hashes = np.concatenate([slices, words, pairs])
    hashes ^= hashes >> HALF
    hashes *= MIX
    hashes >>= TOP
    buckets = hashes.view(np.int64)
    buckets[len(slices) :] += CHARACTERS
    return buckets
