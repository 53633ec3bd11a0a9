# Three inputs that break the easy version:
# 1. a second that answers after the budget, and is asked about the next batch meanwhile;
# 2. a text on which it breaks, among others on which it does not;
# 3. one that is gone in the middle and comes back.
"""What does every second opinion keep to, be it a fake, behind a server or in a thread?"""

import asyncio
from collections.abc import AsyncIterator
from itertools import permutations

import pytest

from services.classify.domain.opinion import Outcome, question_of, understood
from services.classify.second_opinion.consulting import MISSES, PAUSE_SECONDS
from tests.builders import a_post
from tests.unit.classify.batches import batch, handler
from tests.unit.classify.second_opinion.rounds import (
    PATIENCE,
    SHORT,
    TEXTS,
    Consultation,
    judged,
)
from tests.unit.classify.second_opinion.seconds import KINDS, MODEL, POISON, Kind, opened


@pytest.fixture(params=KINDS)
async def kind(request: pytest.FixtureRequest) -> AsyncIterator[Kind]:
    """One of each."""
    async with opened(request.param) as found:
        yield found


async def test_every_text_is_read_in_three_languages(kind: Kind) -> None:
    questions = [question_of(text) for text in TEXTS]

    opinions = {one.id: one for one in await kind.second.read(questions)}

    found = [understood(opinions[question.id]) for question in questions]
    assert [one.values["tone"].value for one in found] == ["positive"] * 3 + ["negative"] * 6
    assert [one.values["topic"].value for one in found[2:6]] == ["other", *["billing_payment"] * 3]
    assert {one.model for one in found} == {MODEL}
    assert {one.ignored for one in found} == {0}


async def test_what_it_says_is_heard_under_both_names(kind: Kind) -> None:
    consult = Consultation(kind.second)

    found = await consult(*TEXTS)

    assert [one.judgement.tone.value for one in found] == ["positive"] * 3 + ["negative"] * 6
    assert {(one.model.name, one.model.version) for one in found} == {("linear+words", "1+3")}
    assert consult.counted() == {Outcome.answered: len(TEXTS)}


async def test_order_and_split_change_no_byte(kind: Kind) -> None:
    posts = [a_post(f"p{n}", text=text) for n, text in enumerate(TEXTS)]
    whole = handler(consult=Consultation(kind.second).consulting)
    expected = {out.event_id: out.value for out in await whole.handle([batch(*posts)], None)}
    assert all(b"linear+words" in value for value in expected.values())

    for at_once, order in zip((1, 2, 3, 5, 9), permutations(posts), strict=False):
        again = handler(consult=Consultation(kind.second, at_once=at_once).consulting)
        got = await again.handle([batch(*order[:at_once]), batch(*reversed(order[at_once:]))], None)
        assert {out.event_id: out.value for out in got} == expected


async def test_what_is_late_is_not_waited_for_and_belongs_to_no_later_batch(kind: Kind) -> None:
    consult = Consultation(kind.second, seconds=SHORT)
    kind.hold()

    async with asyncio.timeout(PATIENCE):
        late = await consult(*TEXTS[:3])
    meanwhile = consult.counted()
    kind.release()
    patient = Consultation(kind.second)
    next_batch = await patient(*TEXTS[3:])

    assert late == judged(*TEXTS[:3])
    assert meanwhile == {Outcome.late: 3}
    assert [one.judgement.tone.value for one in next_batch] == ["negative"] * 6
    assert patient.counted() == {Outcome.answered: 6}


@pytest.mark.parametrize("at_once", [1, 9])
async def test_a_poisoned_text_denies_no_other(kind: Kind, at_once: int) -> None:
    consult = Consultation(kind.second, at_once=at_once)
    poisoned = f"Спасибо {POISON}"

    found = await consult(*TEXTS[:4], poisoned, *TEXTS[4:])

    assert consult.counted() == {Outcome.answered: len(TEXTS), Outcome.failed: 1}
    assert found[4] == judged(poisoned)[0]
    assert [one.model.name for one in found].count("linear+words") == len(TEXTS)


async def test_one_that_is_gone_is_left_alone_and_heard_when_it_is_back(kind: Kind) -> None:
    consult = Consultation(kind.second)
    await consult(*TEXTS)
    await kind.die()

    for _ in range(MISSES):
        assert await consult(*TEXTS) == judged(*TEXTS)
    before = consult.counted()
    await kind.revive()
    left_alone = await consult(*TEXTS)
    consult.now += PAUSE_SECONDS
    back = await consult(*TEXTS)

    assert sum(before.values()) == len(TEXTS) * (1 + MISSES)
    assert left_alone == judged(*TEXTS)
    assert consult.counted()[Outcome.paused] == len(TEXTS)
    assert {one.model.name for one in back} == {"linear+words"}
