"""A record of a stranger's topic is told with its place, whatever its bytes are.

The inputs that break the easy version: bytes that are no JSON, JSON nested beyond any decoder, a
deletion without a key.
"""

import json

import msgspec
import pytest

from schemas.dead_letters import Reason
from schemas.posts import SocialPost
from schemas.vocabulary import Op
from services.ingest.domain.receipt import Delivery, Ignored, Refused
from services.ingest.platforms import kafka
from services.ingest.platforms.table import read
from services.ingest.pollers.topic import told
from stream.flow import Received
from tests.unit.ingest.deliveries import SEEN, said

RECORD = Received(
    topic="partner.posts",
    partition=2,
    offset=7,
    timestamp_ms=1_796_000_000_000,
    key=b"p1",
    value=json.dumps(said()).encode(),
    headers=(("content-type", b"application/json"), ("trace", b"\xff")),
)


def found(value: bytes | None, key: bytes | None = b"p1") -> SocialPost | Ignored | Refused:
    record = msgspec.structs.replace(RECORD, value=value, key=key)
    (native,) = kafka.split(Delivery(headers={}, query={}, body=told(record)))
    place = msgspec.json.decode(native.raw)
    assert (place["topic"], place["partition"], place["offset"]) == ("partner.posts", 2, 7)
    return read(kafka, native, SEEN)


def test_a_value_is_a_post_and_no_value_its_deletion() -> None:
    post, gone = found(RECORD.value), found(None)

    assert isinstance(post, SocialPost)
    assert isinstance(gone, SocialPost)
    assert (post.op, gone.op, gone.id) == (Op.created, Op.deleted, post.id)


@pytest.mark.parametrize(
    "value",
    [b"", b"\x00\x01\xff", "Привет".encode("cp1251"), b"[" * 5000, b'"\xd0"'],
)
def test_what_cannot_be_read_is_refused_with_its_place(value: bytes) -> None:
    refused = found(value)

    assert isinstance(refused, Refused)
    assert refused.reason in {Reason.not_json, Reason.wrong_shape}


def test_a_deletion_of_nothing_is_refused() -> None:
    assert isinstance(found(None, key=None), Refused)
