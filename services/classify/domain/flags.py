"""What do the cues alone decide? Reasons to bring in a person, and what shortens the time."""

from schemas.vocabulary import Flag, Intent
from services.classify.domain.judge import Pressure
from services.classify.domain.lexicon import Cue
from services.classify.domain.signs import Signs

FLAG_CUES = {
    Flag.churn: Cue.churn,
    Flag.legal: Cue.legal,
    Flag.press: Cue.press,
    Flag.safety: Cue.safety,
    Flag.self_harm: Cue.self_harm,
}
PRESSURE_CUES = {pressure: Cue(pressure.value) for pressure in Pressure}


def flags_of(signs: Signs, intent: Intent) -> tuple[Flag, ...]:
    """Reasons to bring in a person."""
    shown = tuple(flag for flag, cue in FLAG_CUES.items() if cue in signs.found)
    return (*shown, Flag.spam) if intent is Intent.spam else shown


def pressures_of(signs: Signs) -> tuple[Pressure, ...]:
    """Circumstances that shorten the time to an answer."""
    return tuple(pressure for pressure, cue in PRESSURE_CUES.items() if cue in signs.found)
