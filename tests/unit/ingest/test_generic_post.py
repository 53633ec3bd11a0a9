"""What a sender says becomes one post with the same ids whenever it comes.

The inputs that break the easy version: the same instant written in two zones, a lone surrogate in
the text, a post hidden, shown and hidden again.
"""

from datetime import timedelta

import msgspec
import pytest

from schemas.dead_letters import Reason
from schemas.posts import Author, SocialPost, case_of, conversation_key
from schemas.vocabulary import Kind, Op, PostedAtSource, Space, Visibility
from services.ingest.domain.place import alone
from services.ingest.domain.receipt import Refused, Seen
from tests.unit.ingest.deliveries import (
    BANK,
    NOW,
    SEEN,
    an_event,
    body_of,
    normalized,
    said,
    the_post,
    the_refusal,
)

LATER = Seen(account=BANK, received_at=NOW + timedelta(hours=3))


def test_a_comment_fills_the_case() -> None:
    post = the_post(said())

    assert (post.brand, post.source, post.account, post.id) == (
        "severbank",
        "generic",
        "bank",
        "p1",
    )
    assert (post.conversation_id, post.thread_id, post.parent_id) == ("wall-1", "p1", "wall-1")
    assert case_of(post).thread == "p1"
    assert case_of(post).customer == "anna"
    assert conversation_key(post) == "severbank:wall-1"
    assert post.posted_at == NOW - timedelta(minutes=1)
    assert post.posted_at_source is PostedAtSource.platform


@pytest.mark.parametrize(
    ("payload", "conversation", "thread"),
    [
        ({"id": "a"}, "a", "a"),
        ({"id": "r", "parent_id": "c"}, "c", "c"),
        ({"id": "r", "parent_id": "c", "conversation_id": "wall"}, "wall", "c"),
        ({"id": "c", "parent_id": "wall", "root_id": "wall"}, "wall", "c"),
        ({"id": "d", "parent_id": "r", "thread_id": "c", "root_id": "wall"}, "wall", "c"),
        ({"id": "m", "kind": "message", "conversation_id": "chat"}, "chat", "chat"),
        ({"id": "v", "kind": "review", "rating": 2}, "v", "v"),
        ({"id": "v-reply", "space": "review", "parent_id": "v"}, "v", "v"),
        ({"id": "x", "op": "deleted"}, None, "x"),
    ],
)
def test_conversation_and_thread_are_the_widest_and_the_customers(
    payload: dict[str, object], conversation: str | None, thread: str
) -> None:
    post = alone(the_post(payload))

    assert (post.conversation_id, post.thread_id) == (conversation, thread)


def test_a_private_message_is_private() -> None:
    post = the_post({"id": "m", "space": "dm"})

    assert (post.kind, post.visibility) == (Kind.message, Visibility.private)


def test_a_word_from_the_future_is_unknown_and_no_error() -> None:
    assert the_post(said(kind="hologram", space="metaverse")).kind is Kind.unknown
    assert the_post(said(space="metaverse", later="field")).space is Space.unknown


@pytest.mark.parametrize(
    ("author", "is_brand", "is_bot"),
    [
        ({"id": "severbank"}, True, None),
        ("severbank-bot", True, True),
        ({"id": "anna", "name": "severbank", "handle": "severbank"}, False, None),
        (17, False, None),
    ],
)
def test_whose_it_is_comes_from_configured_ids_only(
    author: object, *, is_brand: bool, is_bot: bool | None
) -> None:
    post = the_post(said(author=author))

    assert post.author is not None
    assert (post.author.is_brand, post.author.is_bot) == (is_brand, is_bot)


def test_what_is_unknown_of_an_author_is_null_and_a_hidden_author_too() -> None:
    assert the_post(said(author={"id": 5})).author == Author(id="5")
    assert the_post(said(author=None)).author is None


def test_the_same_post_twice_is_one_event() -> None:
    first = the_post(said())
    again = the_post(said(posted_at="2026-03-02T09:59:00Z", text="Где мой перевод?"), LATER)

    assert again.event_id == first.event_id
    assert again.revision == first.revision


def test_a_post_without_a_time_is_one_event_too() -> None:
    first, again = (the_post(said(posted_at=None), seen) for seen in (SEEN, LATER))

    assert first.event_id == again.event_id
    assert (first.posted_at, first.posted_at_source) == (None, PostedAtSource.received)
    assert first.revision == int(NOW.timestamp() * 1000)


def test_an_envelope_sent_anew_with_another_time_is_the_same_post() -> None:
    data = said(posted_at=None)
    first, again = (
        the_post({"type": "social.post.created", "timestamp": at, "data": data})
        for at in ("2026-03-02T09:00:00Z", "2026-03-02T09:05:00Z")
    )

    assert first.event_id == again.event_id
    assert first.posted_at_source is PostedAtSource.envelope
    assert first.posted_at == NOW - timedelta(hours=1)


def test_other_accounts_words_or_ops_are_other_events() -> None:
    other = Seen(account=msgspec.structs.replace(BANK, id="bank-2"), received_at=NOW)
    events = [
        the_post(said()),
        the_post(said(), other),
        the_post(said(id="p2")),
        the_post(said(text="Где мой перевод??")),
        the_post(said(attachments=[{"kind": "photo", "url": "https://a.example/1"}])),
        the_post(said(op="edited", edited_at="2026-03-02T09:59:30Z")),
        the_post(said(op="deleted")),
    ]

    assert len({event.event_id for event in events}) == len(events)


@pytest.mark.parametrize("edited_at", ["2026-03-02T09:59:30Z", None])
def test_an_edit_has_a_higher_revision(edited_at: str | None) -> None:
    first = the_post(said())
    edit = the_post(said(op="edited", edited_at=edited_at, text="Нашёлся, спасибо"))
    again = the_post(said(op="edited", edited_at=edited_at, text="Нашёлся, спасибо"), LATER)

    assert edit.revision > first.revision
    assert again.event_id == edit.event_id


