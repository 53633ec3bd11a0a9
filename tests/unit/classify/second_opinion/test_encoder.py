# The input that breaks the easy version: a batch that nobody waits for any more, in a thread that
# nobody can cancel: it would read on, and hold up the next batch for seconds.
"""How does an encoder in this process share its one thread?"""

import asyncio
from collections.abc import Sequence
from threading import Event

from services.classify.domain.opinion import question_of
from services.classify.second_opinion.encoder import Encoder
from tests.unit.classify.second_opinion.rounds import TEXTS
from tests.unit.classify.second_opinion.seconds import WORDS_HEAD, vector_of


async def test_a_batch_that_nobody_waits_for_is_given_up_between_two_texts() -> None:
    loop, started, goes_on = asyncio.get_running_loop(), asyncio.Event(), Event()
    embedded: list[str] = []

    def embed(text: str) -> Sequence[float]:
        embedded.append(text)
        loop.call_soon_threadsafe(started.set)
        goes_on.wait()
        return vector_of(text)

    encoder = Encoder(embed, WORDS_HEAD)
    questions = [question_of(text) for text in TEXTS]
    reading = asyncio.create_task(encoder.read(questions[:4]))
    await started.wait()

    reading.cancel()
    await asyncio.wait({reading})
    goes_on.set()
    [opinion] = await encoder.read([questions[8]])
    await encoder.aclose()

    assert embedded == [TEXTS[0], TEXTS[8]]
    assert opinion.id == questions[8].id
