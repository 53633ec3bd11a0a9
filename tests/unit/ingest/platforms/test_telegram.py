"""Telegram is believed by its secret header, and hears nothing from us.

The inputs that break the easy version: a secret in another case, a second secret while one is
rotated, an answer that Telegram would run as a call of the Bot API.
"""

import json
from typing import Any

import pytest

from schemas.posts import SocialPost
from services.ingest.domain.receipt import Delivery, Keys, Refused
from services.ingest.platforms import telegram
from tests.unit.ingest.deliveries import NOW
from tests.unit.ingest.platforms.cases import seen_by

HEADER = "x-telegram-bot-api-secret-token"
CHAT = {"id": 700100, "type": "private"}
DATE = 1772445540


def update(kind: str, **message: Any) -> bytes:
    """One update with a message of a private chat."""
    return json.dumps({"update_id": 1, kind: {"message_id": 11, "chat": CHAT, **message}}).encode()


def the_post(body: bytes) -> SocialPost:
    """The one post of an update."""
    (native,) = telegram.split(Delivery(headers={}, query={}, body=body))
    found = telegram.normalize(native, seen_by("telegram"))
    assert isinstance(found, SocialPost), found
    return found


@pytest.mark.parametrize(
    ("given", "secrets", "authentic"),
    [
        ("new-Secret_1", ("old-Secret_1", "new-Secret_1"), True),
        ("old-Secret_1", ("old-Secret_1", "new-Secret_1"), True),
        ("new-secret_1", ("new-Secret_1",), False),
        ("new-Secret_1 ", ("new-Secret_1",), False),
        ("секрет", ("new-Secret_1",), False),
        ("", ("new-Secret_1",), False),
        ("new-Secret_1", (), False),
        (None, ("new-Secret_1",), False),
    ],
)
def test_only_a_live_secret_in_the_header_is_believed(
    given: str | None, secrets: tuple[str, ...], *, authentic: bool
) -> None:
    headers = {} if given is None else {HEADER: given}
    request = Delivery(headers=headers, query={}, body=b"{}")

    assert telegram.verify(request, Keys(secrets=secrets), NOW) is authentic


def test_telegram_asks_nothing_and_hears_nothing() -> None:
    assert telegram.handshake(Delivery(headers={}, query={}, body=b"{}"), Keys()) is None
    assert telegram.taken is not None
    assert (telegram.taken.status, telegram.taken.body, telegram.taken.media_type) == (
        200,
        b"",
        None,
    )


def test_each_change_is_another_event_and_a_repeat_is_the_same() -> None:
    story = [
        update("message", date=DATE, text="Где карта?"),
        update("edited_message", date=DATE, edit_date=DATE + 5, text="Где моя карта?"),
        update("edited_message", date=DATE, edit_date=DATE + 9, text="Где моя карта?"),
    ]
    posts = [the_post(body) for body in story]

    assert len({post.event_id for post in posts}) == 3
    assert [post.revision for post in posts] == sorted(post.revision for post in posts)
    assert [the_post(body).event_id for body in story] == [post.event_id for post in posts]


def test_a_deletion_keeps_no_more_than_its_own_number() -> None:
    gone = {"update_id": 1, telegram.DELETED: {"chat": CHAT, "message_ids": [11, 12]}}
    body = json.dumps(gone).encode()

    natives = telegram.split(Delivery(headers={}, query={}, body=body))

    assert [json.loads(one.raw)[telegram.DELETED]["message_ids"] for one in natives] == [[11], [12]]


def test_too_many_deletions_are_refused_whole() -> None:
    gone = {"update_id": 1, telegram.DELETED: {"chat": CHAT, "message_ids": [11] * 1001}}

    (native,) = telegram.split(Delivery(headers={}, query={}, body=json.dumps(gone).encode()))

    assert isinstance(telegram.normalize(native, seen_by("telegram")), Refused)
