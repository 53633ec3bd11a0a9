"""What stands under a word? A dictionary whose keys are words said in full, and stems."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

import msgspec

LETTERS = 3
"""So many letters of a word say how long the stems may be that it begins with."""

T = TypeVar("T")
V = TypeVar("V")


class Shelf(msgspec.Struct, Generic[V], frozen=True, kw_only=True):
    """Values under words and stems; what stands under a stem stands under longer ones too."""

    full: Mapping[str, V]
    stems: Mapping[str, V]
    sizes: Mapping[str, tuple[int, ...]]
    """How long the stems are that begin with some letters, the longest first."""
    short: tuple[int, ...]
    """The same of stems that have fewer letters than that."""

    def get(self, word: str) -> V | None:
        """What stands under a word of a text."""
        found = self.full.get(word)
        if found is not None:
            return found
        for size in self.sizes.get(word[:LETTERS], self.short):
            found = self.stems.get(word[:size])
            if found is not None:
                return found
        return None


def shelf_of(things: Iterable[tuple[str, T]], made: Callable[[list[T]], V]) -> Shelf[V]:
    """A shelf of things by their words, ``word*`` for a stem; ``made`` of all that fit a word."""
    under: dict[str, list[T]] = defaultdict(list)
    for word, thing in things:
        under[word].append(thing)
    full = [word for word in under if not word.endswith("*")]
    stems = [word[:-1] for word in under if word.endswith("*")]
    short = {len(stem) for stem in stems if len(stem) < LETTERS}
    sizes: dict[str, set[int]] = defaultdict(lambda: set(short))
    for stem in stems:
        sizes[stem[:LETTERS]].add(len(stem))
    return Shelf(
        full={word: made([*under[word], *_by_stems(under, word)]) for word in full},
        stems={stem: made(_by_stems(under, stem)) for stem in stems},
        sizes={letters: tuple(sorted(some, reverse=True)) for letters, some in sizes.items()},
        short=tuple(sorted(short, reverse=True)),
    )


def _by_stems(under: Mapping[str, list[T]], word: str) -> list[T]:
    stems = (f"{word[:size]}*" for size in range(1, len(word) + 1))
    return [thing for stem in stems for thing in under.get(stem, ())]
