"""What does the App Store say? Resources of App Store Connect's API, and the public feed as JSON.

https://developer.apple.com/documentation/appstoreconnectapi/customer-reviews
"""

import msgspec

from services.ingest.platforms.stores import Stars
from services.ingest.platforms.wire import Id, MaybeId


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """What a relationship leads to; only with ``include`` is it named."""

    id: MaybeId = None


class Linked(msgspec.Struct, frozen=True, kw_only=True):
    """A relationship."""

    data: Link | None = None


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """A review's response, a response's review."""

    response: Linked | None = None
    review: Linked | None = None


class Attributes(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a review or a response says."""

    rating: Stars = None
    title: str | None = None
    body: str | None = None
    reviewer_nickname: str | None = None
    created_date: str | None = None
    response_body: str | None = None
    last_modified_date: str | None = None
    state: str | None = None


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """A review or a response of the API."""

    type: str
    id: Id
    attributes: Attributes
    relationships: Links | None = None


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """A value of the feed."""

    label: str | int | float | None = None


class FeedAuthor(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote a review of the feed; the address ends with an id."""

    name: Label | None = None
    uri: Label | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True, rename={"rating": "im:rating"}):
    """A review of the feed; the app itself comes as an entry without a rating."""

    id: Label | None = None
    rating: Label | None = None
    title: Label | None = None
    content: Label | None = None
    updated: Label | None = None
    author: FeedAuthor | None = None


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """The feed; a single entry is no list."""

    entry: msgspec.Raw = msgspec.Raw(b"[]")


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the API, or the feed."""

    data: msgspec.Raw = msgspec.Raw()
    included: tuple[msgspec.Raw, ...] | None = None
    feed: Feed | None = None
