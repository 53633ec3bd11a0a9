"""How is an address on the web read? Pinned to what was checked, within 10 s and 5 MiB (P12)."""

import asyncio
from collections.abc import Mapping

import httpx
import msgspec

from services.ingest.domain.inflate import TooLarge, inflated
from stream.pinned import PinnedTransport, once_each, pinned_client
from stream.reach import PUBLIC_WEB, Forbidden

SECONDS = 10.0
"""Real seconds for one address with all its redirects."""

BYTES = 5 * 1_048_576
"""The largest answer that is read, before and after inflating."""

REDIRECTS = 3


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


def web_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """A client for the public web, and nothing inside."""
    return pinned_client(
        transport or PinnedTransport(once_each(), PUBLIC_WEB),
        seconds=SECONDS,
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
