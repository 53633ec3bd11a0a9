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

# each begins with signs that a search can skip to; what may not stand before them comes behind
SHOUTED = re.compile(r"[A-ZА-ЯЁ](?<!\w[A-ZА-ЯЁ])[A-ZА-ЯЁ]{3,}\b")
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
GLAD, CROSS = re.compile("[😊😍🥰❤💙💚👍👏🙏😀😁🎉🔥]"), re.compile("[😡🤬😠👎💩]")
SMILE, FROWN = re.compile(r":(?<![\w/]:)-?[)D]|<3|\)\)"), re.compile(r":(?<!\w:)-?\(|\(\(")
CUE_OF = {cue.value: cue for cue in Cue}
TOPIC_OF = {f"{ABOUT}{topic}": topic for topic in TOPICS}
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
    emoji: int
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
    emoji = 0 if original.isascii() else len(EMOJI.findall(original))
    glad = (emoji > 0 and GLAD.search(original)) or SMILE.search(original)
    cross = (emoji > 0 and CROSS.search(original)) or FROWN.search(original)
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
        emoji=emoji,
        glad=bool(glad),
        cross=bool(cross),
    )
