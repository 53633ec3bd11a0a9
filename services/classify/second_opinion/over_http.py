"""How is a model asked that runs elsewhere? One POST for so many texts, the answer bounded."""

from collections.abc import Sequence
from typing import Any

import httpx
import msgspec

from schemas.classified import Model
from services.classify.domain.opinion import (
    Opinion,
    Outcome,
    Question,
    Unanswered,
    opinion_from,
)

BYTES = 1_048_576
"""The largest answer that is read."""

SECONDS = 10.0
"""When a connection is given up whatever the budget: real seconds without a byte."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What comes back; each of ``opinions`` is ``{id, says: {axis: {value, confidence}}}``."""

    model: Model
    opinions: list[dict[str, Any]]


class OverHttp:
    """A second opinion behind a URL. It is sent ids and texts, no author, no address, no brand."""

    def __init__(self, url: str) -> None:
        self._url = url
        # as it comes: an answer that is packed could grow beyond the bound
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        self._client = httpx.AsyncClient(timeout=SECONDS, headers=headers, trust_env=False)

    async def read(self, questions: Sequence[Question]) -> Sequence[Opinion]:
        """The opinions that can be read; raises ``Unanswered``."""
        body = msgspec.json.encode({"texts": questions})
        try:
            async with self._client.stream("POST", self._url, content=body) as response:
                if response.status_code != 200:
                    raise Unanswered(Outcome.failed)
                return _opinions(await _content(response))
        except httpx.HTTPError:
            # without its cause: httpx quotes what was sent
            raise Unanswered(Outcome.away) from None

    async def aclose(self) -> None:
        """Close its connections."""
        await self._client.aclose()


async def _content(response: httpx.Response) -> bytes:
    content = bytearray()
    async for chunk in response.aiter_raw():
        content += chunk
        if len(content) > BYTES:
            raise Unanswered(Outcome.invalid)
    return bytes(content)


def _opinions(content: bytes) -> list[Opinion]:
    try:
        answer = msgspec.json.decode(content, type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unanswered(Outcome.invalid) from None
    read = (opinion_from({**one, "model": answer.model}) for one in answer.opinions)
    return [opinion for opinion in read if opinion]
