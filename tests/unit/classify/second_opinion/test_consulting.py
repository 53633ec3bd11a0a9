# Three inputs that break the easy version:
# 1. a second that gives the next batch the previous batch's opinions;
# 2. one that gives fewer opinions than it was asked for texts;
# 3. one that does not let itself be cancelled.
"""What becomes of a batch when the other model misbehaves, and what does shadow mode change?"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import pytest

from services.classify.domain.opinion import Opinion, Outcome, Question, Said, question_of
from services.classify.second_opinion.consulting import MISSES, PAUSE_SECONDS
from tests.builders import a_post
from tests.unit.classify.batches import batch, handler
from tests.unit.classify.second_opinion.rounds import (
    LONG,
    PATIENCE,
    SHORT,
    TEXTS,
    Consultation,
    judged,
)
from tests.unit.classify.second_opinion.seconds import MODEL, POISON, InMemory, opinion_on

NOWHERE: frozenset[str] = frozenset()
"""The axes of shadow mode."""


class Answering(InMemory):
    """One that says what a test makes of the right opinions."""

    def __init__(self, *answers: Any) -> None:
        super().__init__()
        self._answers = list(answers)

    async def read(self, questions: Sequence[Question]) -> Sequence[Opinion]:
        await super().read(questions)
        change = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        found: Sequence[Opinion] = change([opinion_on(question) for question in questions])
        return found


class OneBehind(InMemory):
    """One that always gives what it was asked for before."""

    def __init__(self) -> None:
        super().__init__()
        self._ready: list[Opinion] = []

    async def read(self, questions: Sequence[Question]) -> Sequence[Opinion]:
        ready, self._ready = self._ready, [opinion_on(question) for question in questions]
        await super().read(questions)
        return ready


class Stubborn(InMemory):
    """One that goes on when it is cancelled, until it is released."""

    async def released(self) -> None:
        while True:
            try:
                return await super().released()
            except asyncio.CancelledError:
                continue


def saying(**says: Said) -> Answering:
    """One that says this of every text."""
    return Answering(lambda right: [Opinion(id=r.id, model=MODEL, says=says) for r in right])


async def test_an_opinion_on_another_batch_is_no_opinion() -> None:
    second = OneBehind()
    consult = Consultation(second, seconds=SHORT)
    second.hold()
    await consult(*TEXTS[:3])
    second.release()

    found = await consult(*TEXTS[3:6])

    assert found == judged(*TEXTS[3:6])
    assert consult.counted() == {Outcome.late: 3, Outcome.missing: 3}


async def test_fewer_opinions_than_texts_are_those_of_their_own_texts() -> None:
    consult = Consultation(Answering(lambda right: right[1:]))

    found = await consult(*TEXTS[:3])

    assert [one.model.name for one in found] == ["linear", "linear+words", "linear+words"]
    assert found[0] == judged(TEXTS[0])[0]
    assert consult.counted() == {Outcome.missing: 1, Outcome.answered: 2}


async def test_one_that_will_not_be_cancelled_holds_up_one_batch_by_its_budget() -> None:
    second = Stubborn()
    consult = Consultation(second, seconds=SHORT)
    second.hold()

    async with asyncio.timeout(PATIENCE):
        first, then = await consult(*TEXTS[:2]), await consult(*TEXTS[2:4])
    second.release()

    assert [*first, *then] == judged(*TEXTS[:4])
    assert consult.counted() == {Outcome.late: 2, Outcome.busy: 2}
    assert len(second.asked) == 1


async def test_a_handler_that_is_cancelled_leaves_nobody_asking() -> None:
    second = InMemory()
    consult = Consultation(second)
    second.hold()
    handling = asyncio.create_task(consult(*TEXTS))
    await second.is_asked.wait()

    handling.cancel()
    await asyncio.wait({handling})
    second.release()

    assert {one.model.name for one in await consult(*TEXTS)} == {"linear+words"}


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: None,
        lambda _: ["?", 7, None, {"id": 1}],
        lambda right: [object() for _ in right],
        lambda right: [{**vars_of(one), "says": ["tone"]} for one in right],
        lambda right: [{**vars_of(one), "model": {"name": "a b", "version": ""}} for one in right],
    ],
)
async def test_what_is_no_opinion_changes_nothing(answer: Any) -> None:
    consult = Consultation(Answering(answer))

    assert await consult(*TEXTS) == judged(*TEXTS)
    assert set(consult.counted()) <= {Outcome.failed, Outcome.missing}


async def test_a_value_that_we_do_not_know_is_left_out_and_the_rest_is_heard() -> None:
    sure = 0.9
    says = {
        "tone": Said(value="furious", confidence=sure),
        "mood": Said(value="x", confidence=sure),
    }
    consult = Consultation(saying(topic=Said(value="safety", confidence=sure), **says))

    (found,) = await consult(TEXTS[0])

    assert found.judgement.topic == "safety"
    assert found.judgement.tone is judged(TEXTS[0])[0].judgement.tone
    assert consult.counted() == {Outcome.in_part: 1}


async def test_the_same_text_is_asked_about_once() -> None:
    second = InMemory()
    consult = Consultation(second)

    await consult(TEXTS[0], TEXTS[1], TEXTS[0])

    assert second.asked == [[TEXTS[0], TEXTS[1]]]
    assert consult.counted() == {Outcome.answered: 3}


async def test_one_that_is_gone_is_asked_once_a_batch_and_then_once_a_pause() -> None:
    second = InMemory()
    consult = Consultation(second, at_once=1)
    await second.die()

    for _ in range(MISSES + 5):
        await consult(*TEXTS)
    asked = len(second.asked)
    consult.now += PAUSE_SECONDS
    for _ in range(5):
        await consult(*TEXTS)

    assert (asked, len(second.asked)) == (MISSES, MISSES + 1)


async def test_shadow_mode_changes_no_byte_and_counts_where_they_differ() -> None:
    posts = [a_post(f"p{n}", text=text) for n, text in enumerate(TEXTS)]
    alone = await handler().handle([batch(*posts)], None)
    shadow = Consultation(saying(tone=Said(value="positive", confidence=1.0)), axes=NOWHERE)

    beside = await handler(consult=shadow.consulting).handle([batch(*posts)], None)
    await shadow.consulting.aclose()

    unlike = sum(one.judgement.tone != "positive" for one in judged(*TEXTS))
    assert beside == alone
    assert shadow.counted() == {Outcome.answered: len(TEXTS)}
    assert shadow.counted("disagreement") == {"tone": unlike}
    assert 0 < unlike < len(TEXTS)


async def test_shadow_mode_waits_for_nobody_and_asks_about_one_batch_at_a_time() -> None:
    second = InMemory()
    shadow = Consultation(second, axes=NOWHERE, seconds=LONG)
    second.hold()

    async with asyncio.timeout(PATIENCE):
        for _ in range(100):
            assert await shadow(*TEXTS[:2]) == judged(*TEXTS[:2])
    second.release()
    await shadow.consulting.aclose()

    assert shadow.counted() == {Outcome.answered: 2, Outcome.busy: 198}
    assert len(second.asked) == 1


async def test_a_shadow_that_does_not_answer_ends_with_its_budget() -> None:
    second = InMemory()
    shadow = Consultation(second, axes=NOWHERE, seconds=SHORT)
    second.hold()

    await shadow(*TEXTS[:2])
    await shadow.consulting.aclose()

    assert shadow.counted() == {Outcome.late: 2}


async def test_nothing_is_logged_of_a_text(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    consult = Consultation(InMemory())

    for _ in range(MISSES):
        await consult(f"Иван Петров {POISON}")

    (line,) = [record for record in caplog.records if record.name.startswith("services")]
    assert (line.levelname, vars(line)["reason"]) == ("WARNING", "failed")
    assert "Иван" not in caplog.text
    assert POISON not in caplog.text


def vars_of(opinion: Opinion) -> dict[str, Any]:
    """An opinion as plain values."""
    return {"id": opinion.id, "model": {"name": "m", "version": "1"}, "says": {}}


def test_a_question_s_id_is_its_text_s_own() -> None:
    assert question_of(TEXTS[0]) == question_of(TEXTS[0])
    assert question_of(TEXTS[0]).id != question_of(TEXTS[1]).id
