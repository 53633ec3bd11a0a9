"""What is seen of a text before any conclusion? The same in training and at run time."""

from collections.abc import Mapping

import msgspec

from services.classify.domain.cues import Numbers, numbers_of
from services.classify.domain.grams import Buckets, Pieces, normal, pieces_in
from services.classify.domain.language import LETTERS, Languages
from services.classify.domain.lexicon import Lexicon
from services.classify.domain.reading import in_cyrillic, read
from services.classify.domain.signs import Signs, signs_of

NEAREST = {"uk": "ru", "other": "en"}
"""Whose words are tried on a language that has no lexicon; a person looks at it anyway."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at in one text, before any conclusion."""

    normalised: str
    pieces: Pieces
    signs: Signs
    numbers: Numbers

    @property
    def buckets(self) -> Buckets:
        """The buckets of all pieces."""
        return self.pieces.buckets


class Eye(msgspec.Struct, frozen=True, kw_only=True):
    """Sees texts, the same in training and at run time."""

    languages: Languages
    lexicons: Mapping[str, Lexicon]

    def language_of(self, text: str) -> str:
        """The language of a text alone."""
        folded = read(text).folded
        return self.languages.language_of(folded, pieces_in(normal(folded)).characters, None).name

    def see(self, text: str, hint: str | None = None) -> Seen:
        """The pieces, signs and numbers of a text; ``hint`` is the language the platform named."""
        reading = read(text)
        normalised = normal(reading.folded)
        pieces = pieces_in(normalised)
        lang = self.languages.language_of(reading.folded, pieces.characters, hint)
        if lang.latinised:
            reading = in_cyrillic(reading, LETTERS)
            normalised = normal(reading.folded)
            pieces = pieces_in(normalised)
        signs = signs_of(reading, self.lexicons[NEAREST.get(lang.name, lang.name)], lang.name)
        return Seen(normalised=normalised, pieces=pieces, signs=signs, numbers=numbers_of(signs))
