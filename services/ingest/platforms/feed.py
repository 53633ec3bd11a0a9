"""What stands in a feed? RSS and Atom read by feedparser, as entries of one shape.

feedparser mends what is broken, so little is refused; what it does by itself and we do not want is
undone here: it opens a text that looks like a file's name, and resolves ids against ``xml:base``.
"""

import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import feedparser
import msgspec

from services.ingest.domain.receipt import Refused
from services.ingest.platforms.wire import instant, shapeless
from services.ingest.platforms.words import words_of

_DAMAGED = (
    ValueError,
    LookupError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    TypeError,
    RecursionError,
)
"""What feedparser raises on damaged feeds, seen by changing bytes of good ones."""

_BASE = re.compile(rb"""\sxml:base\s*=\s*(?:"[^"<>]*"|'[^'<>]*')""")
_DECLARED = re.compile(rb"""\A\s*<\?xml[^>]{0,200}\sencoding\s*=""")
_ZONES = {"MSK": 3, "MSD": 4, "EET": 2, "EEST": 3, "CET": 1, "CEST": 2, "BST": 1, "WEST": 1}
"""Named zones, in hours, that RFC 822 does not know and our feeds use."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry, its texts already plain; ids byte for byte."""

    id: str = ""
    title: str = ""
    text: str = ""
    link: str = ""
    author: str = ""
    lang: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    video: str = ""
    channel: str = ""
    is_gone: bool = False


def entries_of(body: bytes) -> tuple[Entry, ...] | Refused:
    """The entries of a feed, in its order; whatever the bytes."""
    try:
        found = feedparser.parse(io.BytesIO(_readable(body)))
        if not found.get("version"):
            return shapeless("RSS or Atom")
        feed = dict(found.feed)
        entries = [_entry(dict(one), _line(feed, "language")) for one in found.entries]
        return (*entries, *_gone(feed))
    except _DAMAGED as error:
        return shapeless(f"RSS or Atom that can be read ({type(error).__name__})")


def _readable(body: bytes) -> bytes:
    """Without ``xml:base``; what is no UTF-8 and names no encoding is taken for Windows-1251."""
    if not _DECLARED.search(body[:1024]):
        try:
            body.decode()
        except UnicodeDecodeError:
            body = body.decode("cp1251", "replace").encode()
    return _BASE.sub(b"", body)


def _entry(one: Mapping[str, object], lang: str) -> Entry:
    return Entry(
        id=_line(one, "id"),
        title=_plain(one.get("title_detail")),
        text=_text(one),
        link=_line(one, "link"),
        author=_line(one, "author"),
        lang=_line(one, "language") or lang,
        published=at_of(_line(one, "published")),
        updated=at_of(_line(one, "updated")),
        video=_line(one, "yt_videoid"),
        channel=_line(one, "yt_channelid"),
    )


def _gone(feed: Mapping[str, object]) -> Iterator[Entry]:
    """What a tombstone of RFC 6721 names."""
    tomb = feed.get("at_deleted-entry")
    if isinstance(tomb, Mapping) and _line(tomb, "ref"):
        at = at_of(_line(tomb, "when"))
        yield Entry(id=_line(tomb, "ref"), updated=at, is_gone=True)


def _text(one: Mapping[str, object]) -> str:
    """The content, where there is one, else the summary."""
    contents = one.get("content")
    whole = [_plain(part) for part in contents] if isinstance(contents, list) else []
    return next(filter(None, whole), "") or _plain(one.get("summary_detail"))


def _plain(detail: object) -> str:
    if not isinstance(detail, Mapping):
        return ""
    value = _line(detail, "value")
    return value.strip() if detail.get("type") == "text/plain" else words_of(value)


def _line(one: Mapping[str, object], name: str) -> str:
    value = one.get(name)
    return value if isinstance(value, str) else ""


def at_of(text: str) -> datetime | None:
    """A time of a feed: ISO 8601 or RFC 822, in a zone that we know; none is guessed."""
    at = instant(text)
    if at or not text:
        return at
    try:
        read = parsedate_to_datetime(text)
        hours = _ZONES.get(text.rsplit(maxsplit=1)[-1].upper())
        named = None if hours is None else timezone(timedelta(hours=hours))
        zone = read.tzinfo or named
        return read.replace(tzinfo=zone).astimezone(UTC) if zone else None
    except (ValueError, TypeError, LookupError, OverflowError):
        return None
