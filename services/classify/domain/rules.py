"""What do the signs add up to? The axes of a text, each by its own rule; first match wins."""

from typing import get_args

from schemas.vocabulary import Addressed, CaseTopic, Emotion, Flag, Intent, Solvable, Tone
from services.classify.domain.judge import Pressure
from services.classify.domain.lexicon import Cue, TopicName
from services.classify.domain.signs import Signs

FLAG_CUES = {
    Flag.churn: Cue.churn,
    Flag.legal: Cue.legal,
    Flag.press: Cue.press,
    Flag.safety: Cue.safety,
    Flag.self_harm: Cue.self_harm,
}
PRESSURE_CUES = {pressure: Cue(pressure.value) for pressure in Pressure}
TOPICS = tuple(CaseTopic(name) for name in get_args(TopicName))
"""The graver one first: it wins where two show equally often."""
HARM = (Cue.problem, Cue.blocked, Cue.stranded, Cue.money_at_stake, Cue.safety)
"""Cues of a concrete thing that went wrong."""


def addressed_in(signs: Signs) -> Addressed:
    """Does the text itself speak to a company, about one, or to somebody else?"""
    if signs.reading.is_retweet:
        return Addressed.mention
    if signs.reading.opens_with_tag and (signs.lang == "en" or signs.tags_company):
        return Addressed.direct
    if signs.has(Cue.person):
        return Addressed.mention if signs.has(Cue.name) else Addressed.none
    if signs.has(Cue.name) and not signs.tags_company:
        return Addressed.direct if signs.has(Cue.address) and _wants(signs) else Addressed.mention
    if (signs.has(Cue.address) and not signs.reading.opens_with_tag) or signs.tags_company:
        return Addressed.direct
    return _addressed_without_a_word(signs)


def _addressed_without_a_word(signs: Signs) -> Addressed:
    if _claims(signs) or (_asks(signs) and signs.topics):
        return Addressed.direct
    known = signs.has(Cue.company, Cue.spam, Cue.praise) or signs.topics
    return Addressed.mention if known else Addressed.none


def intent_of(signs: Signs) -> Intent:
    """What the author wants."""
    if _is_spam(signs):
        return Intent.spam
    if _claims(signs):
        return _intent_of_claim(signs)
    if signs.has(Cue.insult):
        return Intent.complaint
    return _intent_without_claim(signs)


def _intent_of_claim(signs: Signs) -> Intent:
    if signs.has(Cue.negative, Cue.strong, Cue.insult) or signs.cross:
        return Intent.complaint
    if signs.has(Cue.ask):
        return Intent.request
    return Intent.question if _asks(signs) else Intent.complaint


def _intent_without_claim(signs: Signs) -> Intent:
    pleased = signs.has(Cue.praise, Cue.thanks)
    if _asks(signs):
        return Intent.question
    if signs.has(Cue.negative, Cue.churn, Cue.legal) and not pleased:
        return Intent.complaint
    if signs.has(Cue.ask):
        return Intent.request
    return Intent.praise if pleased and not signs.has(Cue.news) else Intent.talk


def tone_of(signs: Signs, intent: Intent) -> Tone:
    """The tone of a text, one of four (R29)."""
    match intent:
        case Intent.spam:
            return Tone.indifferent
        case Intent.praise:
            return Tone.positive
        case Intent.complaint:
            return Tone.negative
        case Intent.question | Intent.request:
            upset = signs.has(Cue.negative, Cue.strong, Cue.insult) or signs.cross
            return Tone.negative if upset else Tone.interested
        case _:
            return _tone_of_talk(signs)


def _tone_of_talk(signs: Signs) -> Tone:
    if signs.has(Cue.negative, Cue.insult, Cue.strong) or signs.cross:
        return Tone.negative
    if signs.has(Cue.praise, Cue.thanks, Cue.warmth) or signs.glad:
        return Tone.positive
    return Tone.indifferent


