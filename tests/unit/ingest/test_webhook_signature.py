"""A webhook is taken only with a live secret's signature over its own bytes, and fresh.

The inputs that break the easy version: a header that is no base64 (the reference library raises),
a timestamp with a fraction, a secret that is not set beside an empty signature.
"""

import base64
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.receipt import Keys
from services.ingest.platforms import bulk, generic
from tests.unit.ingest.deliveries import (
    KEYS,
    NOW,
    OTHER_SECRET,
    SECRET,
    body_of,
    delivery,
    said,
    signed,
)

BODY = body_of(said(text="Привет, ѝ, “quotes”"))


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_what_the_reference_library_signs_is_authentic(text: str) -> None:
    body = text.encode()

    assert generic.verify(delivery(body, signed(body)), KEYS, NOW)


@given(st.binary(max_size=60), st.integers(0, 59))
def test_one_changed_byte_is_not_authentic(noise: bytes, place: int) -> None:
    headers = signed(BODY)
    changed = BODY[:place] + noise + BODY[place + len(noise) :]

    assert generic.verify(delivery(changed, headers), KEYS, NOW) == (changed == BODY)


@pytest.mark.parametrize(
    ("seconds", "authentic"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)]
)
def test_a_signature_ages_in_five_minutes(seconds: int, *, authentic: bool) -> None:
    request = delivery(BODY, signed(BODY))

    assert generic.verify(request, KEYS, NOW + timedelta(seconds=seconds)) is authentic


def test_both_secrets_are_live_while_one_is_rotated() -> None:
    old, new = signed(BODY, secret=OTHER_SECRET), signed(BODY)

    assert generic.verify(delivery(BODY, old), Keys(secrets=(SECRET, OTHER_SECRET)), NOW)
    assert generic.verify(delivery(BODY, new), Keys(secrets=(SECRET, OTHER_SECRET)), NOW)
    assert not generic.verify(delivery(BODY, old), KEYS, NOW)


def test_every_signature_of_a_request_is_tried() -> None:
    headers = signed(BODY)
    headers["webhook-signature"] = f"v1a,AAAA v1,AAAA {headers['webhook-signature']}"

    assert generic.verify(delivery(BODY, headers), KEYS, NOW)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, "", "garbage", "v1,", "v1,ü", ",", "v1", "1e9", "-1"])
def test_no_header_can_be_left_out_or_spoilt(name: str, value: str | None) -> None:
    headers = signed(BODY)
    headers.pop(name) if value is None else headers.update({name: value})

    assert not generic.verify(delivery(BODY, headers), KEYS, NOW)


def test_a_fractional_timestamp_is_none() -> None:
    headers = signed(BODY)
    headers["webhook-timestamp"] += ".0"

    assert not generic.verify(delivery(BODY, headers), KEYS, NOW)


@pytest.mark.parametrize("secrets", [[], [""], ["whsec_"], ["whsec_!"], ["whsec_c2hvcnQ="]])
def test_without_a_proper_secret_nothing_is_authentic(secrets: list[str]) -> None:
    for signature in (signed(BODY)["webhook-signature"], "", "v1,"):
        request = delivery(BODY, {**signed(BODY), "webhook-signature": signature})

        assert not generic.verify(request, Keys(secrets=tuple(secrets)), NOW)


def test_a_file_never_comes_by_webhook() -> None:
    assert not bulk.verify(delivery(BODY, signed(BODY)), KEYS, NOW)
    assert bulk.handshake(delivery(BODY, {}), KEYS) is None
    assert generic.handshake(delivery(BODY, {}), KEYS) is None


TOKEN = base64.b64encode(b"a token that could be a key").decode()


@pytest.mark.parametrize(
    ("given", "secrets", "authentic"),
    [
        (f"Bearer {TOKEN}", [TOKEN], True),
        (f"bearer  {TOKEN}", [TOKEN], True),
        (f"Bearer {TOKEN}", ["old", TOKEN], True),
        ("Bearer пароль", ["пароль"], True),
        (f"Basic {TOKEN}", [TOKEN], False),
        (TOKEN, [TOKEN], False),
        ("Bearer ", [TOKEN, ""], False),
        ("Bearer", [TOKEN], False),
        (f"Bearer {SECRET}", [SECRET], False),
        (f"Bearer {TOKEN}", [SECRET], False),
        (None, [TOKEN], False),
    ],
)
def test_a_token_is_borne_and_a_signing_secret_never(
    given: str | None, secrets: list[str], *, authentic: bool
) -> None:
    headers = {} if given is None else {"authorization": given}

    keys = Keys(secrets=tuple(secrets))

    assert generic.verify(delivery(BODY, headers), keys, NOW) is authentic


def test_a_signed_request_is_not_believed_for_its_token() -> None:
    request = delivery(BODY, {**signed(BODY), "authorization": f"Bearer {TOKEN}"})

    assert not generic.verify(request, Keys(secrets=(TOKEN,)), NOW)


def test_a_token_signs_nothing() -> None:
    request = delivery(BODY, signed(BODY, secret=f"whsec_{TOKEN}"))

    assert not generic.verify(request, Keys(secrets=(TOKEN,)), NOW)
