"""Viber's deliveries are known by the signature of their bytes.

The inputs that break the easy version: no token beside an empty signature, a signature in capitals,
one byte more than was signed.
"""

import pytest

from services.ingest.domain.receipt import Answer, Delivery, Keys
from services.ingest.platforms import viber
from tests.unit.ingest.deliveries import NOW

TOKEN = "Jefe"
BODY = b"what do ya want for nothing?"
SIGNATURE = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
"""RFC 4231, test case 2."""

KEYS = Keys(secrets=(TOKEN,))


def sent(signature: str, body: bytes = BODY) -> Delivery:
    """A delivery with that signature."""
    return Delivery(headers={"x-viber-content-signature": signature}, query={}, body=body)


def test_the_bytes_are_signed_with_a_live_token() -> None:
    assert viber.verify(sent(SIGNATURE), KEYS, NOW)
    assert viber.verify(sent(SIGNATURE), Keys(secrets=("another", TOKEN)), NOW)
    assert not viber.verify(sent(SIGNATURE), Keys(secrets=("another",)), NOW)
    assert not viber.verify(sent(SIGNATURE, BODY + b" "), KEYS, NOW)


@pytest.mark.parametrize("signature", ["", SIGNATURE.upper(), f"sha256={SIGNATURE}", "ü"])
def test_no_other_signature_is_taken(signature: str) -> None:
    assert not viber.verify(sent(signature), KEYS, NOW)
    assert not viber.verify(sent(signature), Keys(secrets=("",)), NOW)


def test_viber_asks_no_question_and_hears_200() -> None:
    assert viber.handshake(sent(SIGNATURE), KEYS) is None
    assert viber.taken == Answer(status=200)
