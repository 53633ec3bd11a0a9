"""Deliveries as ingest's tests need them: everything plausible, each test names what it varies."""

import asyncio
import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from standardwebhooks import Webhook

from schemas.posts import SocialPost
from schemas.vocabulary import Op
from services.ingest.domain.brands import Account
from services.ingest.domain.receipt import Delivery, Ignored, Keys, Refused, Seen
from services.ingest.platforms import generic
from stream.flow import Outgoing
from stream.memory_pump import MemoryBroker

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four b").decode()
OTHER_SECRET = "whsec_" + base64.b64encode(b"another key of twenty-four").decode()
BANK = Account(
    brand="severbank",
    source="generic",
    id="bank",
    channel_role="service",
    own_ids=frozenset({"severbank"}),
    bot_ids=frozenset({"severbank-bot"}),
    secrets=("SEVERBANK_HOOK_SECRET",),
)
KEYS = Keys(secrets=(SECRET,))
SEEN = Seen(account=BANK, received_at=NOW)


def body_of(payload: object) -> bytes:
    """The payload as JSON."""
    return json.dumps(payload, ensure_ascii=False).encode()


def said(**changes: Any) -> dict[str, Any]:
    """A customer's comment as a sender of our format tells it."""
    post = {
        "id": "p1",
        "author": {"id": "anna", "name": "Анна"},
        "text": "Где мой перевод?",
        "posted_at": "2026-03-02T12:59:00+03:00",
        "conversation_id": "wall-1",
        "parent_id": "wall-1",
    }
    return {name: value for name, value in {**post, **changes}.items() if value is not None}


def signed(
    body: bytes, *, secret: str = SECRET, message_id: str = "msg_1", at: datetime = NOW
) -> dict[str, str]:
    """The headers of a delivery, signed by the reference library."""
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, body.decode()),
    }


def signed_bytes(body: bytes, *, message_id: str = "msg_1", at: datetime = NOW) -> dict[str, str]:
    """The headers of a delivery that is no text, which the reference library cannot sign."""
    stamp = str(int(at.timestamp()))
    text = b".".join((message_id.encode(), stamp.encode(), body))
    mac = hmac.new(base64.b64decode(SECRET.removeprefix("whsec_")), text, "sha256").digest()
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


def delivery(body: bytes, headers: Mapping[str, str]) -> Delivery:
    """One request."""
    return Delivery(headers=headers, query={}, body=body)


def posted(body: bytes) -> Delivery:
    """A body alone, as a file holds it."""
    return delivery(body, {})


def normalized(payload: object, seen: Seen = SEEN) -> list[SocialPost | Ignored | Refused]:
    """What the generic platform makes of a payload."""
    body = payload if isinstance(payload, bytes) else body_of(payload)
    return [generic.normalize(native, seen) for native in generic.split(posted(body))]


def the_post(payload: object, seen: Seen = SEEN) -> SocialPost:
    """The one post in a payload."""
    (found,) = normalized(payload, seen)
    assert isinstance(found, SocialPost), found
    return found


def the_refusal(payload: object) -> Refused:
    """Why the one event in a payload is no post."""
    (found,) = normalized(payload)
    assert isinstance(found, Refused), found
    return found


def an_event(op: Op, at: str | None) -> dict[str, Any]:
    """What happened to the comment, and when."""
    return said(op=op.value, occurred_at=at)


def posts_on(broker: MemoryBroker) -> list[SocialPost]:
    """The posts that the broker holds."""
    return [
        msgspec.json.decode(record.value or b"", type=SocialPost)
        for record in broker.log("posts.v1")
        if record.key != b"tick"
    ]


class Failing:
    """A broker that refuses: at once, or from a given call on."""

    def __init__(self, broker: MemoryBroker, *, calls_before: int = 0) -> None:
        self._broker, self._left = broker, calls_before
        self.calls = 0

    async def __call__(self, outputs: Sequence[Outgoing]) -> Sequence[int]:
        self.calls += 1
        if self._left == 0:
            raise ConnectionError("the broker is away")
        self._left -= 1
        return await self._broker(outputs)


class Hanging:
    """A frozen broker: takes everything and acks nothing until it is thawed."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker
        self.thawed = asyncio.Event()
        self.asked = asyncio.Queue[Sequence[Outgoing]]()

    async def __call__(self, outputs: Sequence[Outgoing]) -> Sequence[int]:
        self.asked.put_nowait(outputs)
        await self.thawed.wait()
        return await self._broker(outputs)
