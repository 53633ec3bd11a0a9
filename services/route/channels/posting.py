"""How is an alert posted to a provider, and what does its answer mean? Taken, or try again then."""

from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import msgspec

from services.route.domain.alerting import Undelivered
from stream.reach import Forbidden

DIGITS = 9
"""So many are read of a number of seconds; the rest would be for ever."""

Wish = Callable[[httpx.Response, datetime], float | None]
"""In how many seconds a provider that refused wants to be asked again, by its answer."""


def by_header(answer: httpx.Response, at: datetime) -> float | None:
    """As most of them say it."""
    return retry_after(answer.headers.get("retry-after", ""), at)


async def post(
    client: httpx.AsyncClient,
    url: str,
    body: Mapping[str, Any] | list[Any],
    *,
    at: datetime,
) -> None:
    """Post JSON once; raises ``Undelivered`` where it was not taken."""
    must_be_taken(await ask(client, url, body), at)


async def ask(
    client: httpx.AsyncClient,
    url: str,
    body: Mapping[str, Any] | list[Any],
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """Post JSON once, to a provider whose answer matters; ``Undelivered`` where none came."""
    told = {"content-type": "application/json; charset=utf-8", **(headers or {})}
    content = msgspec.json.encode(body)
    return await sent(client, client.build_request("POST", url, content=content, headers=told))


async def sent(client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    """Send once; raises ``Undelivered`` without the address, which holds a secret."""
    try:
        return await client.send(request)
    except (httpx.HTTPError, OSError, UnicodeError, Forbidden) as error:
        raise Undelivered(type(error).__name__) from error


def must_be_taken(answer: httpx.Response, at: datetime, wish: Wish = by_header) -> None:
    """Raise ``Undelivered`` for a refusal, with the provider's own wish where it names one."""
    if not answer.is_success:
        raise Undelivered(f"status {answer.status_code}", retry_after=wish(answer, at))


def retry_after(text: str, at: datetime) -> float | None:
    """Seconds until a provider wants to be asked again (RFC 9110, 10.2.3), or None."""
    if text.isdecimal():
        return float(text[:DIGITS])
    try:
        return max(0.0, (parsedate_to_datetime(text) - at).total_seconds())
    except (TypeError, ValueError):
        return None