def test_a_late_first_copy_of_an_edited_post_has_the_edits_revision() -> None:
    post = the_post(said(edited_at="2026-03-02T09:59:30Z"))

    assert post.revision == int((NOW - timedelta(seconds=30)).timestamp() * 1000)


def test_hide_and_show_and_hide_again_differ_by_the_platforms_time() -> None:
    story = [
        an_event(Op.hidden, "2026-03-02T09:59:10Z"),
        an_event(Op.unhidden, "2026-03-02T09:59:20Z"),
        an_event(Op.hidden, "2026-03-02T09:59:30Z"),
    ]
    events = [the_post(one) for one in story]

    assert len({event.event_id for event in events}) == 3
    assert [event.revision for event in events] == sorted(event.revision for event in events)
    assert the_post(story[2], LATER).event_id == events[2].event_id


def test_a_tombstone_repeats_no_text_and_outranks_the_post() -> None:
    gone = the_post(said(op="deleted", deleted_by="severbank"))

    assert gone.text == ""
    assert gone.revision > the_post(said()).revision
    assert gone.deleted_by is not None
    assert gone.deleted_by.is_brand


def test_reach_makes_an_engagement_new() -> None:
    one, more = (the_post(said(op="engagement", reach={"likes": n})) for n in (1, 2))

    assert one.event_id != more.event_id
    assert one.reach is not None
    assert one.reach.views is None


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_an_impossible_time_is_not_believed_and_loses_no_post(at: str) -> None:
    post = the_post(said(posted_at=at, edited_at=at, occurred_at=at))

    assert post.posted_at is None
    assert post.occurred_at == NOW


def test_long_after_is_backfill() -> None:
    assert the_post(said(posted_at="2025-12-31T00:00:00Z")).backfill
    assert not the_post(said()).backfill


def test_text_is_clean_and_personal_data_is_named_not_kept() -> None:
    text = "й \\ud83d \\u0000 \\ud83d\\ude00 тел. +7 916 123-45-67"
    post = the_post(f'{{"id": "p", "text": "{text}", "title": "a@b.example"}}'.encode())

    assert post.text == "й \ufffd \ufffd 😀 тел. [phone]"
    assert post.title == "[email]"
    assert post.redactions == ("phone", "email")


def test_a_long_text_is_cut_and_says_so() -> None:
    post = the_post(said(text="щ" * 40_000))

    assert post.truncated
    assert len(post.text.encode()) <= 65_536


def test_only_addresses_of_the_web_travel_on() -> None:
    post = the_post(
        said(url="javascript:alert(1)", text="см. https://bank.example/a, (http://b.example)")
    )

    assert post.url is None
    assert post.urls == ("https://bank.example/a,", "http://b.example")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"not json at all", Reason.not_json),
        (b'{"id": "b999", "text": "\xd0', Reason.not_json),
        (b"", Reason.not_json),
        (b"[" * 100_000, Reason.not_json),
        (b'{"id": "x", "more": ' + b"[" * 100_000, Reason.not_json),
        (b'{"id": "\xff"}', Reason.not_json),
        (b'"a text"', Reason.wrong_shape),
        (b"[[1]]", Reason.wrong_shape),
        (body_of({"text": "no id"}), Reason.wrong_shape),
        (body_of({"id": 17, "text": ["a", "list"]}), Reason.wrong_shape),
        (body_of(said(posted_at="02.03.2026 10:00")), Reason.wrong_shape),
        (body_of(said(posted_at="2026-03-02T10:00:00")), Reason.wrong_shape),
        (body_of(said(op="exploded")), Reason.unsupported_event),
        (body_of(said(op="unknown")), Reason.unsupported_event),
        (body_of({"type": "ping", "data": {}}), Reason.unsupported_event),
        (body_of(said(account="airline")), Reason.unknown_account),
    ],
    ids=lambda value: value[:24].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_what_is_no_post_says_why_and_never_raises(payload: bytes, reason: Reason) -> None:
    refusal = the_refusal(payload)

    assert refusal.reason is reason
    assert "exploded" not in refusal.detail


def test_a_refusal_quotes_no_text() -> None:
    assert "перевод" not in the_refusal(said(posted_at="где мой перевод")).detail


def test_one_bad_post_in_a_list_spoils_no_other() -> None:
    found = normalized([said(), {"text": "no id"}, said(id="p2"), 5])

    assert [type(one) for one in found] == [SocialPost, Refused, SocialPost, Refused]


def test_an_envelope_may_hold_a_list() -> None:
    envelope = {
        "type": "post.edited",
        "timestamp": "2026-03-02T09:59:59Z",
        "data": [said(), said(id=7)],
    }

    found = normalized(envelope)

    assert [(one.id, one.op) for one in found if isinstance(one, SocialPost)] == [
        ("p1", Op.edited),
        ("7", Op.edited),
    ]


def test_a_thousand_posts_are_enough_for_a_request() -> None:
    assert len(normalized([said()] * 1000)) == 1000
    assert the_refusal([said()] * 1001).reason is Reason.wrong_shape


@pytest.mark.parametrize(
    "payload",
    [{"id": "k3", "tekst": "откраднаха ми картата"}, {"id": "k3", "body": "my card is stolen"}],
)
def test_a_misspelt_field_loses_no_emergency(payload: dict[str, str]) -> None:
    refused = the_refusal(payload)

    assert refused.reason is Reason.wrong_shape
    assert "1 unknown fields: is one misspelt?" in refused.detail
    assert payload["id"] not in refused.detail
