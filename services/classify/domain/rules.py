"""What do the signs add up to? The axes of a text, each by its own rule; first match wins."""

from schemas.vocabulary import Addressed, CaseTopic, Emotion, Flag, Intent, Solvable, Tone
from services.classify.domain.judge import Pressure
from services.classify.domain.lexicon import Cue
from services.classify.domain.signs import Signs

FLAG_CUES = {
    Flag.churn: Cue.churn,
    Flag.legal: Cue.legal,
    Flag.press: Cue.press,
    Flag.safety: Cue.safety,
    Flag.self_harm: Cue.self_harm,
    Flag.spam: Cue.spam,
}
PRESSURE_CUES = {pressure: Cue(pressure.value) for pressure in Pressure}
HARM = (Cue.problem, Cue.blocked, Cue.stranded, Cue.money_at_stake, Cue.safety)
"""Cues of a concrete thing that went wrong."""


def addressed_in(signs: Signs) -> Addressed:
    """Does the text itself speak to a company, about one, or to somebody else?"""
    if signs.reading.is_retweet:
        return Addressed.mention
    if signs.reading.opens_with_tag and (signs.lang == "en" or signs.tags_company):
        return Addressed.direct
    if signs.has(Cue.person) and not signs.has(Cue.address):
        return Addressed.mention if signs.has(Cue.company) else Addressed.none
    if signs.has(Cue.address) or _claims(signs):
        return Addressed.direct
    if signs.has(Cue.company, Cue.spam) or signs.tags_company or signs.topics:
        return Addressed.mention
    return Addressed.mention if signs.has(Cue.praise) else Addressed.none


def intent_of(signs: Signs, addressed: Addressed) -> Intent:
    """What the author wants."""
    if _is_spam(signs):
        return Intent.spam
    if _claims(signs):
        return _intent_of_claim(signs)
    if signs.has(Cue.insult):
        return Intent.complaint
    return _intent_without_claim(signs, addressed)


def _intent_of_claim(signs: Signs) -> Intent:
    if signs.has(Cue.negative, Cue.strong, Cue.insult) or signs.cross:
        return Intent.complaint
    if signs.has(Cue.ask):
        return Intent.request
    if signs.has(Cue.question) and signs.asks_last:
        return Intent.question
    return Intent.complaint


def _intent_without_claim(signs: Signs, addressed: Addressed) -> Intent:
    pleased = signs.has(Cue.praise, Cue.thanks)
    if signs.has(Cue.negative, Cue.churn) and not pleased:
        return Intent.complaint if addressed is Addressed.direct else Intent.talk
    if signs.asks_last or signs.has(Cue.question):
        return Intent.question
    if signs.has(Cue.ask) and addressed is Addressed.direct:
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
    """What it is about: the topic with most signs, the graver one where two are level."""
    if not signs.topics:
        return CaseTopic.other
    order = list(signs.topics)
    return max(order, key=lambda topic: (len(signs.topics[topic]), -order.index(topic)))


def fair_claim_of(signs: Signs, intent: Intent) -> bool:
    """Is there a concrete, plausible problem that the company could check?"""
    return intent in _WANTING and signs.has(*HARM)


def solvable_of(signs: Signs, intent: Intent, addressed: Addressed) -> Solvable:
    """Can the company solve it? Unknown where nothing is asked (R7)."""
    if intent not in _WANTING or addressed is Addressed.none:
        return Solvable.unknown
    if signs.has(Cue.unresolvable):
        return Solvable.no
    asks = intent is Intent.question or signs.has(*HARM)
    return Solvable.yes if asks else Solvable.unknown


def flags_of(signs: Signs) -> tuple[Flag, ...]:
    """Reasons to bring in a person."""
    return tuple(flag for flag, cue in FLAG_CUES.items() if signs.has(cue))


def pressures_of(signs: Signs) -> tuple[Pressure, ...]:
    """Circumstances that shorten the time to an answer."""
    return tuple(pressure for pressure, cue in PRESSURE_CUES.items() if signs.has(cue))


_WANTING = (Intent.complaint, Intent.request, Intent.question)


def _claims(signs: Signs) -> bool:
    return signs.has(*HARM, Cue.repeat_contact) and not signs.has(Cue.news)


def _is_spam(signs: Signs) -> bool:
    sells = signs.count(Cue.spam) + min(1, signs.reading.addresses)
    return signs.has(Cue.spam) and sells >= 2 and not signs.has(Cue.negative, Cue.address)
