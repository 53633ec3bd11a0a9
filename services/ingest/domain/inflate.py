"""How large may a body be? By what came, and by what it inflates to (P8)."""

import zlib

BODY_BYTES = 1_048_576
"""The largest body that is read, before and after inflating."""

RATIO = 20
"""How many times its size a body may inflate to: real JSON stays below."""

_GZIP = 16 + zlib.MAX_WBITS


class TooLarge(Exception):  # noqa: N818 - reads as what it is
    """The body exceeds the limit; what lies beyond it was not read."""


class UnknownCoding(ValueError):  # noqa: N818 - reads as what it is
    """The body is packed in a way that we do not read."""


def inflated(body: bytes, coding: str, *, limit: int = BODY_BYTES, ratio: int = RATIO) -> bytes:
    """The body as its sender meant it; raises ``TooLarge``, ``ValueError`` for damaged ones."""
    match coding.strip().lower():
        case "identity" | "":
            return body
        case "gzip":
            return _gunzip(body, min(limit, ratio * len(body)))
        case _:
            raise UnknownCoding("expected identity or gzip")


def _gunzip(body: bytes, limit: int) -> bytes:
    reader = zlib.decompressobj(_GZIP)
    try:
        text = reader.decompress(body, limit + 1)
    except zlib.error as error:
        raise ValueError("expected gzip") from error
    if len(text) > limit:
        raise TooLarge
    if not reader.eof or reader.unused_data:
        raise ValueError("expected one whole gzip member")
    return text
