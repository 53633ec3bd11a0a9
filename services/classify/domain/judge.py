"""What does a text say? What a judge must tell, whichever judge it is."""

from enum import StrEnum
from typing import Protocol

import msgspec

from schemas.classified import Model
from schemas.vocabulary import (
    Addressed,
    CaseTopic,
    Disposition,
    Emotion,
    Flag,
    Intent,
    Solvable,
    Tone,
)

Span = tuple[int, int]
Spans = tuple[Span, ...]


class Pressure(StrEnum):
    """A circumstance in the text that shortens the time to an answer; a closed set."""

    time_pressure = "time_pressure"
    blocked = "blocked"
    stranded = "stranded"
    money_at_stake = "money_at_stake"


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What one text says on each axis, and how sure the judge is."""

    lang: str
    addressed: Addressed
    intent: Intent
    tone: Tone
    strength: int
    emotion: Emotion
    rude: bool
    fair_claim: bool
    solvable: Solvable
    topic: CaseTopic
    personal_data: bool
    repeat_contact: bool
    flags: tuple[Flag, ...] = ()
    pressures: tuple[Pressure, ...] = ()
    suspected_campaign: bool = False
    wording: float = 0.0
    """How urgent the text sounds without the words that other fields name: a band, 0 to 3."""
    bands: tuple[float, ...] = ()
    """How probable each band of urgency is by the whole text, where the judge knows."""
    proposal: Disposition | None = None
    """What the judge would do, where it says so beyond its axes."""
    confidence: dict[str, float] = {}


class Judge(Protocol):
    """Reads a text; it knows neither the author nor the channel."""

    @property
    def model(self) -> Model:
        """Which judge it is."""
        ...

    def judge(self, text: str, hint: str | None) -> Judgement:
        """The judgement of a text; ``hint`` is the language the platform named."""
        ...


class Explaining(Judge, Protocol):
    """A judge that can say why."""

    def evidence(self, text: str, hint: str | None) -> dict[str, Spans]:
        """Where in the text each axis shows; asked for only where somebody will look."""
        ...
