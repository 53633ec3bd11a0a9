"""Whose data does Meta ask us to delete? Its ``signed_request``: two halves in base64url.

The first is the HMAC-SHA256 of the second, as written, with the app's secret.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable

import msgspec


class _Claim(msgspec.Struct, frozen=True):
    algorithm: str
    user_id: str | int


def user_of(signed_request: str, secrets: Iterable[str]) -> str | None:
    """The id of the user in a request that one of the secrets has signed; None for any other."""
    signature, _, claim = signed_request.partition(".")
    try:
        given = _bytes_of(signature)
        written = claim.encode("ascii")
        expected = [hmac.digest(one.encode(), written, "sha256") for one in secrets]
        if not any(hmac.compare_digest(given, one) for one in expected):
            return None
        said = msgspec.json.decode(_bytes_of(claim), type=_Claim)
    except (ValueError, msgspec.DecodeError):
        return None
    return str(said.user_id) if said.algorithm.upper() == "HMAC-SHA256" else None


def _bytes_of(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("expected base64url") from error
