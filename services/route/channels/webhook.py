"""How does an alert reach another system? A signed POST, as Standard Webhooks say."""

import base64
import hashlib
import hmac
from datetime import datetime

import httpx
import msgspec

from services.route.channels.posting import must_be_taken, sent
from services.route.domain.message import Sending


class WebhookChannel:
    """Posts to one address of the deployment's allow-list; the id is the receiver's dedupe key."""

    def __init__(self, client: httpx.AsyncClient, url: str, secret: str) -> None:
        self._client, self._url = client, url
        self._secret = base64.b64decode(secret.removeprefix("whsec_"))

    async def send(self, sending: Sending) -> str | None:
        """Send once; raises ``Undelivered`` where it must be tried again."""
        body = msgspec.json.encode(_told(sending))
        headers = sign(self._secret, sending.id, sending.at, body)
        request = self._client.build_request("POST", self._url, content=body, headers=headers)
        must_be_taken(await sent(self._client, request), sending.at)
        return None


def _told(sending: Sending) -> object:
    """The alert; where somebody can still take it, with the page to do so."""
    mine = sending.message.mine
    if mine is None or mine.url is None:
        return sending.alert
    return {**msgspec.to_builtins(sending.alert), "mine_url": mine.url}


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
