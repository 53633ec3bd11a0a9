"""How are a client's connections cut while its broker lives? By a proxy between the two."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

HOST = "127.0.0.1"
AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER without a wait: closing the socket sends RST."""


class Proxy:
    """Carries bytes both ways until it is told to reset."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._clients: set[asyncio.StreamWriter] = set()
        self._carrying: set[asyncio.Task[None]] = set()

    async def accept(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        """Carry one connection to its end."""
        try:
            back, broker = await asyncio.open_connection(HOST, self._target)
        except OSError:
            client.transport.abort()
            return
        self._clients.add(client)
        tasks = [asyncio.create_task(_carry(*pair)) for pair in ((reader, broker), (back, client))]
        self._carrying.update(tasks)
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for writer in (client, broker):
            writer.transport.abort()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._clients.discard(client)
        self._carrying.difference_update(tasks)

    def reset(self) -> int:
        """Cut every connection with a TCP reset; returns how many there were."""
        for client in self._clients:
            client.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            client.transport.abort()
        return len(self._clients)


@asynccontextmanager
async def parting(*, target: str) -> AsyncIterator[int]:
    """A port before a Unix socket; the first connection learns of its end when it asks again."""
    unaware = [True]

    async def accept(reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        back, server = await asyncio.open_unix_connection(target)
        onward = asyncio.create_task(_carry(reader, server))
        await _carry(back, client)
        onward.cancel()
        await asyncio.wait({onward})
        if unaware and unaware.pop():
            await reader.read(1)
        for writer in (client, server):
            writer.transport.abort()

    listening = await asyncio.start_server(accept, HOST, 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()


@asynccontextmanager
async def proxied(*, port: int, target: int) -> AsyncIterator[Proxy]:
    """A proxy on a port, for as long as the block runs."""
    proxy = Proxy(target)
    server = await asyncio.start_server(proxy.accept, HOST, port)
    try:
        yield proxy
    finally:
        server.close()
        proxy.reset()
        await server.wait_closed()
