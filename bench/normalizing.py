"""What does it cost to understand a post? Splitting and normalizing, nothing around them."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from services.ingest.domain.brands import Account
from services.ingest.domain.receipt import Delivery, Seen
from services.ingest.platforms.table import PLATFORMS, read

TERMS = ("Севербанк", "северный банк", "Severbank")
VK: dict[str, Any] = {
    "type": "wall_reply_new",
    "group_id": 456,
    "event_id": "e1",
    "v": "5.199",
    "secret": "callback secret",
    "object": {
        "id": 12,
        "post_id": 7,
        "post_owner_id": -456,
        "owner_id": -456,
        "from_id": 123,
        "date": 1785571200,
    },
}
TELEGRAM: dict[str, Any] = {
    "update_id": 10000,
    "message": {
        "message_id": 31,
        "date": 1785571200,
        "chat": {"id": -100456, "type": "supergroup", "title": "Клиенти"},
        "from": {"id": 5, "is_bot": False, "first_name": "Мария", "username": "maria"},
        "entities": [{"type": "mention", "offset": 0, "length": 9}],
    },
}
PAYLOADS = {"vk": (VK, "object"), "telegram": (TELEGRAM, "message")}
"""A delivery of each platform, and where its text stands."""

TEXTS = (
    "Третий день не приходит перевод в Севербанк, поддержка молчит. Верните деньги!",
    "Севербанк, къде ми е преводът? Чакам от три дни, обадете ми се на 0888 123 456",
    "Severbank blocked my card without a word, order 48213 is not paid. What now?",
    "А кто-нибудь уже получил ответ? У меня третий раз спрашивают одно и то же...",
)
"""One in four has something to redact, three of four name the brand."""

_AT = datetime(2026, 11, 30, tzinfo=UTC)


def normalize_us(source: str, posts: int) -> float:
    """Microseconds of CPU for one post of a source, on the average of the texts."""
    platform, (payload, place) = PLATFORMS[source], PAYLOADS[source]
    account = Account(brand="b", source=source, id="a", channel_role="service", terms=TERMS)
    seen = Seen(account=account, received_at=_AT)
    deliveries = [
        Delivery(headers={}, query={}, body=msgspec.json.encode(_with_text(payload, place, text)))
        for text in TEXTS
    ]
    before = time.process_time()
    for number in range(posts):
        for native in platform.split(deliveries[number % len(deliveries)]):
            read(platform, native, seen)
    return (time.process_time() - before) / posts * 1e6


def _with_text(payload: Mapping[str, Any], place: str, text: str) -> dict[str, Any]:
    return {**payload, place: {**payload[place], "text": text}}
