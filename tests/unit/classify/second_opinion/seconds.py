"""Second opinions of these tests: the same model in memory, behind a real server, in a thread."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from threading import Event
from typing import Any, Protocol, TypeVar

import msgspec
import uvicorn
from fastapi import FastAPI, HTTPException, Request

from schemas.classified import Model
from services.classify.domain.head import AxisHead, Head
from services.classify.domain.opinion import (
    Opinion,
    Outcome,
    Question,
    Said,
    SecondOpinion,
    Unanswered,
)
from services.classify.second_opinion.encoder import Encoder
from services.classify.second_opinion.over_http import OverHttp

MODEL = Model(name="words", version="3")
THANKS = ("спасибо", "благодаря", "thank")
MONEY = ("деньги", "парите", "money")
POISON = "☠"
"""What a text holds on which the model breaks."""

WORDS_HEAD = Head(
    model=MODEL,
    axes={
        "tone": AxisHead(values=("positive", "negative"), bias=(-1, 1), weights=((2, 0), (-2, 0))),
        "topic": AxisHead(
            values=("billing_payment", "other"), bias=(-1, 1), weights=((0, 2), (0, -2))
        ),
    },
)


class ModelError(Exception):
    """Raised with the text in its words, as code of others does."""


def vector_of(text: str) -> tuple[float, float]:
    """Does it thank, does it speak of money?"""
    if POISON in text:
        raise ModelError(text)
    low = text.lower()
    return float(any(one in low for one in THANKS)), float(any(one in low for one in MONEY))


def opinion_on(question: Question) -> Opinion:
    """What the model says of a text; raises ``ModelError``."""
    thanks, money = vector_of(question.text)
    tone, topic = "positive" if thanks else "negative", "billing_payment" if money else "other"
    says = {"tone": Said(value=tone, confidence=0.8), "topic": Said(value=topic, confidence=0.7)}
    return Opinion(id=question.id, model=MODEL, says=says)


class Kind(Protocol):
    """One kind of second opinion, and what a test may do to it."""

    @property
    def second(self) -> SecondOpinion:
        """The thing itself."""
        ...

    def hold(self) -> None:
        """From now on it does not answer."""
        ...

    def release(self) -> None:
        """It answers again, what it held first."""
        ...

    async def die(self) -> None:
        """It is gone."""
        ...

    async def revive(self) -> None:
        """It is back."""
        ...


class Steered:
    """In this process: it goes on and lives as a test says."""

    def __init__(self, goes_on: asyncio.Event | Event) -> None:
        self._alive, self._may_go_on = True, goes_on
        goes_on.set()

    def hold(self) -> None:
        """From now on it does not answer."""
        self._may_go_on.clear()

    def release(self) -> None:
        """It answers again, what it held first."""
        self._may_go_on.set()

    async def die(self) -> None:
        """From now on it fails."""
        self._alive = False

    async def revive(self) -> None:
        """It answers."""
        self._alive = True


class InMemory(Steered):
    """A fake that fails as it is told; it passes the suite of the real ones."""

    def __init__(self) -> None:
        self.second: SecondOpinion = self
        self.asked: list[list[str]] = []
        self.is_asked, self._goes_on = asyncio.Event(), asyncio.Event()
        super().__init__(self._goes_on)

    async def read(self, questions: Sequence[Question]) -> Sequence[Opinion]:
        """An opinion on each."""
        self.asked.append([question.text for question in questions])
        self.is_asked.set()
        await self.released()
        if not self._alive:
            raise Unanswered(Outcome.away)
        return [opinion_on(question) for question in questions]

    async def released(self) -> None:
        """Return when it is to answer."""
        await self._goes_on.wait()

    async def aclose(self) -> None:
        """Nothing is held."""


class OverTheWire:
    """``OverHttp`` with a real server on loopback, which can be stopped and started."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._address = self._socket.getsockname()
        self.url = f"http://127.0.0.1:{self._address[1]}/opinions"
        self.second: SecondOpinion = OverHttp(self.url)
        self._goes_on = asyncio.Event()
        self._goes_on.set()
        self._start()

    def _start(self) -> None:
        config = uvicorn.Config(self._app(), log_config=None, lifespan="off")
        self._server = uvicorn.Server(config)
        self._running = asyncio.create_task(self._server.serve(sockets=[self._socket]))

    def _app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/opinions")
        async def opinions(request: Request) -> Any:
            asked = msgspec.json.decode(await request.body())
            await self._goes_on.wait()
            try:
                found = [opinion_on(msgspec.convert(one, Question)) for one in asked["texts"]]
            except ModelError as error:
                raise HTTPException(500, str(error)) from error
            return {
                "model": {"name": MODEL.name, "version": MODEL.version},
                "opinions": msgspec.to_builtins(found),
            }

        return app

    def hold(self) -> None:
        """From now on it does not answer."""
        self._goes_on.clear()

    def release(self) -> None:
        """It answers again."""
        self._goes_on.set()

    async def die(self) -> None:
        """Its process is gone, and its port with it."""
        self._server.should_exit = True
        await self._running
        self._socket.close()

    async def revive(self) -> None:
        """It listens where it listened before."""
        self._socket = socket.create_server(self._address)
        self._start()


class InAThread(Steered):
    """``Encoder`` over a model of two words."""

    def __init__(self) -> None:
        self.second: SecondOpinion = Encoder(self._embed, WORDS_HEAD)
        self._goes_on = Event()
        super().__init__(self._goes_on)

    def _embed(self, text: str) -> Sequence[float]:
        self._goes_on.wait()
        if not self._alive:
            raise ModelError(text)
        return vector_of(text)


KINDS = (InMemory, OverTheWire, InAThread)


K = TypeVar("K", bound=Kind)


@asynccontextmanager
async def opened(make: type[K]) -> AsyncIterator[K]:
    """A second opinion of that kind, let go of at the end."""
    kind = make()
    try:
        yield kind
    finally:
        kind.release()
        await kind.second.aclose()
        await kind.die()
