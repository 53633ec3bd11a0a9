"""Meta's deliveries are known by the signature of their bytes, and each event is kept by itself.

The inputs that break the easy version: a signature by SHA-1 alone, one byte more than was
signed, an answer of the Graph API that holds an access token.
"""

import json
from pathlib import Path

import pytest

from services.ingest.domain.receipt import Answer, Delivery, Keys
from services.ingest.platforms import meta
from tests.unit.ingest.deliveries import NOW
from tests.unit.ingest.platforms.cases import FOLDER, case_in, found_in, seen_by

BODY = b"Hello, World!"
SECRET = "It's a Secret to Everybody"
SIGNATURE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
"""The same scheme's published vector: docs.github.com, "Validating webhook deliveries"."""

KEYS = Keys(secrets=(SECRET,), handshake="a verify token")
QUESTION = {
    "hub.mode": "subscribe",
    "hub.challenge": "1158201444",
    "hub.verify_token": "a verify token",
}


def sent(body: bytes, **headers: str) -> Delivery:
    """A delivery with these headers, written with underscores."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Delivery(headers=names, query={}, body=body)


def asked(**changes: str) -> Delivery:
    """The question by which a subscription begins."""
    query = {**QUESTION, **{f"hub.{name}": value for name, value in changes.items()}}
    return Delivery(headers={}, query=query, body=b"")


def test_the_bytes_are_signed_with_a_live_secret() -> None:
    request = sent(BODY, x_hub_signature_256=SIGNATURE)

    assert meta.verify(request, KEYS, NOW)
    assert meta.verify(request, Keys(secrets=("another", SECRET)), NOW)
    assert not meta.verify(request, Keys(secrets=("another",)), NOW)
    assert not meta.verify(request, Keys(secrets=("",)), NOW)


@pytest.mark.parametrize(
    "signature", ["", "sha256=", SIGNATURE[7:], SIGNATURE.upper(), SIGNATURE[:-1], "sha256=ü"]
)
def test_no_other_signature_is_taken(signature: str) -> None:
    assert not meta.verify(sent(BODY, x_hub_signature_256=signature), KEYS, NOW)
    assert not meta.verify(sent(BODY), KEYS, NOW)


def test_another_spelling_of_a_payload_is_not_what_was_signed() -> None:
    respelt = sent(BODY + b"\n", x_hub_signature_256=SIGNATURE)

    assert not meta.verify(respelt, KEYS, NOW)


def test_sha1_alone_is_not_enough() -> None:
    sha1 = "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59"

    assert not meta.verify(sent(BODY, x_hub_signature=sha1), KEYS, NOW)
    assert not meta.verify(sent(BODY, x_hub_signature_256=sha1), KEYS, NOW)


def test_a_subscription_that_knows_our_token_hears_its_challenge() -> None:
    expected = Answer(body=b"1158201444", media_type="text/plain")

    assert meta.handshake(asked(), KEYS) == expected


@pytest.mark.parametrize("token", ["", "another", "a verify token ", "ü"])
def test_a_wrong_token_hears_nothing(token: str) -> None:
    assert meta.handshake(asked(verify_token=token), KEYS) == Answer(status=403)
    assert meta.handshake(asked(verify_token=token), Keys(secrets=(SECRET,))) == Answer(status=403)


def test_a_delivery_is_no_handshake() -> None:
    assert meta.handshake(sent(BODY), KEYS) is None
    assert meta.handshake(Delivery(headers={}, query=QUESTION, body=BODY), KEYS) is None


def test_nothing_but_200_is_a_success() -> None:
    assert meta.taken == Answer(status=200)


@pytest.mark.parametrize("file", sorted((FOLDER / "meta").glob("*.json")), ids=lambda one: one.stem)
def test_what_is_kept_of_each_event_gives_the_same_again(file: Path) -> None:
    case = case_in(file)
    seen = seen_by("meta", case.own)

    kept = [Delivery(headers={}, query={}, body=one.raw) for one in meta.split(case.delivery)]
    again = [meta.normalize(one, seen) for each in kept for one in meta.split(each)]

    assert again == [meta.normalize(one, seen) for one in meta.split(case.delivery)]


def test_no_access_token_is_kept() -> None:
    case = case_in(FOLDER / "meta" / "graph_comments.json")

    assert "a-secret-word" in json.dumps(case.raw)
    assert all(b"a-secret-word" not in one.raw for one in meta.split(case.delivery))
    assert len(found_in("meta", case, seen_by("meta"))) == 4
