"""How does a feed become posts? Each entry of RSS or Atom is one.

A feed tells of no changes: an entry that reads differently is the same post, later.
"""

from hashlib import sha256

import msgspec

from schemas.posts import SocialPost
from schemas.vocabulary import Kind, Op, Space, Visibility
from services.ingest.domain.post import post_of
from services.ingest.domain.receipt import Delivery, Ignored, Native, Refused, Seen
from services.ingest.domain.said import Said
from services.ingest.platforms.feed import Entry, entries_of
from services.ingest.platforms.polled import handshake, taken, verify
from services.ingest.platforms.stores import named
from services.ingest.platforms.wire import decoded, shapeless, web

__all__ = ("handshake", "normalize", "split", "taken", "verify")

_ENTRY = msgspec.json.Decoder(Entry)


def split(delivery: Delivery) -> tuple[Native, ...]:
    """The entries of a feed; each is kept in our shape, the feed itself would be kept as often."""
    entries = entries_of(delivery.body)
    if isinstance(entries, Refused):
        return (Native(raw=delivery.body, refused=entries),)
    texts = [msgspec.json.encode(entry) for entry in entries]
    return tuple(Native(raw=text, post=text) for text in texts)


def normalize(native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The post that an entry is, or why it is none."""
    entry = decoded(native.post, _ENTRY)
    if isinstance(entry, Refused):
        return entry
    name = _name(entry)
    return post_of(_said(entry, name), seen) if name else shapeless("an id, a link or a title")


def _name(entry: Entry) -> str:
    """Its own id, byte for byte; else what tells it from others."""
    if entry.id or not (entry.link or entry.title or entry.text):
        return entry.id
    told = f"{entry.link}\x1f{entry.title or entry.text}"
    return sha256(told.encode()).hexdigest()[:32]


def _said(entry: Entry, name: str) -> Said:
    changed = entry.updated and entry.published and entry.updated > entry.published
    return Said(
        op=Op.deleted if entry.is_gone else Op.created,
        id=f"rss:{name}",
        kind=Kind.post,
        space=Space.blog,
        visibility=Visibility.public,
        text=entry.text or entry.title,
        title=entry.title if entry.text else None,
        author=named(entry.author),
        posted_at=None if entry.is_gone else entry.published or entry.updated,
        edited_at=entry.updated if changed else None,
        event_at=entry.updated if entry.is_gone else None,
        url=web(entry.link),
        lang=entry.lang or None,
    )
