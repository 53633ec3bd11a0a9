"""What may stand in a platform's JSON? Ids as number or text, times in three spellings, signatures.

Platforms disagree with their own documents, so these types take what is seen and give one thing.
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

import msgspec

from schemas.dead_letters import Reason, shape_error
from services.ingest.domain.receipt import Refused
from services.ingest.domain.text import decodable

T = TypeVar("T")

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=512)] | int
"""An id that must be there."""

MaybeId = Annotated[str, msgspec.Meta(max_length=512)] | int | None
"""An id that may be left out, null or empty."""

When = str | int | float | None
"""Seconds, milliseconds or ISO 8601; read by ``instant``."""

EVENTS_AT_MOST = 1000
"""How many events one request may carry."""

_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM = 100_000_000_000
"""As seconds this lies in the year 5138, as milliseconds in 1973."""


def text_of(given: MaybeId) -> str | None:
    """The id as text; None where it is left out, null or empty."""
    return None if given is None or given == "" else str(given)


def instant(given: When) -> datetime | None:
    """The point in time; None where none can be read or it has no zone."""
    if isinstance(given, str):
        if not given.isascii() or not given.isdecimal() or len(given) > 20:
            return _iso(given)
        given = int(given)
    if given is None:
        return None
    unit = "milliseconds" if abs(given) >= _MILLISECONDS_FROM else "seconds"
    try:
        return _EPOCH + timedelta(**{unit: given})
    except (OverflowError, ValueError):
        return None


def decoded(payload: bytes, decoder: msgspec.json.Decoder[T]) -> T | Refused:
    """What the payload says, or why it does not; never raises, never quotes the payload."""
    try:
        return decoder.decode(decodable(payload))
    except msgspec.ValidationError as error:
        return Refused(reason=Reason.wrong_shape, detail=shape_error(error))
    except RecursionError:
        return not_json("nested too deeply")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return not_json(str(error))


def items_of(payload: bytes) -> tuple[bytes, ...] | Refused:
    """The elements of a JSON list; of what is none, the whole."""
    if payload.lstrip()[:1] != b"[":
        return (payload,)
    items = decoded(payload, _LIST)
    return items if isinstance(items, Refused) else tuple(bytes(item) for item in items)


def not_json(why: str) -> Refused:
    """The payload cannot be read at all."""
    return Refused(reason=Reason.not_json, detail=f"expected JSON in UTF-8: {why}")


def unsupported(expected: str) -> Refused:
    """Authentic, but an event that we do not know."""
    detail = f"expected {expected}, got another"
    return Refused(reason=Reason.unsupported_event, detail=detail)


def shapeless(expected: str) -> Refused:
    """The event is known, but something that it needs is missing."""
    return Refused(reason=Reason.wrong_shape, detail=f"expected {expected}, got none")


def is_one_of(given: str, live: Iterable[str]) -> bool:
    """Is it one of the live secrets? In constant time, each of them compared; empty is none."""
    offered = given.encode("utf-8", "surrogatepass")
    matches = [
        hmac.compare_digest(offered, one.encode("utf-8", "surrogatepass")) for one in live if one
    ]
    return any(matches)


def sha256_of(secret: str, signed: bytes) -> bytes:
    """The HMAC-SHA256 of what was sent."""
    return hmac.new(secret.encode("utf-8", "surrogatepass"), signed, hashlib.sha256).digest()


def web(url: str | None) -> str | None:
    """The address, where it is one of the web: no other scheme travels on."""
    return url if url and url.lower().startswith(("https://", "http://")) else None


def _iso(given: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(given)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None
