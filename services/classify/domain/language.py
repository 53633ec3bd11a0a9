"""Which language is a text in? Its script first, then what its character pieces are most like."""

import re
from collections.abc import Mapping

import msgspec
import numpy as np

from services.classify.domain.grams import LONGEST, SIZES, Buckets
from services.classify.domain.weights import Reals, Table

KNOWN = ("ru", "bg", "en")
"""The languages that are judged; anything else goes to a language queue (R43)."""

CYRILLIC = re.compile(r"[а-яёіїєґѝѓќљњџјѕ]+")
LATIN = re.compile(r"[a-zà-ÿāăąčćęěğıłńőřśşšţůűźżž]+")
FOREIGN = re.compile(r"[^\W\d_a-zà-ÿāăąčćęěğıłńőřśşšţůűźżžа-яёіїєґѝѓќљњџјѕ]")
UKRAINIAN = "іїєґ"
RARELY = 40
"""Once in so many letters a foreign one may slip in."""
LETTERS: Mapping[str, str] = {
    "sht": "щ", "sh": "ш", "ch": "ч", "zh": "ж", "ts": "ц", "yu": "ю", "iu": "ю", "ya": "я",
    "ia": "я", "a": "а", "b": "б", "c": "ц", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "х",
    "i": "и", "j": "ж", "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "q": "я",
    "r": "р", "s": "с", "t": "т", "u": "у", "v": "в", "w": "в", "x": "х", "y": "й", "z": "з",
}  # fmt: skip
"""How people write Cyrillic with Latin letters; longest first."""
CLASSES = ("ru", "bg", "en", "uk", "other", "latin_bg", "latin_ru")
LATINISED = {"latin_bg": "bg", "latin_ru": "ru"}
ALIKE = np.ones(len(SIZES) * LONGEST, dtype=np.float32)
HINT_WEIGHS = 0.6
"""The platform's word decides between languages that are nearly as likely."""


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """A language, and whether it is Cyrillic written with Latin letters."""

    name: str
    latinised: bool = False


class Languages(msgspec.Struct, frozen=True, kw_only=True):
    """A linear model over character pieces: a row a bucket, a column a class."""

    table: Table
    scales: Reals
    offsets: Reals

    def language_of(self, folded: str, characters: Buckets, hint: str | None) -> Language:
        """ru, bg, en, uk or other; a text without letters is what the hint says."""
        cyrillic, latin, foreign = _scripts(folded)
        if foreign > cyrillic + latin:
            return Language(name="other")
        if not cyrillic + latin:
            return Language(name=_hinted(hint))
        if sum(map(folded.count, UKRAINIAN)) * RARELY > cyrillic:
            return Language(name="uk")
        margins = self._margins(characters)
        if hint and hint[:2] in CLASSES:
            margins[CLASSES.index(hint[:2])] += HINT_WEIGHS
        allowed = _CYRILLIC if cyrillic * 3 >= latin else _LATIN
        best = CLASSES[max(allowed, key=margins.tolist().__getitem__)]
        return Language(name=LATINISED.get(best, best), latinised=best in LATINISED)

    def _margins(self, characters: Buckets) -> Reals:
        share = ALIKE[: len(characters)] * np.float32(len(characters) ** -0.5)
        said: Reals = share @ self.table.take(characters, axis=0).astype(np.float32)
        return said * self.scales + self.offsets


_CYRILLIC = tuple(CLASSES.index(name) for name in ("ru", "bg", "uk", "other"))
_LATIN = tuple(CLASSES.index(name) for name in ("en", "other", "latin_bg", "latin_ru"))


def _scripts(folded: str) -> tuple[int, int, int]:
    """How many letters are Cyrillic, Latin, of another script; these only if they may be most."""
    if folded.isascii():
        return 0, len("".join(LATIN.findall(folded))), 0
    cyrillic, latin = len("".join(CYRILLIC.findall(folded))), len("".join(LATIN.findall(folded)))
    known = cyrillic + latin
    if len(folded) <= 2 * known:  # so that foreign ones are no more, how many they may be
        return cyrillic, latin, 0
    return cyrillic, latin, len(FOREIGN.findall(folded))


def _hinted(hint: str | None) -> str:
    lang = (hint or "other").split("-")[0].lower()
    return lang if lang in CLASSES else "other"
