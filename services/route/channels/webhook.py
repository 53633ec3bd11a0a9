"""How does an alert reach another system? A signed POST, as Standard Webhooks say."""

import base64
import hashlib
import hmac
from datetime import datetime

import httpx
import msgspec

from schemas.alerts import AlertChanged
from services.route.domain.alerting import Undelivered
from services.route.domain.message import Message


class WebhookChannel:
    """Posts to one address of the deployment's allow-list; the id is the receiver's dedupe key."""

    def __init__(self, client: httpx.AsyncClient, url: str, secret: str) -> None:
        self._client, self._url = client, url
        self._secret = base64.b64decode(secret.removeprefix("whsec_"))

    async def send(
        self, alert: AlertChanged, message: Message | None, *, message_id: str, at: datetime
    ) -> None:
        """Send once; raises ``Undelivered`` where it must be tried again."""
        body = msgspec.json.encode(alert)
        headers = sign(self._secret, message_id, at, body)
        try:
            answer = await self._client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise Undelivered(type(error).__name__) from error
        if not answer.is_success:
            after = answer.headers.get("retry-after", "")
            wait = float(after) if after.isdigit() else None
            raise Undelivered(f"status {answer.status_code}", retry_after=wait)


def sign(secret: bytes, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a signed message: HMAC-SHA256 over ``id.timestamp.body``."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    digest = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{digest}",
    }
