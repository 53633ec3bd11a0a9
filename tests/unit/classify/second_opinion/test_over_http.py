# Three inputs that break the easy version:
# 1. a good answer that goes on and on: it must not be read into memory;
# 2. an answer with one opinion that is none among good ones;
# 3. an error whose words quote the text that was sent.
"""What is sent to a model behind a URL, and which answers are no answers?"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse

from services.classify.domain.opinion import Outcome, Unanswered, question_of
from services.classify.second_opinion.over_http import BYTES, OverHttp

QUESTIONS = [question_of("Иван Петров: верните деньги"), question_of("Къде са парите ми?")]
MODEL = {"name": "m", "version": "1"}
GOOD = {"id": QUESTIONS[1].id, "says": {"tone": {"value": "negative", "confidence": 0.5}}}

Reply = Callable[[Request], Response]


@asynccontextmanager
async def asking(answer: Reply) -> AsyncIterator[tuple[OverHttp, list[Any]]]:
    """A second opinion whose server replies so, and what the server was sent."""
    app, asked = FastAPI(), list[Any]()

    @app.post("/opinions")
    async def opinions(request: Request) -> Response:
        asked.append((await request.json(), dict(request.headers)))
        return answer(request)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        running = asyncio.create_task(server.serve(sockets=[listening]))
        second = OverHttp(f"http://127.0.0.1:{listening.getsockname()[1]}/opinions")
        yield second, asked
        await second.aclose()
        server.should_exit = True
        await running


def answered(*opinions: object) -> Reply:
    """A good answer with these opinions."""
    return lambda _: JSONResponse({"model": MODEL, "opinions": opinions})


async def too_long() -> AsyncIterator[bytes]:
    """A good answer, and then blanks, which are good JSON too."""
    yield msgspec.json.encode({"model": MODEL, "opinions": [GOOD]})
    for _ in range(2 * BYTES // 65_536):
        yield b" " * 65_536


async def test_it_is_sent_ids_and_texts_and_nothing_else() -> None:
    async with asking(answered()) as (second, asked):
        await second.read(QUESTIONS)

    [(body, headers)] = asked
    assert body == {"texts": [{"id": one.id, "text": one.text} for one in QUESTIONS]}
    assert headers.keys() == {
        "host", "accept", "accept-encoding", "connection", "content-length", "content-type",
        "user-agent",
    }  # fmt: skip


async def test_an_opinion_that_is_none_takes_no_good_one_with_it() -> None:
    bad = [{"id": QUESTIONS[0].id}, {**GOOD, "says": {"tone": "negative"}}, {**GOOD, "id": 7}]

    async with asking(answered(*bad, GOOD)) as (second, _):
        [found] = await second.read(QUESTIONS)

    assert (found.id, found.says["tone"].value) == (QUESTIONS[1].id, "negative")
    assert (found.model.name, found.model.version) == ("m", "1")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (lambda _: StreamingResponse(too_long()), Outcome.invalid),
        (lambda _: Response(b"[" * BYTES), Outcome.invalid),
        (lambda _: Response(b'{"opinions": ['), Outcome.invalid),
        (lambda _: Response(b""), Outcome.invalid),
        (lambda _: JSONResponse({"opinions": [GOOD]}), Outcome.invalid),
        (lambda _: JSONResponse({"model": MODEL, "opinions": "none"}), Outcome.invalid),
        (lambda _: JSONResponse({"model": MODEL, "opinions": []}, 503), Outcome.failed),
        (lambda request: RedirectResponse(request.url), Outcome.failed),
    ],
    ids=["long", "nested", "cut", "empty", "nameless", "shapeless", "refusing", "elsewhere"],
)
async def test_what_is_no_answer_says_why(answer: Reply, outcome: Outcome) -> None:
    async with asking(answer) as (second, asked):
        with pytest.raises(Unanswered) as raised:
            await second.read(QUESTIONS)

    assert raised.value.outcome is outcome
    assert len(asked) == 1


async def test_no_word_of_a_text_is_in_an_error() -> None:
    second = OverHttp("http://127.0.0.1:1/Иван")  # nobody listens there

    with pytest.raises(Unanswered) as raised:
        await second.read(QUESTIONS)

    error: BaseException = raised.value
    assert str(error) == "away"
    assert (error.__cause__, error.__suppress_context__) == (None, True)
    await second.aclose()
