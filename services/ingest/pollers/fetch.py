"""How is an address on the web read? Pinned to what was checked, within 10 s and 5 MiB (P12)."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
import msgspec

from services.ingest.domain.inflate import TooLarge, inflated
from services.ingest.domain.public_address import Destination, Forbidden, pinned, port_of

SECONDS = 10.0
"""Real seconds for one address with all its redirects."""

BYTES = 5 * 1_048_576
"""The largest answer that is read, before and after inflating."""

REDIRECTS = 3

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host, asked once a connection."""


class Unreachable(Exception):  # noqa: N818 - says what was found
    """There is no answer; the message names the kind of failure, never the address.

    ``retry_after`` is how many seconds the other side asked for.
    """

    def __init__(self, why: str, *, retry_after: float = 0.0) -> None:
        super().__init__(why)
        self.retry_after = retry_after


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """An answer; header names in lower case, the body inflated."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def answered(found: Fetched) -> Fetched:
    """The answer where it is one; raises ``Unreachable`` for any status but 200."""
    if found.status == 200:
        return found
    after = found.headers.get("retry-after", "")
    asked = float(after[:9]) if after.isdecimal() else 0.0
    raise Unreachable(f"status {found.status}", retry_after=asked)


async def resolve(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


class PinnedTransport(httpx.AsyncBaseTransport):
    """Resolves a host once, checks every address, and connects to the very ones checked.

    The name stays in the Host header and in TLS, whose certificate is compared with it.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, *, ask: Resolve = resolve) -> None:
        self._inner, self._ask = inner, ask

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the first address that lets us connect; raises ``Forbidden``."""
        host = request.url.raw_host.decode("ascii")
        port = port_of(
            Destination(
                scheme=request.url.scheme,
                host=host,
                port=request.url.port,
                credentials=bool(request.url.userinfo),
            )
        )
        found = pinned(host, await self._ask(host, port))
        for address in found[:-1]:
            try:
                return await self._inner.handle_async_request(_to(address, request))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._inner.handle_async_request(_to(found[-1], request))

    async def aclose(self) -> None:
        """Close what is open."""
        await self._inner.aclose()


def web_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """A client for the public web: no environment, no cookies, no connection kept.

    A kept connection is found by its address, and two hosts may share one.
    """
    once = httpx.Limits(max_keepalive_connections=0)
    inner = httpx.AsyncHTTPTransport(trust_env=False, limits=once)
    refusing = CookieJar(policy=DefaultCookiePolicy(allowed_domains=()))
    return httpx.AsyncClient(
        transport=transport or PinnedTransport(inner),
        cookies=refusing,
        trust_env=False,
        timeout=SECONDS,
        headers={"Accept-Encoding": "gzip", "User-Agent": "otklik"},
    )


async def fetch(
    client: httpx.AsyncClient,
    request: httpx.Request,
    *,
    redirects: int = REDIRECTS,
    seconds: float = SECONDS,
) -> Fetched:
    """The answer behind so many redirects, each checked like the first; or ``Unreachable``."""
    try:
        async with asyncio.timeout(seconds):
            for _ in range(redirects + 1):
                response = await client.send(request, stream=True)
                try:
                    if response.next_request is None:
                        return await _read(response)
                    request = response.next_request
                finally:
                    await response.aclose()
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, TooLarge, Forbidden) as error:
        raise Unreachable(type(error).__name__) from error
    raise Unreachable("TooManyRedirects")


def _to(address: str, request: httpx.Request) -> httpx.Request:
    host = request.url.raw_host.decode("ascii")
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": host},
    )


async def _read(response: httpx.Response) -> Fetched:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > BYTES:
            raise TooLarge
    coding = response.headers.get("content-encoding", "")
    return Fetched(
        status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=inflated(bytes(body), coding, limit=BYTES, ratio=BYTES) if body else b"",
    )
