"""No input makes a platform raise: it answers, refuses or ignores.

The inputs that break the easy version: two thousand nested lists, a lone surrogate, an integer
beyond 64 bits, a list where an object is expected, null anywhere.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.event import encode
from schemas.posts import SocialPost
from services.ingest.domain.receipt import Answer, Delivery, Ignored, Keys, Native, Refused
from services.ingest.platforms.table import PLATFORMS
from tests.unit.ingest.deliveries import NOW
from tests.unit.ingest.platforms.cases import FILES, case_in, seen_by

QUICK = settings(max_examples=40, deadline=None, derandomize=True)
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2**63,
    2**200,
    -(2**64),
    1e400,
    float("nan"),
    0.1,
    "",
    "\ud83d",
    "\x00",
    "a" * 5000,
    "9" * 5000,
    "9999-12-31T23:59:59-12:00",
    [],
    [[]],
    [None],
    {},
    {"id": {}},
)
"""What may stand where something else was expected."""

SPELT = (
    b"",
    b"null",
    b"[" * 2000 + b"]" * 2000,
    b'{"object":' * 2000 + b"1" + b"}" * 2000,
    b"[" * 100_000,
    b'{"type": "\xff"}',
    b'\xef\xbb\xbf{"object": "page"}',
    b'{"object": NaN}',
    b'{"object": "page", "entry": [{"time": 1e400}]}',
    b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
)
WORDS = sorted({"secret", "hub.mode", "crc_token", "type", "confirmation"})
SECRETS = Keys(secrets=("secret", "пароль"), handshake="token")
NO_SECRETS = Keys()


def _spelt(value: Any) -> bytes:
    """As JSON, with what Python writes beyond it: NaN and lone surrogates."""
    return json.dumps(value).encode()


everywhere = pytest.mark.parametrize("source", sorted(PLATFORMS))
json_values = st.recursive(
    st.sampled_from(ODD) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3)
    ),
    max_leaves=8,
)
names = st.sampled_from(
    (
        "x-hub-signature-256",
        "x-hub-signature",
        "x-twitter-webhooks-signature",
        "x-telegram-bot-api-secret-token",
        "x-viber-content-signature",
        "content-type",
        "ce-id",
        "ce-source",
        "ce-type",
        "ce-time",
        "ce-specversion",
        "authorization",
    )
)
headers = st.dictionaries(names, st.text(max_size=20) | st.just("sha256=00"), max_size=4)
queries = st.dictionaries(
    st.sampled_from(("hub.mode", "hub.challenge", "hub.verify_token", "crc_token", "secret")),
    st.text(max_size=20) | st.sampled_from(("subscribe", "token", "{}", "a" * 2000)),
    max_size=4,
)


@everywhere
@given(body=st.binary(max_size=60) | json_values.map(_spelt))
@QUICK
def test_whatever_comes_is_understood_ignored_or_refused(source: str, body: bytes) -> None:
    total(source, body)


@everywhere
@pytest.mark.parametrize("body", SPELT, ids=lambda body: repr(body[:12]))
def test_what_is_hardly_json_is_refused(source: str, body: bytes) -> None:
    total(source, body)


@everywhere
@given(data=st.data())
@settings(QUICK, max_examples=80)
def test_a_payload_with_one_odd_place_is_understood_ignored_or_refused(
    source: str, data: st.DataObject
) -> None:
    own = [file for file in FILES if file.parent.name == source]
    if not own:
        return
    case = case_in(data.draw(st.sampled_from(own)))
    if isinstance(case.raw, str):
        body = bytearray(case.raw.encode(case.encoding))
        place = data.draw(st.integers(0, len(body)))
        body[place : place + 1] = data.draw(st.binary(max_size=3))
        total(source, bytes(body), case.headers)
        return
    places = list(_places(case.raw))
    odd = data.draw(st.sampled_from(places))
    total(source, _spelt(_replaced(case.raw, odd, data.draw(st.sampled_from(ODD)))), case.headers)


@everywhere
@given(
    body=st.binary(max_size=40) | json_values.map(_spelt),
    head=headers,
    ask=queries,
)
@example(body=b'{"type":"confirmation"}', head={}, ask={})
@example(body=b'{"secret":"\xd0"}', head={}, ask={})
@example(body=b"", head={"x-hub-signature-256": "sha256=\u00fc"}, ask={"crc_token": "\ud83d"})
@QUICK
def test_no_request_makes_the_door_raise(
    source: str, body: bytes, head: Mapping[str, str], ask: Mapping[str, str]
) -> None:
    platform = PLATFORMS[source]
    request = Delivery(headers=head, query=ask, body=body)

    for keys in (SECRETS, NO_SECRETS):
        assert platform.verify(request, keys, datetime(2026, 3, 2, tzinfo=UTC)) in {True, False}
        assert isinstance(platform.handshake(request, keys), Answer | None)
    assert not platform.verify(request, NO_SECRETS, NOW)


def total(source: str, body: bytes, head: Mapping[str, str] | None = None) -> None:
    """Split and normalize answer as they promise, and what they give can be kept."""
    platform, seen = PLATFORMS[source], seen_by(source)
    for native in platform.split(Delivery(headers=head or {}, query={}, body=body)):
        assert isinstance(native, Native)
        found = platform.normalize(native, seen)
        assert isinstance(found, SocialPost | Ignored | Refused)
        if isinstance(found, SocialPost):
            assert msgspec.json.decode(encode(found), type=SocialPost) == found


Place = tuple[str | int, ...]


def _places(value: Any, above: Place = ()) -> list[Place]:
    inner: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    if isinstance(value, list):
        inner = list(enumerate(value))
    return [above, *(place for key, one in inner for place in _places(one, (*above, key)))]


def _replaced(value: Any, place: Place, odd: Any) -> Any:
    if not place:
        return odd
    key, rest = place[0], place[1:]
    items = value.items() if isinstance(value, dict) else enumerate(value)
    changed = {one: _replaced(inner, rest, odd) if one == key else inner for one, inner in items}
    return changed if isinstance(value, dict) else list(changed.values())
