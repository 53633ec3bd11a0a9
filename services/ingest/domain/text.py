"""What may stand in a text? Plain NFC that every decoder and store downstream accepts."""

import re
import unicodedata

LIMIT_BYTES = 65_536
"""How much text a post may carry (contracts.md); bytes of UTF-8."""

_BREAKS = re.compile(r"\r\n?")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_CONTROLS = re.compile(r"[\x01-\x08\x0b-\x1f\x7f-\x9f]")
_DOUBTFUL = re.compile(rb"\\u(?:[dD][89a-fA-F]|00[01])")
_ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a pair: one character
    rb"|(?P<bad>\\u(?:[dD][89a-fA-F][0-9a-fA-F]{2}|00(?:0[0-8bceBCEfF]|1[0-9a-fA-F])))"
    rb"|\\."
)


def clean(text: str) -> str:
    """NFC with plain line breaks; NUL and lone surrogates become U+FFFD, controls a space.

    Bidirectional controls stay: they are part of how people write.
    """
    text = _UNSTORABLE.sub("\ufffd", _BREAKS.sub("\n", text))
    return unicodedata.normalize("NFC", _CONTROLS.sub(" ", text))


def cut(text: str, limit: int = LIMIT_BYTES) -> tuple[str, bool]:
    """The text within so many bytes of UTF-8, and whether something was cut off."""
    encoded = text.encode()
    if len(encoded) <= limit:
        return text, False
    return encoded[:limit].decode("utf-8", "ignore"), True


def decodable(payload: bytes) -> bytes:
    """JSON without escapes that no store takes: lone surrogates and controls become U+FFFD.

    A strict decoder refuses ``\\ud83d`` and PostgreSQL refuses ``\\u0000`` (contracts.md).
    """
    return _ESCAPES.sub(_escape, payload) if _DOUBTFUL.search(payload) else payload


def _escape(found: re.Match[bytes]) -> bytes:
    return b"\\ufffd" if found["bad"] else found[0]
