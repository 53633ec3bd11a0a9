"""What came in, and what is it? The types that go from a platform to the handler."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from schemas.dead_letters import Reason
from services.ingest.domain.brands import Account


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request as it came; header names in lower case, the body's own bytes."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """What proves an account's deliveries: its live secrets, two while one is rotated.

    ``handshake`` is what a platform's first question is checked by or answered with; without it
    the question has no answer.
    """

    secrets: tuple[str, ...] = ()
    handshake: str | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a platform wants to hear; ``media_type`` None sends no content type."""

    status: int = 200
    body: bytes = b""
    media_type: str | None = None


class Ignored(msgspec.Struct, frozen=True, kw_only=True):
    """Authentic and understood, but no post: a reaction, a receipt, a service message."""

    why: str


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Authentic, but not a post that we understand; never text of a post in ``detail``."""

    reason: Reason
    detail: str


class Native(msgspec.Struct, frozen=True, kw_only=True):
    """One event in the platform's own words.

    ``raw`` is what is kept, without secrets; ``post`` the part that says it; ``event`` and ``at``
    are the envelope's type and time, ``row`` the number in a file, the first is 1. ``account`` is
    the platform's id of the page or group that it was sent for, where the platform says it.
    """

    raw: bytes
    post: bytes = b""
    event: str | None = None
    at: datetime | None = None
    row: int | None = None
    account: str | None = None
    refused: Refused | None = None


class Arrived(msgspec.Struct, frozen=True, kw_only=True):
    """One event, and the account that it came to."""

    native: Native
    seen: "Seen"


def arrived(natives: Iterable[Native], seen: "Seen") -> tuple[Arrived, ...]:
    """All of them, come to one account at one time."""
    return tuple(Arrived(native=native, seen=seen) for native in natives)


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when we saw it; business time."""

    account: Account
    received_at: datetime
    backfill: bool = False
