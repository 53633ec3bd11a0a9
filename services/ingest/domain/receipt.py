"""What came in, and what is it? The types that go from a platform to the handler."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from schemas.dead_letters import Reason
from services.ingest.domain.brands import Account


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request as it came; header names in lower case, the body's own bytes."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Authentic, but not a post that we understand; never text of a post in ``detail``."""

    reason: Reason
    detail: str


class Native(msgspec.Struct, frozen=True, kw_only=True):
    """One event in the platform's own words.

    ``raw`` is what is kept, ``post`` the part that says it; ``event`` and ``at`` are the
    envelope's type and time, ``row`` the number in a file, the first is 1.
    """

    raw: bytes
    post: bytes = b""
    event: str | None = None
    at: datetime | None = None
    row: int | None = None
    refused: Refused | None = None


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when we saw it; business time."""

    account: Account
    received_at: datetime
    backfill: bool = False
