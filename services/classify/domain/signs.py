"""What was found in a text? Every cue with its places, before any conclusion."""

import re
from collections.abc import Mapping

import msgspec

from schemas.vocabulary import CaseTopic
from services.classify.domain.figures import literal
from services.classify.domain.judge import Spans
from services.classify.domain.lexicon import Cue, Lexicon
from services.classify.domain.personal import personal_places
from services.classify.domain.reading import Reading

SHOUTED = re.compile(r"\b[A-ZА-ЯЁ]{4,}\b")
FACES = {"glad": re.compile(r"[😊😍🥰❤💙💚👍👏🙏😀😁🎉🔥]|(?<![\w/]):-?[)D]|<3|\){2,}"),
         "cross": re.compile(r"[😡🤬😠👎💩]|(?<!\w):-?\(|\({2,}")}  # fmt: skip
HANDLE = re.compile(
    r"bank|support|help|care|service|official|_bg$|_ru$|air|mobile|telecom|shop|market|express|"
    r"sber|alfa|beeline|megafon|mts|tele2|vtb|raiff|energ|water|insur|transport"
)


class Signs(msgspec.Struct, frozen=True, kw_only=True):
    """Every sign of one text; the rules look at nothing else."""

    lang: str
    reading: Reading
    found: Mapping[Cue, Spans]
    topics: Mapping[CaseTopic, Spans]
    personal: Spans
    asks: bool
    marks: int
    shouts: int
    glad: bool
    cross: bool

    def has(self, *cues: Cue) -> bool:
        """Is any of these cues there?"""
        return not self.found.keys().isdisjoint(cues)

    def count(self, cue: Cue) -> int:
        """How often the cue shows."""
        return len(self.found.get(cue, ()))

    def opens_with(self, cue: Cue) -> bool:
        """Is the cue the first word?"""
        first = self.found.get(cue, ((-1, 0),))[0][0]
        return first >= 0 and not re.search(r"\w", self.reading.folded[:first])

    @property
    def tags_company(self) -> bool:
        """Does one of the tags read like a company's account?"""
        return any(HANDLE.search(name) for name in self.reading.tag_names())


def signs_of(reading: Reading, lexicon: Lexicon, lang: str) -> Signs:
    """Look for every cue of the lexicon."""
    folded, original = reading.folded, reading.original
    return Signs(
        lang=lang,
        reading=reading,
        found=literal(lexicon.cues.find(folded), folded),
        topics=lexicon.topics.find(folded),
        personal=personal_places(original),
        asks="?" in folded,
        marks=original.count("!"),
        shouts=len(SHOUTED.findall(original)),
        glad=FACES["glad"].search(original) is not None,
        cross=FACES["cross"].search(original) is not None,
    )
