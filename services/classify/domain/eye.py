"""What is seen of a text before any conclusion? The same in training and at run time."""

from collections.abc import Mapping

import msgspec

from services.classify.domain.cues import Numbers, numbers_of
from services.classify.domain.grams import Buckets, buckets_of, normal
from services.classify.domain.language import LETTERS, Languages
from services.classify.domain.lexicon import Lexicon
from services.classify.domain.reading import in_cyrillic, read
from services.classify.domain.signs import Signs, signs_of

NEAREST = {"uk": "ru", "other": "en"}
"""Whose words are tried on a language that has no lexicon; a person looks at it anyway."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at in one text, before any conclusion."""

    normalised: str
    buckets: Buckets
    signs: Signs
    numbers: Numbers


class Eye(msgspec.Struct, frozen=True, kw_only=True):
    """Sees texts, the same in training and at run time."""

    languages: Languages
    lexicons: Mapping[str, Lexicon]

    def language_of(self, text: str) -> str:
        """The language of a text alone."""
        folded = read(text).folded
        return self.languages.language_of(folded, buckets_of(normal(folded)), None).name

    def see(self, text: str, hint: str | None = None) -> Seen:
        """The pieces, signs and numbers of a text; ``hint`` is the language the platform named."""
        reading = read(text)
        normalised = normal(reading.folded)
        buckets = buckets_of(normalised)
        lang = self.languages.language_of(reading.folded, buckets, hint)
        if lang.latinised:
            reading = in_cyrillic(reading, LETTERS)
            normalised = normal(reading.folded)
            buckets = buckets_of(normalised)
        signs = signs_of(reading, self.lexicons[NEAREST.get(lang.name, lang.name)], lang.name)
        return Seen(normalised=normalised, buckets=buckets, signs=signs, numbers=numbers_of(signs))
