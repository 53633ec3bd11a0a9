"""Any feed is read without surprises: nothing but its bytes, no markup, no zone that is not told.

The inputs that break the easy version: a body that is the name of a file, a reference to a
character that does not exist, scripts that are never closed.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.ingest.domain.receipt import Refused
from services.ingest.platforms.feed import at_of, entries_of
from services.ingest.platforms.words import words_of

AT = datetime(2026, 3, 2, 9, 59, tzinfo=UTC)


def feed(inner: str) -> bytes:
    """A feed of one channel."""
    return f'<rss version="2.0"><channel>{inner}</channel></rss>'.encode()


def test_a_body_never_names_a_file_to_read(tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(feed("<item><guid>inside</guid></item>"))

    assert isinstance(entries_of(str(file).encode()), Refused)
    assert isinstance(entries_of(b"file://" + str(file).encode()), Refused)


@pytest.mark.parametrize(
    "inner",
    [
        "<item><guid>1&#1114112;</guid>",
        "<item><guid>1&#xD800;</guid>",
        "<item><guid>1&#99999999999;</guid>",
        "<item><link>http://[::1</link></item></item>",
        '<item><link/><guid>1</guid></item></item><source url="http://[x">',
        "<item>" * 300,
        "<![CDATA[" * 300,
        "<!DOCTYPE " * 300,
        "&" * 300,
        "\ufffe\x00",
    ],
)
def test_a_damaged_feed_is_mended_or_refused(inner: str) -> None:
    assert isinstance(entries_of(feed(inner)), tuple | Refused)


def test_entities_do_not_multiply() -> None:
    steps = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "ha">{steps}]>'.encode()

    found = entries_of(bomb + feed("<item><guid>1</guid><title>&e9;</title></item>"))

    assert isinstance(found, tuple)
    assert sum(len(entry.title) for entry in found) < 1000


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-02T09:59:00Z", AT),
        ("2026-03-02T12:59:00.000000001+03:00", AT),
        ("Mon, 02 Mar 2026 09:59:00 GMT", AT),
        ("02 Mar 26 12:59 +0300", AT),
        ("Mon, 02 Mar 2026 12:59:00 MSK", AT),
        ("Mon, 02 Mar 2026 11:59:00 eet", AT),
        ("Mon, 02 Mar 2026 04:59:00 EST", AT),
        ("Mon, 02 Mar 2026 09:59:00", None),
        ("Mon, 02 Mar 2026 09:59:00 -0000", None),
        ("Mon, 02 Mar 2026 09:59:00 ZZT", None),
        ("Mon, 99 Mar 2026 09:59:00 GMT", None),
        ("2026-03-02", None),
        ("вчера", None),
        ("", None),
    ],
)
def test_a_time_has_a_zone_that_we_know_or_is_none(text: str, at: datetime | None) -> None:
    assert at_of(text) == at


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>Первый</p><p>Второй<br/>строка</p>", "Первый\n\nВторой\nстрока"),
        ("<a href='x'>@<span>anna</span></a>  Здравей&nbsp;те", "@anna Здравей те"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("before<script>alert('<b>x</b>')</script>after", "beforeafter"),
        ("before<STYLE>p{}</STYLE>after", "beforeafter"),
        ("before<script>never closed<p>x", "before"),
        ("2 < 3 and 5 > 4", "2 < 3 and 5 > 4"),
        ("<!-- a note -->text", "text"),
        ("<" * 5000, "<" * 5000),
        ("", ""),
    ],
)
def test_only_words_are_kept_of_markup(markup: str, words: str) -> None:
    assert words_of(markup) == words
