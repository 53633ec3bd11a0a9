"""How is an alert posted to a provider, and what does its answer mean? Taken, or try again then."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import msgspec

from services.route.domain.alerting import Undelivered


async def post(
    client: httpx.AsyncClient,
    url: str,
    body: Mapping[str, Any] | list[Any],
    *,
    at: datetime,
) -> httpx.Response:
    """Post JSON once; raises ``Undelivered`` without the address, which holds a secret."""
    return await post_bytes(client, url, msgspec.json.encode(body), _JSON, at=at)


async def post_bytes(
    client: httpx.AsyncClient, url: str, body: bytes, headers: Mapping[str, str], *, at: datetime
) -> httpx.Response:
    """Post once; raises ``Undelivered`` with the provider's own wish where it names one."""
    try:
        answer = await client.post(url, content=body, headers=headers)
    except httpx.HTTPError as error:
        raise Undelivered(type(error).__name__) from error
    if not answer.is_success:
        wish = retry_after(answer.headers.get("retry-after", ""), at)
        raise Undelivered(f"status {answer.status_code}", retry_after=wish)
    return answer


def retry_after(text: str, at: datetime) -> float | None:
    """Seconds until a provider wants to be asked again (RFC 9110, 10.2.3), or None."""
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - at).total_seconds())
    except (TypeError, ValueError):
        return None


_JSON = {"content-type": "application/json"}
