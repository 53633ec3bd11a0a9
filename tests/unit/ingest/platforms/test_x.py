"""X's deliveries are known by the signature of their bytes, and its challenge forges none.

The inputs that break the easy version: a challenge that is itself an event, a signature in hex, two
consumer secrets while one is rotated.
"""

import msgspec
import pytest

from services.ingest.domain.receipt import Answer, Delivery, Keys
from services.ingest.platforms import x
from tests.unit.ingest.deliveries import NOW

SECRET = "Jefe"
BODY = b"what do ya want for nothing?"
SIGNATURE = "sha256=W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="
"""RFC 4231, test case 2, in base64."""

TOKEN = "bm9uY2U+/w==-_."
TOKEN_SIGNED = "sha256=zB2OuwduOHKt7huGrvES1YBjH2qmNCZylHfgFdanJ+M="
"""By ``printf %s TOKEN | openssl dgst -sha256 -hmac Jefe -binary | base64``."""

KEYS = Keys(secrets=(SECRET,))
EVENT = '{"data":{"event_type":"post.create","payload":{"id":"1"}}}'


def sent(signature: str, body: bytes = BODY) -> Delivery:
    """A delivery with that signature."""
    return Delivery(headers={"x-twitter-webhooks-signature": signature}, query={}, body=body)


def asked(token: str) -> Delivery:
    """The challenge."""
    return Delivery(headers={}, query={"crc_token": token}, body=b"")


def test_the_bytes_are_signed_with_a_live_secret() -> None:
    request = sent(SIGNATURE)

    assert x.verify(request, KEYS, NOW)
    assert x.verify(request, Keys(secrets=("another", SECRET)), NOW)
    assert not x.verify(request, Keys(secrets=("another",)), NOW)
    assert not x.verify(sent(SIGNATURE, BODY + b" "), KEYS, NOW)


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=00", "sha1=AAAA", "sha256=ü"])
def test_no_other_signature_is_taken(signature: str) -> None:
    assert not x.verify(sent(signature), KEYS, NOW)


def test_a_challenge_is_signed_with_the_first_secret() -> None:
    answer = x.handshake(asked(TOKEN), Keys(secrets=(SECRET, "the older")))

    assert answer is not None
    assert (answer.status, answer.media_type) == (200, "application/json")
    assert msgspec.json.decode(answer.body) == {"response_token": TOKEN_SIGNED}


@pytest.mark.parametrize("token", [EVENT, "{}", '"a"', "[1]", " {}", "a b", "", "a" * 600])
def test_a_challenge_that_could_be_an_event_is_not_signed(token: str) -> None:
    assert x.handshake(asked(token), KEYS) == Answer(status=403)


def test_without_a_secret_nothing_is_signed() -> None:
    assert x.handshake(asked("token"), Keys()) == Answer(status=403)


def test_a_delivery_is_no_handshake() -> None:
    assert x.handshake(sent(""), KEYS) is None
    assert x.taken == Answer(status=200)
