"""How do App Store reviews read? A page of App Store Connect's API, or the public feed as JSON."""

from collections.abc import Iterator, Mapping

import msgspec

from schemas.posts import Author, SocialPost
from services.ingest.domain.post import post_of
from services.ingest.domain.receipt import Delivery, Ignored, Native, Refused, Seen
from services.ingest.platforms.appstore_payload import (
    Entry,
    FeedAuthor,
    Label,
    Link,
    Linked,
    Links,
    Page,
    Resource,
)
from services.ingest.platforms.polled import handshake, taken, verify
from services.ingest.platforms.stores import (
    Response,
    Review,
    named,
    response_said,
    review_said,
    stars_of,
)
from services.ingest.platforms.wire import (
    decoded,
    instant,
    items_of,
    shapeless,
    text_of,
    unsupported,
)

__all__ = ("handshake", "normalize", "split", "taken", "verify")

_RESPONSE, _ENTRY = "customerReviewResponses", "entry"


_PAGE = msgspec.json.Decoder(Page)
_RESOURCE = msgspec.json.Decoder(Resource)
_FEED_ENTRY = msgspec.json.Decoder(Entry)


def split(delivery: Delivery) -> tuple[Native, ...]:
    """The reviews of a page, and the responses that are included."""
    body = delivery.body
    page = decoded(body, _PAGE)
    if isinstance(page, Refused):
        return (Native(raw=body, refused=page),)
    items = items_of(bytes(page.feed.entry if page.feed else page.data))
    if isinstance(items, Refused):
        return (Native(raw=body, refused=items),)
    if page.feed:
        return tuple(Native(raw=one, post=one, event=_ENTRY) for one in items)
    if items == (b"",):
        return (Native(raw=body, refused=shapeless("data or a feed")),)
    return tuple(_resources((*items, *map(bytes, page.included or ()))))


def normalize(native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The post that a review or a response is, or why it is none."""
    if native.event == _ENTRY:
        return _entry(native.post, seen)
    found = _resource(native.post)
    if isinstance(found, Refused):
        return found
    if found.type == _RESPONSE:
        return _response(found, seen)
    return _review(found, seen) if found.type == "customerReviews" else unsupported("a review")


def _resources(items: tuple[bytes, ...]) -> Iterator[Native]:
    resources = [_resource(text) for text in items]
    reviews = {
        response: str(one.id)
        for one in resources
        if isinstance(one, Resource) and (response := _linked(one, "response"))
    }
    for text, one in zip(items, resources, strict=True):
        yield _native(text, one, reviews)


def _resource(text: bytes) -> Resource | Refused:
    return decoded(text, _RESOURCE)


def _native(text: bytes, one: Resource | Refused, reviews: Mapping[str, str]) -> Native:
    """One on its own; a response that does not name its review is named by it."""
    if isinstance(one, Refused):
        return Native(raw=text, refused=one)
    review = reviews.get(str(one.id))
    if one.type != _RESPONSE or _linked(one, "review") or not review:
        return Native(raw=text, post=text)
    links = Links(review=Linked(data=Link(id=review)))
    named_by_it = msgspec.structs.replace(one, relationships=links)
    return Native(raw=text, post=msgspec.json.encode(named_by_it))


def _linked(one: Resource, name: str) -> str | None:
    linked: Linked | None = getattr(one.relationships, name, None)
    return text_of(linked.data.id) if linked and linked.data else None


def _review(found: Resource, seen: Seen) -> SocialPost:
    said = found.attributes
    review = Review(
        id=f"appstore:{found.id}",
        text=said.body or "",
        title=said.title,
        author=named(said.reviewer_nickname),
        rating=stars_of(said.rating),
        at=instant(said.created_date),
    )
    return post_of(review_said(review), seen)


def _response(found: Resource, seen: Seen) -> SocialPost | Ignored | Refused:
    said, review = found.attributes, _linked(found, "review")
    if said.state != "PUBLISHED":
        return Ignored(why="a response that is not published")
    if review is None:
        return shapeless("the review of a response")
    response = Response(
        id=f"appstore:{found.id}",
        review=f"appstore:{review}",
        text=said.response_body or "",
        at=instant(said.last_modified_date),
    )
    return post_of(response_said(response, seen.account.id), seen)


def _entry(text: bytes, seen: Seen) -> SocialPost | Ignored | Refused:
    entry = decoded(text, _FEED_ENTRY)
    if isinstance(entry, Refused):
        return entry
    if entry.rating is None:
        return Ignored(why="the app itself")
    if not _label(entry.id):
        return shapeless("the id of a review")
    review = Review(
        id=f"appstore:rss:{_label(entry.id)}",
        text=_label(entry.content),
        title=_label(entry.title),
        author=_author(entry.author),
        rating=stars_of(entry.rating.label),
        at=instant(_label(entry.updated)),
    )
    return post_of(review_said(review), seen)


def _author(given: FeedAuthor | None) -> Author | None:
    name = _label(given.name) if given else ""
    number = _label(given.uri).rstrip("/").rpartition("/")[2] if given else ""
    return Author(id=number, name=name or None) if number else named(name)


def _label(given: Label | None) -> str:
    return "" if given is None or given.label is None else str(given.label)