def strength_of(signs: Signs, tone: Tone) -> int:
    """How strongly the tone shows: 0 mild, 1 clear, 2 strong."""
    if tone is Tone.indifferent:
        return 0
    points = 2 * signs.has(Cue.strong) + (signs.marks >= 2) + (signs.shouts >= 2)
    if tone is Tone.negative:
        points += 2 * signs.has(Cue.insult, Cue.safety, Cue.stranded)
        points += signs.has(Cue.negative) + signs.has(*HARM, Cue.repeat_contact) + signs.cross
    else:
        points += signs.count(Cue.praise) + signs.glad + signs.has(*HARM)
    return min(2, (points + 1) // 2)


def emotion_of(signs: Signs, tone: Tone, strength: int) -> Emotion:
    """The feeling that a reply must react to (R30)."""
    if tone is Tone.positive and strength:
        return Emotion.joy
    if signs.has(Cue.fear):
        return Emotion.fear
    if signs.has(Cue.sadness):
        return Emotion.sadness
    return Emotion.anger if tone is Tone.negative and strength else Emotion.none


def topic_of(signs: Signs) -> CaseTopic:
    """What it is about: money that leaves, else the topic with most signs."""
    if signs.has(Cue.money_at_stake):
        return CaseTopic.fraud_security
    if not signs.topics:
        return CaseTopic.other
    return max(TOPICS, key=lambda topic: len(signs.topics.get(topic, ())))


def fair_claim_of(signs: Signs, intent: Intent) -> bool:
    """Is there a concrete, plausible problem that the company could check?"""
    return intent in _WANTING and _claims(signs)


def solvable_of(signs: Signs, intent: Intent, addressed: Addressed) -> Solvable:
    """Can the company solve it? Unknown where nothing is asked (R7)."""
    if intent not in _WANTING or addressed is Addressed.none:
        return Solvable.unknown
    if signs.has(Cue.unresolvable):
        return Solvable.no
    asks = intent is Intent.question or _claims(signs)
    return Solvable.yes if asks else Solvable.unknown


def flags_of(signs: Signs, intent: Intent) -> tuple[Flag, ...]:
    """Reasons to bring in a person."""
    shown = tuple(flag for flag, cue in FLAG_CUES.items() if signs.has(cue))
    return (*shown, Flag.spam) if intent is Intent.spam else shown


def pressures_of(signs: Signs) -> tuple[Pressure, ...]:
    """Circumstances that shorten the time to an answer."""
    return tuple(pressure for pressure, cue in PRESSURE_CUES.items() if signs.has(cue))


_WANTING = (Intent.complaint, Intent.request, Intent.question)


SEVERE = (Cue.blocked, Cue.stranded, Cue.money_at_stake, Cue.safety)
CIRCUMSTANCES = (Cue.me, Cue.denial, Cue.duration, Cue.again, Cue.negative, Cue.repeat_contact)
"""What people tell around a mishap; three of them are a story even where no word names it."""


def _claims(signs: Signs) -> bool:
    if signs.has(Cue.news) and not signs.has(*SEVERE):
        return False
    told = sum(signs.has(cue) for cue in CIRCUMSTANCES)
    here = told >= 1 or not signs.has(Cue.name)
    named = signs.has(*SEVERE) or (signs.has(Cue.problem) and here)
    return named or _is_outage(signs) or told >= 3


def _is_outage(signs: Signs) -> bool:
    return signs.has(Cue.problem) and CaseTopic.outage_availability in signs.topics


def _asks(signs: Signs) -> bool:
    return signs.asks or signs.has(Cue.question) or signs.opens_with(Cue.opener)


def _wants(signs: Signs) -> bool:
    return signs.has(Cue.ask, Cue.insult) or _asks(signs) or _claims(signs)


def _is_spam(signs: Signs) -> bool:
    if not signs.has(Cue.spam) or signs.has(*SEVERE):
        return False
    offers = signs.count(Cue.spam) + min(1, signs.reading.addresses)
    if signs.has(Cue.address, Cue.me, Cue.negative):
        return signs.count(Cue.spam) >= 2 and not signs.has(Cue.problem, Cue.negative)
    return offers + signs.has(Cue.name) >= 2
