"""Who sends? A platform that signs, and sends again what got no answer, under the same id."""

import base64

import httpx
import msgspec

from deploy.demo.settings import SECRET
from services.route.channels.webhook import sign
from stream.clock import parse_clock

CLOCK = parse_clock("")
AGAIN = frozenset({429, 503})
"""What docs/send-a-post.md tells a sender to send again."""


def a_complaint(number: str) -> bytes:
    """A customer of the bank asks; every one opens a case of its own."""
    post = {
        "id": number,
        "author": {"id": f"customer-{number}"},
        "text": "Severbank, where is my money? The transfer is late for the third day!",
        "posted_at": CLOCK.real().isoformat(),
        "mentions": ["severbank"],
    }
    return msgspec.json.encode(post)


def an_answer(to: str) -> bytes:
    """The bank answers under it."""
    post = {
        "id": f"answer-{to}",
        "author": {"id": "severbank-care"},
        "text": "We are looking into it and will write to you today.",
        "posted_at": CLOCK.real().isoformat(),
        "parent_id": to,
        "conversation_id": to,
    }
    return msgspec.json.encode(post)


async def deliver(
    client: httpx.AsyncClient, hooks: str, body: bytes, message: str = "", secret: str = SECRET
) -> httpx.Response:
    """One signed request."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    name = message or f"msg-{msgspec.json.decode(body)['id']}"
    headers = {
        **sign(key, name, CLOCK.real(), body),
        "content-type": "application/json",
    }
    return await client.post(f"{hooks}/v1/hooks/generic/bank", content=body, headers=headers)
