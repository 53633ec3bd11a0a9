"""A poll reads newest first until it meets what it knows, and is patient with who refuses.

The inputs that break the easy version: a trail cut in the middle, a page whose oldest review is as
old as the limit, a server that asks for a month of patience.
"""

from datetime import timedelta

import pytest

from services.ingest.domain.brands import BadBrands, read_brands
from services.ingest.domain.polls import FeedPoll, PlayPoll, wait_after
from services.ingest.domain.trail import Trail, cursor_of, followed

SOURCES = ("rss", "appstore", "gplay", "kafka", "generic")


def test_a_round_ends_where_it_meets_what_was_read_and_begins_at_the_newest() -> None:
    first = followed(Trail(until=100), [300, 250, 200], "p2")
    second = followed(first, [150, 120], "p3")
    third = followed(second, [110, 100], "p4")

    assert first == Trail(until=100, newest=300, next="p2")
    assert second == Trail(until=100, newest=300, next="p3")
    assert third == Trail(until=300)


def test_the_last_page_ends_a_round_whatever_it_holds() -> None:
    assert followed(Trail(until=100), [300], None) == Trail(until=300)
    assert followed(Trail(until=100), [], "p2") == Trail(until=100)
    assert followed(Trail(until=100, newest=300, next="p2"), [], None) == Trail(until=300)


def test_the_first_page_ever_ends_its_round() -> None:
    assert followed(Trail(), [300, 200], "p2") == Trail(until=300)
    assert followed(Trail(), [], None) == Trail()


def test_a_cursor_that_cannot_be_read_begins_anew() -> None:
    assert cursor_of(Trail, b'{"until":5}', Trail()) == Trail(until=5)
    assert cursor_of(Trail, None, Trail(until=0)) == Trail(until=0)
    assert cursor_of(Trail, b'{"until":"x"}', Trail()) == Trail()
    assert cursor_of(Trail, b"\xff{", Trail()) == Trail()


def test_patience_doubles_up_to_the_pace_and_is_as_long_as_was_asked() -> None:
    pace, day = timedelta(minutes=2), timedelta(days=1)

    waits = [wait_after(n, pace, 0).total_seconds() for n in (1, 2, 3, 4, 5, 1000)]

    assert waits == [15, 30, 60, 120, 120, 120]
    assert wait_after(1, pace, 600) == timedelta(seconds=600)
    assert wait_after(1, pace, 999_999_999) == day
    assert wait_after(9, timedelta(days=7), 0) == timedelta(seconds=15 * 2**8)


def brands(account: str) -> str:
    return f"brands: {{lavka: {{accounts: [{{id: shop, channel_role: service, {account}}}]}}}}"


def test_an_account_says_what_is_polled() -> None:
    feed = "source: rss, poll: {url: 'https://forum.example/лента.xml'}"
    play = "source: gplay, poll: {package: bg.lavka.app, every_minutes: 5}"

    assert read_brands(brands(feed), SOURCES)["rss", "shop"].poll == FeedPoll(
        url="https://forum.example/лента.xml"
    )
    assert read_brands(brands(play), SOURCES)["gplay", "shop"].poll == PlayPoll(
        package="bg.lavka.app", every_minutes=5
    )


@pytest.mark.parametrize(
    ("account", "why"),
    [
        ("source: rss", r"accounts\[0\]\.poll: Expected `object`, got `null`"),
        ("source: rss, poll: {url: 'ftp://a.example'}", r"poll\.url: Expected `str` matching"),
        ("source: rss, poll: {url: 'http://u:p@a.example'}", r"poll\.url: Expected `str` matching"),
        ("source: rss, poll: {url: 'http://a', every: 5}", r"poll\.every: unknown field `every`"),
        ("source: appstore, poll: {app: ../x}", r"poll\.app: Expected `str` matching"),
        ("source: gplay, poll: {package: 'a/b'}", r"poll\.package: Expected `str` matching"),
        ("source: gplay, poll: {package: a, every_minutes: 0}", r"poll\.every_minutes: Expected"),
        ("source: generic, poll: {url: 'http://a'}", "expected none, since `generic` is not"),
        (
            "source: rss, spool: true, poll: {url: 'http://a'}",
            r"spool: expected none, since what is polled",
        ),
        ("source: kafka, poll: {topic: 'a b', group: g}", r"poll\.topic: Expected `str` matching"),
    ],
)
def test_what_is_polled_is_checked_with_its_place(account: str, why: str) -> None:
    with pytest.raises(BadBrands, match=why):
        read_brands(brands(account), SOURCES)
