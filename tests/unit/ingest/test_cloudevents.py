"""A CloudEvent around a post is that post, in each of the three modes; what lacks a name is none.

The inputs that break the easy version: an event without an id, an overlong escape in a header, a
body that would add attributes of its own, a deletion in an event with another id.
"""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from schemas.dead_letters import Reason
from schemas.posts import SocialPost
from schemas.vocabulary import Op, PostedAtSource
from services.ingest.domain.receipt import Ignored, Refused
from services.ingest.platforms import generic
from services.ingest.platforms.cloudevents import unescaped
from tests.unit.ingest.deliveries import SEEN, body_of, delivery

BINARY = {
    "content-type": "application/json",
    "ce-specversion": "1.0",
    "ce-type": "com.example.complaint",
    "ce-source": "/crm",
    "ce-id": "A-1",
    "ce-time": "2026-03-02T09:59:00Z",
    "ce-subject": "Euro%20%E2%82%AC%20%F0%9F%98%80",
}
STRUCTURED = {"content-type": "application/cloudevents+json; charset=utf-8"}
BATCH = {"content-type": "application/cloudevents-batch+json"}

Found = SocialPost | Ignored | Refused


def event(**changes: Any) -> dict[str, Any]:
    """A complaint in structured mode."""
    whole = {
        "specversion": "1.0",
        "type": "com.example.complaint",
        "source": "/crm",
        "id": "A-1",
        "time": "2026-03-02T09:59:00Z",
        "data": {"text": "Не работи приложението"},
    }
    return {name: value for name, value in {**whole, **changes}.items() if value != ...}


def found_in(body: bytes, headers: Mapping[str, str] = STRUCTURED) -> list[Found]:
    """What the generic platform makes of a request."""
    return [generic.normalize(one, SEEN) for one in generic.split(delivery(body, headers))]


def the_post(payload: object, headers: Mapping[str, str] = STRUCTURED) -> SocialPost:
    """The one post of a request."""
    (found,) = found_in(body_of(payload), headers)
    assert isinstance(found, SocialPost), found
    return found


def the_refusal(body: bytes, headers: Mapping[str, str] = STRUCTURED) -> Refused:
    """Why the one event of a request is no post."""
    (found,) = found_in(body, headers)
    assert isinstance(found, Refused), found
    return found


def test_all_modes_tell_the_same_post() -> None:
    told = [
        the_post({"text": "Не работи приложението"}, BINARY),
        the_post(event()),
        the_post(event(), {"content-type": "application/json"}),
        the_post([event()], BATCH),
        the_post(event(data=..., data_base64="eyJ0ZXh0IjoiSGVsbG8ifQ==")),
    ]

    assert {post.id for post in told} == {"ce:/crm#A-1"}
    assert len({post.event_id for post in told[:4]}) == 1
    assert told[4].text == "Hello"
    assert told[0].posted_at_source is PostedAtSource.envelope


def test_a_batch_is_as_many_posts_and_one_bad_event_spoils_no_other() -> None:
    found = found_in(body_of([event(), event(id=...), event(id="A-2")]), BATCH)

    assert [type(one) for one in found] == [SocialPost, Refused, SocialPost]


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type"])
def test_what_is_missing_is_never_invented(name: str) -> None:
    without = {key: value for key, value in BINARY.items() if key != f"ce-{name}"}

    assert the_refusal(body_of(event(**{name: ...}))).reason is Reason.wrong_shape
    assert the_refusal(body_of(event(**{name: ""}))).reason is Reason.wrong_shape
    assert the_refusal(body_of(event(**{name: None}))).reason is Reason.wrong_shape
    assert the_refusal(body_of({"text": "Hi"}), without).reason is Reason.wrong_shape


def test_a_post_that_has_a_name_keeps_it_in_every_event() -> None:
    post = {"id": 17, "text": "Где заказ?", "conversation_id": "wall", "author": {"id": "anna"}}
    told = the_post(event(type="social.post.created", data=post))
    gone = the_post(event(type="social.post.deleted", id="A-9", data={"id": "17"}))

    assert (told.id, told.conversation_id) == ("ce:/crm#17", "ce:/crm#wall")
    assert told.author is not None
    assert told.author.id == "anna"
    assert (gone.id, gone.op, gone.text) == (told.id, Op.deleted, "")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"data": {"appinfo": "abc"}}, Reason.wrong_shape),
        ({"data": {"text": ["a"]}}, Reason.wrong_shape),
        ({"data": "text"}, Reason.wrong_shape),
        ({"data": ...}, Reason.wrong_shape),
        ({"data": ..., "data_base64": "не"}, Reason.not_json),
        ({"data": ..., "data_base64": "/w=="}, Reason.not_json),
        ({"specversion": "0.3"}, Reason.wrong_shape),
        ({"specversion": 1}, Reason.wrong_shape),
        ({"time": "02.03.2026"}, Reason.wrong_shape),
        ({"type": "social.post.exploded"}, Reason.unsupported_event),
    ],
)
def test_what_says_nothing_is_refused(changes: dict[str, Any], reason: Reason) -> None:
    assert the_refusal(body_of(event(**changes))).reason is reason


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        ('"a \\"b\\" c"', 'a "b" c'),
        ("a%25b", "a%b"),
        ("%2525", "%25"),
        ("%C0%A0", None),
        ("%ED%A0%BD", None),
        ("%F4%90%80%80", None),
        ("100%", None),
        ("%zz", None),
        ("%e2%82", None),
        ("€", None),
        ("", ""),
    ],
)
def test_a_header_is_decoded_once_and_strictly(value: str, plain: str | None) -> None:
    assert unescaped(value) == plain


def test_an_overlong_header_is_refused_even_where_it_is_not_read() -> None:
    refusal = the_refusal(body_of({"text": "Hi"}), {**BINARY, "ce-more": "%C0%A0"})

    assert (refusal.reason, "ce-more" in refusal.detail) == (Reason.wrong_shape, True)


@pytest.mark.parametrize("body", [b'{"text":"Hi"},"id":"other"', b"{", b"Hi", b'{"text":"\xff"}'])
def test_a_body_adds_no_attributes(body: bytes) -> None:
    assert the_refusal(body, BINARY).reason is Reason.not_json


def test_what_is_kept_of_a_binary_event_are_its_attributes_and_no_other_header() -> None:
    headers = {**BINARY, "authorization": "Bearer t", "ce-token": "t"}

    (native,) = generic.split(delivery(b'{"text":"Hi"}', headers))

    assert json.loads(native.raw) == {
        "specversion": "1.0",
        "id": "A-1",
        "source": "/crm",
        "type": "com.example.complaint",
        "time": "2026-03-02T09:59:00Z",
        "subject": "Euro € 😀",
        "data": {"text": "Hi"},
    }
