"""How is a provider asked whose answer matters? It names the message, or says why it is none."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx
import msgspec

from services.route.channels.posting import Wish, by_header
from services.route.domain.alerting import Undelivered


async def ask(
    client: httpx.AsyncClient,
    url: str,
    body: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """Post JSON once; raises ``Undelivered`` where no answer came."""
    content = msgspec.json.encode(body)
    told = {"content-type": "application/json; charset=utf-8", **(headers or {})}
    try:
        return await client.post(url, content=content, headers=told)
    except httpx.HTTPError as error:
        raise Undelivered(type(error).__name__) from error


def must_be_taken(answer: httpx.Response, at: datetime, wish: Wish = by_header) -> None:
    """Raise ``Undelivered`` for a refusal, with the provider's own wish where it names one."""
    if not answer.is_success:
        raise Undelivered(f"status {answer.status_code}", retry_after=wish(answer, at))
