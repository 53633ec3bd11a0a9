"""Which steps does a play ask for, and which were taken? Public word, private talk, public end."""

import msgspec

from schemas.states import WORDS, MomentKind
from schemas.tickets import Moment, Play, PlayStep, SlaTerms
from schemas.vocabulary import Disposition

_STEPS = {
    "ack": tuple(WORDS - {MomentKind.closing_noted}),
    "private": (MomentKind.answered_privately,),
    "closing": (MomentKind.closing_noted,),
}
_PLAY = Play(
    name=Disposition.public_ack_then_private.value,
    steps=tuple(PlayStep(name=name) for name in _STEPS),
)


_PLAYED = Disposition.public_ack_then_private


def fitted(terms: SlaTerms, disposition: Disposition, *, public: bool) -> SlaTerms:
    """The terms without clocks for steps that the case does not take (R16, R89).

    In a private dialogue nobody waits for a public word, and outside the play no step is timed.
    """
    targets = terms.targets
    if disposition is not _PLAYED or not public:
        targets = msgspec.structs.replace(targets, ack=None, private=None)
    if not public:
        targets = msgspec.structs.replace(targets, closing=None)
    return msgspec.structs.replace(terms, targets=targets)


def play_of(disposition: Disposition, moments: tuple[Moment, ...]) -> Play | None:
    """The steps that a disposition asks for (R16, R89), done where they have happened."""
    if disposition is not _PLAYED:
        return None
    return played(_PLAY, moments) if moments else _PLAY


def played(play: Play | None, moments: tuple[Moment, ...]) -> Play | None:
    """The same play with the time at which each step was taken first."""
    if play is None:
        return None
    steps = []
    for step in play.steps:
        times = [moment.at for moment in moments if moment.kind in _STEPS.get(step.name, ())]
        steps.append(PlayStep(name=step.name, done_at=min(times, default=None)))
    return msgspec.structs.replace(play, steps=tuple(steps))
