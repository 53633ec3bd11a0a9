"""Is a grave word meant? Figures of speech, names and talk only sound like danger or threat."""

import re

from services.classify.domain.judge import Span, Spans
from services.classify.domain.lexicon import Cue
from services.classify.domain.matching import index_of

GRAVE: dict[Cue, tuple[str, ...]] = {
    Cue.self_harm: (
        *("die laughing", "die of laughter", "want to die for", "living without your"),
        *("suicide squad", "jump on the offer", "end it all no"),
        *("умереть не жалко", "умереть можно", "умереть со смех*", "умереть от смех*"),
        *("не могу жить без", "прыгаю от радост*"),
        *(
            "да умра от смях",
            "да умра щастлив*",
            "ще скоча от радост",
            "скача от радост",
            "ще скоча до",
        ),
    ),
    Cue.safety: (
        *("fire sale", "fire drill*", "smoke free", "to die for", "sparks joy", "burned my mouth"),
        *("sell smoke alarm*", "knife set", "knife block", "cover* an ambulance"),
        *("insurance .. ambulance", "ambulance abroad", "call an ambulance i'm dead"),
        *("скорая доставка", "скорой доставк*", "скорую доставк*", "скорая распродажа"),
        *("на учениях", "условно .. взорвал*", "подходят аллергик*", "люди аллергик*"),
        *("покрыва* скорую", "страховк* .. скорую"),
        *("покрива* линейк*", "застраховка .. линейка", "кръвта ми кипи", "на учение", "гори от"),
    ),
    Cue.legal: (
        *("tennis court", "food court", "court booking", "суд да дело", "на суд зрител*"),
        *("на ваш суд", "съдя казах"),
    ),
    Cue.press: (
        *("press release*", "пресс-релиз*", "прессъобщени*"),
        *("читал* в газет*", "прочитал* в газет*", "четох във вестник*", "прочетох във вестник*"),
    ),
    Cue.campaign: ("boycott of the", "boycott in 19*", "spread the word .. free"),
    Cue.churn: (
        *("moving my booking", "moving my appointment", "перехожу на ваш*", "перехожу к вам"),
        *(
            "перехожу по ссылк*",
            "ухожу в отпуск",
            "перейду к вам",
            "перешел к вам",
            "перешла к вам",
        ),
        *("минавам при вас", "минавам към вас", "преминавам към вас", "напускам града"),
    ),
}
"""What does not count, by the cue that it would show."""
FIGURES = index_of(GRAVE)
LAUGHING = re.compile(
    r"[😂🤣😆]|(?<!\w)(?:lol|lmao|rofl|haha\w*|хаха\w*|ахах\w*|(?<!не )шучу|на шега)(?!\w)"
)
"""A joke: no danger is told this way. Of self-harm some do speak so, hence it stays."""
SHORTEST = 30
SENTENCE = re.compile(rf"[^.!?\n]{{{SHORTEST},}}")
"""One that is long enough not to be said twice by chance."""


def literal(found: dict[Cue, Spans], folded: str) -> dict[Cue, Spans]:
    """What was found without the places that a figure of speech covers."""
    if _repeats_itself(folded):
        found = {**found, Cue.campaign: found.get(Cue.campaign, ((0, len(folded)),))}
    if found.keys().isdisjoint(GRAVE):
        return found
    figures = FIGURES.find(folded)
    joke = Cue.safety in found and LAUGHING.search(folded) is not None
    kept = {cue: _outside(spots, figures.get(cue, ())) for cue, spots in found.items()}
    return {cue: spots for cue, spots in kept.items() if spots and not (joke and cue is Cue.safety)}


def _outside(spots: Spans, figures: Spans) -> Spans:
    return tuple(spot for spot in spots if not any(_overlap(spot, figure) for figure in figures))


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _repeats_itself(folded: str) -> bool:
    """Does one sentence stand there twice, as in reviews that were ordered?"""
    if len(folded) < 2 * SHORTEST:
        return False
    said = SENTENCE.findall(folded)
    if len(said) < 2:
        return False
    long = [sentence for sentence in map(str.strip, said) if len(sentence) >= SHORTEST]
    return len(set(long)) < len(long)
