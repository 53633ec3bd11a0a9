"""VK's deliveries are known by the secret in their body, and kept without it.

The inputs that break the easy version: a secret whose name is escaped, a confirmation before the
secret is set, a secret that is a number.
"""

import pytest

from schemas.posts import SocialPost
from services.ingest.domain.receipt import Answer, Delivery, Keys
from services.ingest.platforms import vk
from tests.unit.ingest.deliveries import NOW, body_of
from tests.unit.ingest.platforms.cases import seen_by

KEYS = Keys(secrets=("old word", "слово"), handshake="5f2c9d")
EVENT = {"type": "wall_reply_new", "object": {"id": 1, "post_id": 2}, "group_id": 5001}


def sent(payload: object) -> Delivery:
    """A callback's request."""
    body = payload if isinstance(payload, bytes) else body_of(payload)
    return Delivery(headers={}, query={}, body=body)


def event_id(payload: object) -> str:
    """The id of the one post in a payload."""
    (native,) = vk.split(sent(payload))
    post = vk.normalize(native, seen_by("vk"))
    assert isinstance(post, SocialPost)
    return post.event_id


@pytest.mark.parametrize(
    ("secret", "authentic"),
    [("слово", True), ("old word", True), ("word", False), ("", False), (None, False), (5, False)],
)
def test_the_body_names_a_live_secret(secret: object, *, authentic: bool) -> None:
    assert vk.verify(sent({**EVENT, "secret": secret}), KEYS, NOW) is authentic


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'{"type": "x"}', b"[" * 100_000])
def test_without_a_secret_nothing_is_authentic(body: bytes) -> None:
    assert not vk.verify(sent(body), KEYS, NOW)


def test_no_secret_is_kept() -> None:
    body = b'{"\\u0073ecret": "old word", "type": "wall_reply_new", "secret": "old word", "v": "5"}'

    (native,) = vk.split(sent(body))

    assert native.raw == native.post == b'{"type":"wall_reply_new","v":"5"}'


def test_what_is_no_object_is_not_kept_either() -> None:
    (native,) = vk.split(sent(b'{"type": "wall_reply_new", "secret": "old word"'))

    assert native.raw == b""


def test_a_community_is_confirmed_by_its_code() -> None:
    question = {"type": "confirmation", "group_id": 5001}
    code = Answer(body=b"5f2c9d", media_type="text/plain")

    assert vk.handshake(sent(question), KEYS) == code
    assert vk.handshake(sent({**question, "secret": "слово"}), KEYS) == code


def test_a_wrong_secret_or_no_code_confirms_nothing() -> None:
    question = {"type": "confirmation", "group_id": 5001, "secret": "wrong"}

    assert vk.handshake(sent(question), KEYS) == Answer(status=403)
    assert vk.handshake(sent(question), Keys(secrets=KEYS.secrets)) is None


@pytest.mark.parametrize(
    "payload", [EVENT, {"type": "x", "object": "confirmation"}, b"confirmation"]
)
def test_what_asks_for_no_confirmation_is_no_handshake(payload: object) -> None:
    assert vk.handshake(sent(payload), KEYS) is None


def test_one_comment_by_two_ways_is_one_event() -> None:
    comment = {**EVENT, "object": {"id": 1, "post_id": 2, "text": "Где?", "date": 1772445540}}
    ways = [
        {**comment, "event_id": "a", "secret": "слово", "v": "5.199"},
        {**comment, "event_id": "b", "secret": "old word"},
        {"ts": "5", "updates": [comment]},
    ]

    found = {event_id(one) for one in ways}

    assert len(found) == 1


def test_removals_differ_by_what_vk_calls_them() -> None:
    gone = {**EVENT, "type": "wall_reply_delete"}

    found = [event_id({**gone, "event_id": name}) for name in ("a", "b", "a")]

    assert found[0] == found[2] != found[1]


def test_vk_hears_ok() -> None:
    assert vk.taken == Answer(body=b"ok", media_type="text/plain")
