"""A provider over real HTTP that answers as it is told, and keeps a log of what it was sent.

It lives in a thread with a loop of its own, so it goes on while a test waits for processes.
"""

import asyncio
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Self

import msgspec

HEADERS = ("webhook-id", "idempotency-key")
FIELDS = ("dedup_key", "client_msg_id")


class End(Enum):
    """What a connection comes to."""

    answered = "answered"
    silent = "silent"
    """The message is read, and nothing is ever said."""
    cut = "cut"
    """The message is accepted, and the connection is dropped instead of an answer."""
    refused = "refused"
    """The connection is dropped before the message is read."""
    held = "held"
    """The message is accepted, and answered once the provider lets go."""


@dataclass(frozen=True)
class Answer:
    """How one request is treated."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    end: End = End.answered

    @property
    def accepts(self) -> bool:
        """Does the provider have the message then, whatever its sender learns?"""
        if self.end in {End.answered, End.held}:
            return self.status < 300
        return self.end is End.cut

    def text(self) -> bytes:
        """As it goes over the wire."""
        said = {**self.headers, "content-length": str(len(self.body)), "connection": "close"}
        lines = [f"HTTP/1.1 {self.status} said", *(f"{name}: {said[name]}" for name in said)]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


TAKES = Answer()
FAILS = Answer(500)
HANGS = Answer(end=End.silent)
TAKES_AND_DROPS = Answer(end=End.cut)
DROPS = Answer(end=End.refused)
HOLDS = Answer(end=End.held)


def busy(seconds: int) -> Answer:
    """429, come again in so many seconds."""
    return Answer(429, headers={"retry-after": str(seconds)})


@dataclass
class Sent:
    """One request as it came, and how it was treated; ``at`` is on a clock that only goes forward.

    ``heard``: whoever sent it was still there for the answer; ``over``: nobody waits any more.
    """

    path: str
    headers: Mapping[str, str]
    body: bytes
    answer: Answer
    at: float = field(default_factory=time.monotonic)
    heard: bool = False
    over: bool = False

    @property
    def json(self) -> Any:
        """The body, where it is JSON."""
        return msgspec.json.decode(self.body)

    @property
    def keys(self) -> tuple[str, ...]:
        """By what a receiver of this kind knows a message that it has already."""
        found = [self.headers[name] for name in HEADERS if name in self.headers]
        with suppress(msgspec.DecodeError):
            match self.json:
                case {**fields}:
                    found += [str(fields[name]) for name in FIELDS if name in fields]
                case [{"labels": {"group_key": key}}, *_]:
                    found.append(str(key))
        return tuple(found)


class Provider:
    """Listens on a free port of loopback between ``start`` and ``stop``."""

    def __init__(self) -> None:
        self.address = ""
        self._answers: dict[str, list[Answer]] = {}
        self._log: list[Sent] = []
        self._loop = asyncio.new_event_loop()
        self._listening, self._over = threading.Event(), asyncio.Event()
        self._let_go = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="provider")
        self._visits: set[asyncio.Task[None]] = set()

    def tells(self, path: str, *answers: Answer) -> None:
        """Answer requests for that path so, one after another, the last for ever."""
        self._answers[path] = list(answers)

    def let_go(self) -> None:
        """Answer what is held, whoever is still there for it."""
        self._loop.call_soon_threadsafe(self._release)

    def _release(self) -> None:
        self._let_go.set()
        self._let_go = asyncio.Event()

    def log(self) -> list[Sent]:
        """Every request so far, in the order in which they came."""
        return list(self._log)

    def accepted(self) -> list[Sent]:
        """The requests whose message the provider has; a duplicate is there twice."""
        return [sent for sent in self._log if sent.answer.accepts]

    def start(self) -> str:
        """Listen; the address."""
        self._thread.start()
        self._listening.wait()
        return self.address

    def stop(self) -> None:
        """Cut what is open and listen no more."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._listen())

    async def _listen(self) -> None:
        server = await asyncio.start_server(self._visited, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        self.address = f"http://{host}:{port}"
        self._listening.set()
        await self._over.wait()
        server.close()
        for visit in self._visits:
            visit.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)

    def _visited(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = asyncio.create_task(self._serve(reader, writer))
        self._visits.add(visit)
        visit.add_done_callback(self._visits.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._treat(reader, writer)
        finally:
            writer.close()

    async def _treat(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
        path = first.split(" ")[1]
        pairs = (line.partition(": ") for line in lines)
        headers = {name.lower(): value for name, _, value in pairs}
        answer = self._answer(path)
        body = b""
        if answer.end is not End.refused:
            body = await reader.readexactly(int(headers.get("content-length", 0)))
        sent = Sent(path, headers, body, answer)
        self._log.append(sent)
        match answer.end:
            case End.answered | End.held:
                if answer.end is End.held:
                    await self._held(reader)
                sent.heard, sent.over = not reader.at_eof(), True
                writer.write(answer.text())
                await writer.drain()
            case End.silent:
                await reader.read()  # until its sender has given up
            case End.cut | End.refused:
                writer.transport.abort()

    async def _held(self, reader: asyncio.StreamReader) -> None:
        """Return once the provider lets go, or its sender has given up."""
        waits = [asyncio.create_task(self._let_go.wait()), asyncio.create_task(reader.read())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for one in waits:
            one.cancel()
        await asyncio.gather(*waits, return_exceptions=True)

    def _answer(self, path: str) -> Answer:
        answers = self._answers.get(path, [TAKES])
        return answers.pop(0) if len(answers) > 1 else answers[0]
