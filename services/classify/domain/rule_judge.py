"""Who reads texts by rules? The judge that needs no training, and explains itself word by word."""

from collections.abc import Mapping

from schemas.classified import Model
from schemas.vocabulary import Addressed, CaseTopic, Intent, Tone
from services.classify.domain import rules
from services.classify.domain.judge import Judgement, Spans
from services.classify.domain.language import LETTERS, is_latinised, language_of
from services.classify.domain.lexicon import Cue, Lexicon
from services.classify.domain.reading import in_cyrillic, read
from services.classify.domain.signs import Signs, signs_of

NEAREST = {"uk": "ru", "other": "en"}
"""Whose words are tried on a language that has no lexicon; a person looks at it anyway."""
KEPT_PLACES = 3
SURE, LIKELY, GUESSED = 0.9, 0.75, 0.5


class RuleJudge:
    """Judges a text by lexicons and ordered rules; source: the label guide."""

    model = Model(name="rules", version="1")

    def __init__(self, lexicons: Mapping[str, Lexicon]) -> None:
        self._lexicons = lexicons

    def judge(self, text: str, hint: str | None) -> Judgement:
        """The judgement of a text; ``hint`` is the language the platform named."""
        reading = read(text)
        lang = language_of(reading.folded, hint)
        lexicon = self._lexicons[NEAREST.get(lang, lang)]
        if is_latinised(reading.folded, lang):
            reading = in_cyrillic(reading, LETTERS)
        return judgement_of(signs_of(reading, lexicon, lang))


def judgement_of(signs: Signs) -> Judgement:
    """The axes that the signs add up to."""
    addressed = rules.addressed_in(signs)
    intent = rules.intent_of(signs)
    tone = rules.tone_of(signs, intent)
    strength = rules.strength_of(signs, tone)
    topic = rules.topic_of(signs)
    evidence = _evidence(signs, topic)
    return Judgement(
        lang=signs.lang,
        addressed=addressed,
        intent=intent,
        tone=tone,
        strength=strength,
        emotion=rules.emotion_of(signs, tone, strength),
        rude=signs.has(Cue.insult),
        fair_claim=rules.fair_claim_of(signs, intent),
        solvable=rules.solvable_of(signs, intent, addressed),
        topic=topic,
        personal_data=bool(signs.personal) or signs.has(Cue.personal),
        repeat_contact=signs.has(Cue.repeat_contact),
        flags=rules.flags_of(signs, intent),
        pressures=rules.pressures_of(signs),
        suspected_campaign=signs.has(Cue.campaign),
        confidence=_confidence(evidence, (addressed, intent, tone)),
        evidence=evidence,
    )


AXES: Mapping[str, tuple[Cue, ...]] = {
    "addressed": (Cue.address, Cue.company),
    "intent": (Cue.spam, Cue.problem, Cue.ask, Cue.question, Cue.praise, Cue.thanks),
    "tone": (Cue.strong, Cue.negative, Cue.praise, Cue.warmth),
    "rude": (Cue.insult,),
    "fair_claim": (Cue.problem, Cue.blocked, Cue.stranded, Cue.money_at_stake, Cue.safety),
    "repeat_contact": (Cue.repeat_contact,),
}
"""Which cues are shown as evidence of which axis."""


def _evidence(signs: Signs, topic: CaseTopic) -> dict[str, Spans]:
    shown = {
        axis: tuple(spot for cue in cues for spot in signs.found.get(cue, ()))[:KEPT_PLACES]
        for axis, cues in AXES.items()
    }
    shown["topic"] = signs.topics.get(topic, ())[:KEPT_PLACES]
    shown = {axis: tuple(map(signs.reading.place, spots)) for axis, spots in shown.items()}
    shown["personal_data"] = signs.personal[:KEPT_PLACES]
    return {axis: spots for axis, spots in shown.items() if spots}


def _confidence(
    evidence: Mapping[str, Spans], judged: tuple[Addressed, Intent, Tone]
) -> dict[str, float]:
    """Rules know no probabilities: sure with two places, likely with one, else a guess."""
    sure = {axis: _confidence_in(evidence.get(axis, ())) for axis in (*AXES, "topic")}
    if judged[1] is Intent.talk:
        sure["intent"] = GUESSED
    return sure


def _confidence_in(spots: Spans) -> float:
    return (GUESSED, LIKELY, SURE)[min(2, len(spots))]
