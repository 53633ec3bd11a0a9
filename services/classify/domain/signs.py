"""What was found in a text? Every cue with its places, before any conclusion."""

import re
from collections.abc import Mapping

import msgspec

from schemas.vocabulary import CaseTopic
from services.classify.domain.figures import literal
from services.classify.domain.judge import Spans
from services.classify.domain.lexicon import ABOUT, TOPICS, Cue, Lexicon
from services.classify.domain.personal import personal_places
from services.classify.domain.reading import Reading

SHOUTED = re.compile(r"\b[A-ZА-ЯЁ]{4,}\b")
FACES = {"glad": re.compile(r"[😊😍🥰❤💙💚👍👏🙏😀😁🎉🔥]|(?<![\w/]):-?[)D]|<3|\){2,}"),
         "cross": re.compile(r"[😡🤬😠👎💩]|(?<!\w):-?\(|\({2,}")}  # fmt: skip
CUE_OF = {cue.value: cue for cue in Cue}
TOPIC_OF = {f"{ABOUT}{topic}": topic for topic in TOPICS}
MOUTHS = frozenset(":()<😊😍🥰❤💙💚👍👏🙏😀😁🎉🔥😡🤬😠👎💩")
"""Without any of these signs there is no face."""
HANDLE = re.compile(
    r"bank|support|help|care|service|official|_bg$|_ru$|air|mobile|telecom|shop|market|express|"
    r"sber|alfa|beeline|megafon|mts|tele2|vtb|raiff|energ|water|insur|transport"
)


class Signs(msgspec.Struct, frozen=True, kw_only=True):
    """Every sign of one text; of its words a model sees these and its pieces."""

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

    @property
    def tags_company(self) -> bool:
        """Does one of the tags read like a company's account?"""
        return any(HANDLE.search(name) for name in self.reading.tag_names())


def signs_of(reading: Reading, lexicon: Lexicon, lang: str) -> Signs:
    """Look for every cue of the lexicon."""
    folded, original = reading.folded, reading.original
    words = lexicon.words.find(folded)
    faced = not MOUTHS.isdisjoint(original)
    cues = {CUE_OF[label]: spots for label, spots in words.items() if label in CUE_OF}
    return Signs(
        lang=lang,
        reading=reading,
        found=literal(cues, folded),
        topics={TOPIC_OF[label]: spots for label, spots in words.items() if label in TOPIC_OF},
        personal=personal_places(original),
        asks="?" in folded,
        marks=original.count("!"),
        shouts=len(SHOUTED.findall(original)),
        glad=faced and FACES["glad"].search(original) is not None,
        cross=faced and FACES["cross"].search(original) is not None,
    )
