"""What does another model say of a text, and where does it differ? Nothing it says can raise."""

import re
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from hashlib import blake2b
from typing import Annotated, Any, Protocol

import msgspec

from schemas.classified import Model
from schemas.vocabulary import Addressed, CaseTopic, Emotion, Intent, Solvable, Tone
from services.classify.domain.judge import Judgement

AXES: Mapping[str, Any] = {
    "addressed": Addressed,
    "intent": Intent,
    "tone": Tone,
    "strength": Annotated[int, msgspec.Meta(ge=0, le=2)],
    "emotion": Emotion,
    "rude": bool,
    "fair_claim": bool,
    "solvable": Solvable,
    "topic": CaseTopic,
    "repeat_contact": bool,
}
"""What may be said, and of which kind. Flags, pressures, personal data and the language are not
among it: no other model takes away a reason to bring in a person."""

LONGEST = 2_000
"""So many characters of a text are asked about."""

_MODEL = re.compile(r"[\w.+-]{1,64}", re.ASCII)


class Outcome(StrEnum):
    """What became of asking about one text; a closed set, a label of a metric."""

    answered = "answered"
    in_part = "in_part"
    late = "late"
    away = "away"
    failed = "failed"
    invalid = "invalid"
    missing = "missing"
    paused = "paused"
    busy = "busy"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A text to be read; its id is derived from it, so that an answer can name what it is about."""

    id: str
    text: str


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A value on one axis, in the words of ``schemas.vocabulary``, and how sure, 0 to 1."""

    value: Any
    confidence: float


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """What a model says of the text with this id, by axis."""

    id: str
    model: Model
    says: dict[str, Said]


class Understood(msgspec.Struct, frozen=True, kw_only=True):
    """What of an opinion is in our words; ``ignored`` counts what is not."""

    model: Model
    values: dict[str, Any]
    confidence: dict[str, float]
    ignored: int


class SecondOpinion(Protocol):
    """Another model, here or elsewhere, that reads texts."""

    async def read(self, questions: Sequence[Question]) -> Sequence[Opinion]:
        """Opinions in any order, each with its question's id; whom it cannot read it leaves out.

        It may raise, and is cancelled when nobody waits for it any more. It must not hold up the
        event loop.
        """
        ...

    async def aclose(self) -> None:
        """Let go of what it holds."""
        ...


class Unanswered(Exception):  # noqa: N818 - says what was found
    """There is no answer; the outcome says why, and no word of the other side's does."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A judgement that stands, in the seat of a judge."""

    text: str
    judgement: Judgement
    model: Model

    def judge(self, text: str, hint: str | None) -> Judgement:
        """What was judged already."""
        return self.judgement


def question_of(text: str) -> Question:
    """The question about a text; the same text is the same question."""
    asked = text[:LONGEST]
    digest = blake2b(asked.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return Question(id=digest, text=asked)


def opinion_from(answer: object) -> Opinion | None:
    """An opinion in whatever shape it came, or None where it is none."""
    try:
        opinion = msgspec.convert(msgspec.to_builtins(answer), Opinion)
    except (msgspec.ValidationError, TypeError, ValueError, RecursionError):
        return None
    named = (opinion.model.name, opinion.model.version)
    return opinion if all(map(_MODEL.fullmatch, named)) else None


def understood(opinion: Opinion) -> Understood:
    """What of it counts: an axis of ours, a value of its vocabulary, a confidence of 0 to 1."""
    said = {axis: (_value(axis, one.value), one.confidence) for axis, one in opinion.says.items()}
    kept = {
        axis: said[axis]
        for axis in AXES
        if axis in said and said[axis][0] is not None and 0.0 <= said[axis][1] <= 1.0
    }
    return Understood(
        model=opinion.model,
        values={axis: value for axis, (value, _) in kept.items()},
        confidence={axis: sure for axis, (_, sure) in kept.items()},
        ignored=len(said) - len(kept),
    )


def differences(judgement: Judgement, opinion: Understood) -> frozenset[str]:
    """The axes on which the two differ."""
    values = opinion.values.items()
    return frozenset(axis for axis, value in values if getattr(judgement, axis) != value)


def merge(judgement: Judgement, opinion: Understood, axes: Collection[str]) -> Judgement:
    """The judgement with axes taken from the opinion; what rested on other values falls away."""
    taken = {axis: value for axis, value in opinion.values.items() if axis in axes}
    overruled = differences(judgement, opinion) & taken.keys()
    sure = {axis: opinion.confidence[axis] for axis in taken}
    return msgspec.structs.replace(
        judgement,
        confidence={**judgement.confidence, **sure},
        proposal=None if overruled else judgement.proposal,
        **taken,
    )


def informed(judged: Judged, opinion: Understood, axes: Collection[str]) -> Judged:
    """What the two say together, under both their names; alone where nothing was taken."""
    if opinion.values.keys().isdisjoint(axes):
        return judged
    ours, theirs = judged.model, opinion.model
    return Judged(
        text=judged.text,
        judgement=merge(judged.judgement, opinion, axes),
        model=msgspec.structs.replace(
            ours,
            name=f"{ours.name}+{theirs.name}",
            version=f"{ours.version}+{theirs.version}",
        ),
    )


def _value(axis: str, value: object) -> object | None:
    """The value in our words, or None; ``unknown`` says something only of what is solvable."""
    try:
        found: object = msgspec.convert(value, AXES[axis])
    except (KeyError, msgspec.ValidationError):
        return None
    meant = found != "unknown" or (axis == "solvable" and value == "unknown")
    return found if meant else None
