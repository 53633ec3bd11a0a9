"""Odnoklassniki's deliveries are known by the secret in the address.

The inputs that break the easy version: an address without the secret, a confirmation that nobody
waits for, a message that speaks of a confirmation.
"""

import pytest

from services.ingest.domain.receipt import Answer, Delivery, Keys
from services.ingest.platforms import ok
from tests.unit.ingest.deliveries import NOW

KEYS = Keys(secrets=("an old word", "слово"), handshake="ab12cd")


def sent(body: str, **query: str) -> Delivery:
    """A delivery to an address with that query."""
    return Delivery(headers={}, query=query, body=body.encode())


@pytest.mark.parametrize(
    ("query", "authentic"),
    [
        ({"secret": "слово"}, True),
        ({"secret": "an old word"}, True),
        ({"secret": "word"}, False),
        ({"secret": ""}, False),
        ({}, False),
    ],
)
def test_the_address_bears_a_live_secret(query: dict[str, str], *, authentic: bool) -> None:
    assert ok.verify(sent("{}", **query), KEYS, NOW) is authentic


def test_the_application_is_confirmed_by_its_string() -> None:
    question = sent('{"webhookType": "CONFIRMATION"}')

    assert ok.handshake(question, KEYS) == Answer(body=b"ab12cd", media_type="text/plain")
    assert ok.handshake(question, Keys(secrets=KEYS.secrets)) is None


@pytest.mark.parametrize(
    "body", ['{"message": {"text": "CONFIRMATION"}}', "CONFIRMATION", '["CONFIRMATION"]', ""]
)
def test_what_asks_for_no_confirmation_is_no_handshake(body: str) -> None:
    assert ok.handshake(sent(body), KEYS) is None


def test_odnoklassniki_hears_200() -> None:
    assert ok.taken == Answer(status=200)
