"""Which steps does a play ask for, and which were taken? Public word, private talk, public end."""

import msgspec

from schemas.states import MomentKind
from schemas.tickets import Moment, Play, PlayStep
from schemas.vocabulary import Disposition

_STEPS = {
    "ack": (
        MomentKind.acknowledged,
        MomentKind.answered_publicly,
        MomentKind.answered_privately,
    ),
    "private": (MomentKind.answered_privately,),
    "closing": (MomentKind.closing_noted,),
}


def play_of(disposition: Disposition, moments: tuple[Moment, ...]) -> Play | None:
    """The steps that a disposition asks for (R16, R89), done where they have happened."""
    if disposition is not Disposition.public_ack_then_private:
        return None
    steps = tuple(PlayStep(name=name) for name in _STEPS)
    return played(Play(name=disposition.value, steps=steps), moments)


def played(play: Play | None, moments: tuple[Moment, ...]) -> Play | None:
    """The same play with the time at which each step was taken first."""
    if play is None:
        return None
    steps = []
    for step in play.steps:
        times = [moment.at for moment in moments if moment.kind in _STEPS.get(step.name, ())]
        steps.append(PlayStep(name=step.name, done_at=min(times, default=None)))
    return msgspec.structs.replace(play, steps=tuple(steps))
