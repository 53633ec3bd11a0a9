"""What is kept of an event is that event, without what is not ours to keep.

The inputs that break the easy version: addresses of people in a report, a comment that holds the
whole tree below it, a name that is chosen to look like one of our ids.
"""

import json
from datetime import UTC, datetime

import pytest

from schemas.posts import SocialPost
from services.ingest.domain.receipt import Delivery, Keys, Native
from services.ingest.platforms.bluesky import time_of
from services.ingest.platforms.table import PLATFORMS, read
from tests.unit.ingest.deliveries import NOW
from tests.unit.ingest.platforms.cases import FOLDER, case_in, seen_by

ASKED = ("appstore", "bluesky", "bulk", "gplay", "kafka", "mastodon", "reddit", "rss", "youtube")


def natives(source: str, name: str) -> tuple[Native, ...]:
    """The events of a case."""
    return PLATFORMS[source].split(case_in(FOLDER / source / f"{name}.json").delivery)


def test_a_report_about_people_keeps_nothing_of_them() -> None:
    (native,) = natives("mastodon", "ignored_report")

    assert json.loads(native.raw) == {"event": "report.created"}


def test_a_comment_is_kept_without_the_tree_below_it() -> None:
    found = natives("reddit", "submission_with_its_tree")

    assert [b"t1_c2" in native.raw for native in found] == [False, False, True, False]


def test_each_of_many_is_kept_on_its_own() -> None:
    first, second = natives("appstore", "review_with_its_answer")

    assert b"r-1" in first.raw
    assert b"a-1" not in first.raw
    assert b"a-1" in second.raw


@pytest.mark.parametrize("name", ["severbank", "main", "id700200", "501"])
def test_a_nickname_makes_nobody_the_brand(name: str) -> None:
    review = {"reviewId": "g", "authorName": name, "comments": [{"userComment": {"text": "x"}}]}
    platform, seen = PLATFORMS["gplay"], seen_by("gplay", ("severbank", "main", "501"))

    (native,) = platform.split(Delivery(headers={}, query={}, body=json.dumps(review).encode()))
    post = read(platform, native, seen)

    assert isinstance(post, SocialPost)
    assert post.author is not None
    assert not post.author.is_brand


@pytest.mark.parametrize("source", ASKED)
def test_what_we_ask_for_never_comes_by_webhook(source: str) -> None:
    platform, keys = PLATFORMS[source], Keys(secrets=("t",), handshake="t")
    request = Delivery(
        headers={"authorization": "Bearer t", "x-hub-signature": "sha1=t"},
        query={"hub.challenge": "1", "hub.verify_token": "t"},
        body=b"{}",
    )

    assert not platform.verify(request, keys, NOW)
    assert platform.handshake(request, keys) is None


@pytest.mark.parametrize(
    ("revision", "at"),
    [
        ("2222222222222", datetime(1970, 1, 1, tzinfo=UTC)),
        ("222222222222z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("2222222222a22", datetime(1970, 1, 1, microsecond=6, tzinfo=UTC)),
        ("222222222222", None),
        ("222222222222A", None),
        ("222222222222é", None),
        ("", None),
        (None, None),
    ],
)
def test_a_revision_of_bluesky_is_a_time(revision: str | None, at: datetime | None) -> None:
    assert time_of(revision) == at
