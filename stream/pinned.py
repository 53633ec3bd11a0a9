"""How is a name reached that others may rebind? Resolved once, checked, and used as checked."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from stream.reach import Destination, Reach, pinned, port_of

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host, asked once a connection."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


class Shared:
    """A resolver that asks for a host once at a time: a name that hangs takes one thread only."""

    def __init__(self, ask: Resolve = resolve) -> None:
        self._ask = ask
        self._asking: dict[tuple[str, int], asyncio.Task[Sequence[str]]] = {}

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The answer that is under way, or a new one."""
        task = self._asking.get((host, port))
        if task is None:
            task = self._asking[host, port] = asyncio.create_task(self._once(host, port))
            task.add_done_callback(_heard)
        return await asyncio.shield(task)

    async def _once(self, host: str, port: int) -> Sequence[str]:
        try:
            return await self._ask(host, port)
        finally:
            del self._asking[host, port]


def _heard(task: asyncio.Task[Sequence[str]]) -> None:
    if not task.cancelled():
        task.exception()  # whoever asked may have gone, and asyncio would report it as lost


class PinnedTransport(httpx.AsyncBaseTransport):
    """Resolves a host once, checks every address, and connects to the very ones checked.

    The name stays in the Host header and in TLS, whose certificate is compared with it.
    """

    def __init__(
        self, inner: httpx.AsyncBaseTransport, reach: Reach, *, ask: Resolve = resolve
    ) -> None:
        self._inner, self._reach, self._ask = inner, reach, ask

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the first address that lets us connect; raises ``Forbidden``."""
        host = request.url.raw_host.decode("ascii")
        port = port_of(
            self._reach,
            Destination(
                scheme=request.url.scheme,
                host=host,
                port=request.url.port,
                credentials=bool(request.url.userinfo),
            ),
        )
        found = pinned(self._reach, host, await self._ask(host, port))
        for address in found[:-1]:
            try:
                return await self._inner.handle_async_request(_to(address, request))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._inner.handle_async_request(_to(found[-1], request))

    async def aclose(self) -> None:
        """Close what is open."""
        await self._inner.aclose()


def pinned_client(
    transport: httpx.AsyncBaseTransport, *, seconds: float, headers: Mapping[str, str]
) -> httpx.AsyncClient:
    """A client over such a transport: no proxy of the environment, no cookies, no redirects."""
    refusing = CookieJar(policy=DefaultCookiePolicy(allowed_domains=()))
    return httpx.AsyncClient(
        transport=transport,
        cookies=refusing,
        trust_env=False,
        timeout=seconds,
        headers=dict(headers),
    )


def once_each() -> httpx.AsyncHTTPTransport:
    """Real connections, none kept: one is found by its address, which two hosts may share."""
    return httpx.AsyncHTTPTransport(
        trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
    )


def _to(address: str, request: httpx.Request) -> httpx.Request:
    host = request.url.raw_host.decode("ascii")
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": host},
    )


async def connected(reach: Reach, host: str, port: int, *, ask: Resolve = resolve) -> socket.socket:
    """A connection to the first address that lets us, for what speaks no HTTP."""
    found = pinned(reach, host, await ask(host, port))
    for address in found[:-1]:
        try:
            return await _opened(address, port)
        except OSError:
            continue
    return await _opened(found[-1], port)


async def _opened(address: str, port: int) -> socket.socket:
    opened = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    opened.setblocking(False)  # noqa: FBT003 - the standard library's own
    try:
        await asyncio.get_running_loop().sock_connect(opened, (address, port))
    except BaseException:  # also where nobody waits any more
        opened.close()
        raise
    return opened
