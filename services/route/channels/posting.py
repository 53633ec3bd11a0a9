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
    wish: Wish = by_header,
) -> None:
    """Post JSON once; raises ``Undelivered`` without the address, which holds a secret."""
    request = client.build_request("POST", url, content=msgspec.json.encode(body), headers=_JSON)
    await sent(client, request, at=at, wish=wish)


async def sent(
    client: httpx.AsyncClient, request: httpx.Request, *, at: datetime, wish: Wish = by_header
) -> None:
    """Send once; raises ``Undelivered`` with the provider's own wish where it names one."""
    try:
        answer = await client.send(request)
    except (httpx.HTTPError, OSError, UnicodeError, Forbidden) as error:
        raise Undelivered(type(error).__name__) from error
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


_JSON = {"content-type": "application/json"}
