"""What does the other model change? Asked within a budget, and never waited for beyond it."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import msgspec

from services.classify.domain.opinion import (
    Judged,
    Outcome,
    Question,
    SecondOpinion,
    Unanswered,
    Understood,
    differences,
    informed,
    opinion_from,
    question_of,
    understood,
)

LOG = logging.getLogger(__name__)

MISSES = 3
"""After how many asks in a row without any answer a round ends, and after how many such rounds in
a row the model is left alone for a while."""

PAUSE_SECONDS = 30.0
"""How long; then one round is the probe."""

FAREWELL_SECONDS = 0.01
"""How long one that is cancelled may take to end; a connection is closed in a few turns."""

_READ = frozenset({Outcome.answered, Outcome.in_part})
_ONE_BY_ONE = frozenset({Outcome.failed, Outcome.invalid})
"""What a single text may be the reason of."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How it is asked; ``axes`` are those on which it is heard, none in shadow mode."""

    axes: frozenset[str]
    seconds: float
    at_once: int


class Counting(Protocol):
    """Counts what became of asking."""

    def asked(self, outcome: Outcome) -> None:
        """One text."""
        ...

    def disagreed(self, axis: str) -> None:
        """One text on which the two differ."""
        ...

    def took(self, seconds: float) -> None:
        """One round."""
        ...


class Round:
    """One batch's questions and what has come of them so far."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = tuple({one.id: one for one in questions}.values())
        self.opinions: dict[str, Understood] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.over = False

    def close(self, questions: Sequence[Question], outcome: Outcome) -> None:
        """Those that are still open end so."""
        for question in questions:
            if question.id not in self.opinions:
                self.outcomes[question.id] = outcome

    def take(self, questions: Sequence[Question], answers: Sequence[object]) -> None:
        """Opinions on just these questions; one on another text is of another batch."""
        wanted = {question.id for question in questions}
        for opinion in filter(None, map(opinion_from, answers)):
            if opinion.id in wanted and not self.over:
                found = self.opinions[opinion.id] = understood(opinion)
                self.outcomes[opinion.id] = Outcome.in_part if found.ignored else Outcome.answered
        self.close(questions, Outcome.missing)


class Consulting:
    """Asks about a batch, one round at a time; whatever happens, the built-in's judgement stands.

    Real time is right here: a budget is how long a person's post may be held up. In shadow mode
    the round goes on beside the batch, and a batch that comes meanwhile is not asked about.
    """

    def __init__(
        self,
        second: SecondOpinion,
        terms: Terms,
        metrics: Counting,
        monotonic: Callable[[], float],
    ) -> None:
        self._second, self._terms = second, terms
        self._metrics, self._monotonic = metrics, monotonic
        self._misses, self._again_at = 0, 0.0
        self._asking: asyncio.Task[None] | None = None
        self._beside: asyncio.Task[Sequence[Judged]] | None = None

    async def __call__(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """The same posts in the same order, each with what it was heard on."""
        if not judged:
            return judged
        away = self._turned_away()
        if away:
            for _ in judged:
                self._metrics.asked(away)
            return judged
        if self._terms.axes:
            return await self._heard(judged)
        self._beside = asyncio.create_task(self._heard(judged))
        return judged

    async def aclose(self) -> None:
        """Let a round end that goes on beside, which its budget bounds."""
        if self._beside:
            await asyncio.wait({self._beside})
        await self._second.aclose()

    def _turned_away(self) -> Outcome | None:
        if any(task and not task.done() for task in (self._asking, self._beside)):
            return Outcome.busy
        if self._misses >= MISSES and self._monotonic() < self._again_at:
            return Outcome.paused
        return None

    async def _heard(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """Not ``asyncio.timeout``: that waits for one who will not be cancelled."""
        started, asked = self._monotonic(), [question_of(one.text) for one in judged]
        turn = Round(asked)
        self._asking = asyncio.create_task(self._ask(turn))
        try:
            await asyncio.wait({self._asking}, timeout=self._terms.seconds)
        finally:
            turn.over = True
            self._asking.cancel()
        await asyncio.wait({self._asking}, timeout=FAREWELL_SECONDS)
        self._metrics.took(self._monotonic() - started)
        self._remember(turn)
        return [
            self._concluded(one, turn, question.id)
            for one, question in zip(judged, asked, strict=True)
        ]

    async def _ask(self, turn: Round) -> None:
        """So many at once, until it is gone or has nothing to say."""
        silent = 0
        for some in _chunks(turn.questions, self._terms.at_once):
            outcome = await self._read(turn, some)
            if outcome in _ONE_BY_ONE and len(some) > 1:
                for one in some:
                    outcome = await self._read(turn, [one])
            silent = 0 if any(one.id in turn.opinions for one in some) else silent + 1
            if turn.over:
                return
            if silent and (outcome is Outcome.away or silent == MISSES):
                turn.close(turn.questions, outcome)
                return

    async def _read(self, turn: Round, questions: Sequence[Question]) -> Outcome:
        """What became of those that are not answered."""
        if turn.over:
            return Outcome.late
        try:
            turn.take(questions, await self._second.read(questions))
        except Unanswered as found:
            outcome = found.outcome
        except Exception:  # noqa: BLE001 - not our code, and its words may quote the text
            outcome = Outcome.failed
        else:
            return Outcome.missing
        turn.close(questions, outcome)
        return outcome

    def _remember(self, turn: Round) -> None:
        if turn.opinions:
            self._misses = 0
            return
        self._misses += 1
        self._again_at = self._monotonic() + PAUSE_SECONDS
        if self._misses == MISSES:
            why = next(iter(turn.outcomes.values()), Outcome.late)
            LOG.warning("second opinion left alone", extra={"reason": why.value})

    def _concluded(self, judged: Judged, turn: Round, asked: str) -> Judged:
        outcome = turn.outcomes.get(asked, Outcome.late)
        self._metrics.asked(outcome)
        if outcome not in _READ:
            return judged
        opinion = turn.opinions[asked]
        for axis in differences(judged.judgement, opinion):
            self._metrics.disagreed(axis)
        return informed(judged, opinion, self._terms.axes)


def _chunks(questions: Sequence[Question], size: int) -> Iterator[Sequence[Question]]:
    for start in range(0, len(questions), size):
        yield questions[start : start + size]
