"""How does a process live? Parts run together; SIGTERM ends them all in bounded time."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import uvicorn

from stream.failures import is_dependency
from stream.hurry import hurry, pause

LOG = logging.getLogger(__name__)

TURN_SECONDS = 2.5
"""How long a turn may still take once the process is to stop."""

BACK_OFF_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)

T = TypeVar("T")

Part = Callable[[asyncio.Event], Awaitable[None]]
"""One part of a process: runs until the event is set, then finishes what it has in hand."""


async def insisting(work: Callable[[], Awaitable[T]]) -> T:
    """What a start needs; a dependency that fails is asked again for nine seconds, then it ends."""
    for seconds in BACK_OFF_SECONDS:
        try:
            return await work()
        except Exception as error:
            if not is_dependency(error):
                raise
            LOG.warning("dependency failed", extra={"error": type(error).__name__})
        await asyncio.sleep(seconds)
    return await work()


async def run(*parts: Part) -> None:
    """Run the parts until SIGTERM or SIGINT; the first that fails ends the others and is raised."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with asyncio.TaskGroup() as group:
        for part in parts:
            group.create_task(_until_done(part, stop))


async def _until_done(part: Part, stop: asyncio.Event) -> None:
    try:
        await part(stop)
    finally:
        stop.set()


def repeated(turn: Callable[[], Awaitable[int]], seconds: float) -> Part:
    """A part that takes turns while there is work, and waits so many real seconds without any.

    A dependency's failure is logged and the turn is taken again (design 3.3); one that does not
    answer holds up no stop.
    """

    async def repeat(stop: asyncio.Event) -> None:
        async with hurry(stop, TURN_SECONDS):
            while not stop.is_set():
                if not await _worked(turn):
                    await pause(stop, seconds)

    return repeat


async def _worked(turn: Callable[[], Awaitable[int]]) -> int:
    try:
        return await turn()
    except Exception as error:
        if not is_dependency(error):
            raise
        LOG.warning("dependency failed", extra={"error": type(error).__name__})
        return 0


Listening = Callable[[str, int], None]
"""Hears at which host and port a listener listens, once it does."""


def http(
    app: Any, *, host: str, port: int, name: str = "http", on_listening: Listening | None = None
) -> Part:
    """A part that serves an ASGI app; port 0 takes a free one, the log says which."""

    async def serve(stop: asyncio.Event) -> None:
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
        )
        server = _Server(config, name, on_listening)
        running = asyncio.create_task(server.serve())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        stopping.cancel()
        await running

    return serve


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: ``run`` has them for all parts."""

    def __init__(self, config: uvicorn.Config, name: str, on_listening: Listening | None) -> None:
        super().__init__(config)
        self._name, self._on_listening = name, on_listening

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            about = {"listener": self._name, "address": f"http://{host}:{port}"}
            LOG.info("listening", extra=about)
            if self._on_listening:
                self._on_listening(host, port)
