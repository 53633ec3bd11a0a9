"""Who is forgotten, and what of an event is theirs: hashes, receipts, what is spared.

The inputs that break the easy version: the same id on two networks, somebody else's post that
names the forgotten in its payload only, the brand's answer in the private dialogue with them.
"""

import base64
import hmac
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.dead_letters import Reason
from schemas.posts import Author, Deleter
from schemas.vocabulary import Visibility
from services.ingest.domain.erasure import (
    Forgotten,
    Outcome,
    People,
    erased,
    spared,
    suppression_of,
)
from services.ingest.domain.receipt import Ignored, Native, Refused
from services.ingest.domain.signed_request import user_of
from tests.builders import MONDAY, a_post, minutes

KEYED = People(key=b"k" * 32)
IVAN = KEYED.hash_of("generic", "ivan-7") or ""
WITHOUT_IVAN = msgspec.structs.replace(KEYED, forgotten=frozenset({IVAN}))
SECRETS = ("app-secret", "new-secret")
METAS_CLAIM = {"algorithm": "HMAC-SHA256", "issued_at": 1291836800, "user_id": "218471"}


def kept(raw: object, outcome: Outcome, people: People = WITHOUT_IVAN) -> tuple[bytes, Outcome]:
    native = Native(raw=json.dumps(raw, ensure_ascii=False).encode())
    native, outcome = spared(native, outcome, source="generic", people=people)
    return native.raw, outcome


def test_a_hash_is_of_the_key_the_source_and_the_id() -> None:
    others = (People(key=b"x" * 32).hash_of("generic", "ivan-7"), KEYED.hash_of("vk", "ivan-7"))

    assert IVAN not in {*others, KEYED.hash_of("generic", "ivan-8")}
    assert KEYED.hash_of("generic", "ivan-7") == IVAN
    assert len(IVAN) == 64
    assert "ivan" not in IVAN


def test_without_a_key_nobody_has_a_hash() -> None:
    _, outcome = kept({}, a_post(), People())

    assert People().hash_of("generic", "ivan-7") is None
    assert outcome == a_post()


def test_a_post_goes_with_its_authors_hash() -> None:
    _, outcome = kept({}, a_post(author="ivan-7"), KEYED)

    assert outcome == a_post(author=Author(id="ivan-7", hash=IVAN))


def test_the_receipt_is_the_same_however_often_and_tells_no_id() -> None:
    first, again = suppression_of(IVAN, MONDAY), suppression_of(IVAN, MONDAY + minutes(5))

    assert first.receipt_id == again.receipt_id
    assert erased(first, "generic").event_id == erased(again, "generic").event_id
    assert b"ivan-7" not in msgspec.json.encode(erased(first, "generic"))


def test_a_post_of_the_forgotten_is_none() -> None:
    _, outcome = kept({"text": "Где деньги?"}, a_post(author="ivan-7"))

    assert isinstance(outcome, Forgotten)


@pytest.mark.parametrize(
    "outcome", [Ignored(why="a reaction"), Refused(reason=Reason.wrong_shape, detail="$.text")]
)
def test_what_is_no_post_and_names_the_forgotten_is_not_kept(outcome: Outcome) -> None:
    named = kept({"from": {"id": "ivan-7"}}, outcome)[1]
    other = kept({"from": {"id": "anna"}}, outcome)[1]

    assert isinstance(named, Forgotten)
    assert other == outcome


def test_somebody_elses_post_keeps_what_is_not_the_forgottens() -> None:
    post = a_post(author="anna", mentions=("ivan-7", "boris"), deleted_by=Deleter(id="ivan-7"))

    raw, outcome = kept({"reply_to": {"from": "ivan-7", "text": "Моя карта"}}, post)

    assert raw == b""
    assert outcome == msgspec.structs.replace(
        post,
        author=Author(id="anna", hash=KEYED.hash_of("generic", "anna")),
        mentions=("boris",),
        deleted_by=Deleter(),
    )


def test_a_private_word_to_the_forgotten_is_not_kept() -> None:
    reply = a_post(author=Author(id="severbank", is_brand=True), visibility=Visibility.private)

    assert isinstance(kept({"chat": {"id": "ivan-7"}}, reply)[1], Forgotten)
    assert not isinstance(kept({"chat": {"id": "anna"}}, reply)[1], Forgotten)


def test_a_number_is_an_id_too() -> None:
    number = KEYED.hash_of("generic", "4711") or ""
    people = msgspec.structs.replace(KEYED, forgotten=frozenset({number}))

    raw, _ = kept({"likes": [{"owner_id": 4711}]}, a_post(), people)

    assert raw == b""


def test_a_payload_that_names_nobody_stays_as_it_came() -> None:
    for raw in (b'{"id": "ivan-70"}', b"\xff", b"", b"[" * 5000):
        native = Native(raw=raw)

        assert spared(native, Ignored(why="x"), source="generic", people=WITHOUT_IVAN)[0] is native


def signed(claim: object, secret: str = SECRETS[0]) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claim).encode()).decode().rstrip("=")
    mac = hmac.digest(secret.encode(), body.encode(), "sha256")
    return base64.urlsafe_b64encode(mac).decode().rstrip("=") + "." + body


@pytest.mark.parametrize("secret", SECRETS)
def test_a_request_that_a_live_secret_has_signed_names_its_user(secret: str) -> None:
    as_number = {**METAS_CLAIM, "user_id": 218471}

    assert user_of(signed(METAS_CLAIM, secret), SECRETS) == "218471"
    assert user_of(signed(as_number, secret), SECRETS) == "218471"


@pytest.mark.parametrize(
    "request_text",
    [
        signed(METAS_CLAIM, "another-secret"),
        signed({"algorithm": "none", "user_id": "1"}),
        signed({"algorithm": "HMAC-SHA256"}),
        signed(["HMAC-SHA256"]),
        "." + signed(METAS_CLAIM).partition(".")[2],
        signed(METAS_CLAIM).replace(".", ""),
        "ю.ю",
        "",
    ],
)
def test_any_other_request_names_nobody(request_text: str) -> None:
    assert user_of(request_text, SECRETS) is None


@given(st.text())
def test_no_text_makes_it_raise(text: str) -> None:
    assert user_of(text, SECRETS) is None


def any_json() -> st.SearchStrategy[Any]:
    scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
    return st.recursive(
        scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner)
    )


@given(any_json(), st.booleans())
def test_wherever_a_payload_names_the_forgotten_it_is_not_kept(
    payload: object,
    first: bool,  # noqa: FBT001 - hypothesis draws it
) -> None:
    named = [["ivan-7"], payload] if first else [payload, {"who": {"id": "ivan-7"}}]

    raw, _ = kept(named, a_post())

    assert raw == b""
