"""How do reviews of Google Play read? A page of ``reviews.list``, or one review.

Only the time of the last change is told, so a changed review is the same post, later.
https://developers.google.com/android-publisher/api-ref/rest/v3/reviews
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from schemas.posts import SocialPost
from services.ingest.domain.post import post_of
from services.ingest.domain.receipt import Delivery, Ignored, Native, Refused, Seen
from services.ingest.platforms.polled import handshake, taken, verify
from services.ingest.platforms.stores import (
    Response,
    Review,
    Stars,
    named,
    response_said,
    review_said,
    stars_of,
)
from services.ingest.platforms.wire import Id, When, decoded, instant, items_of, shapeless

__all__ = ("handshake", "normalize", "split", "taken", "verify")


class Modified(msgspec.Struct, frozen=True, kw_only=True):
    """A time as Google's API writes it."""

    seconds: When = None
    nanos: int | None = None


class UserComment(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a customer says; a title stands before a tab."""

    text: str | None = None
    original_text: str | None = None
    last_modified: Modified | str | None = None
    star_rating: Stars = None
    reviewer_language: str | None = None
    thumbs_up_count: int | None = None


class DeveloperComment(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the developer answers."""

    text: str | None = None
    last_modified: Modified | str | None = None


class Comment(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One of the two."""

    user_comment: UserComment | None = None
    developer_comment: DeveloperComment | None = None


class Reviewed(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A review with its answer; the name may be empty."""

    review_id: Id
    author_name: str | None = None
    comments: tuple[Comment, ...] | None = None


_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_REVIEWED = msgspec.json.Decoder(Reviewed)


def split(delivery: Delivery) -> tuple[Native, ...]:
    """Reviews and answers, each on its own; a page without any is empty."""
    body = delivery.body
    fields = decoded(body, _FIELDS)
    if isinstance(fields, Refused):
        return (Native(raw=body, refused=fields),)
    if fields and not fields.keys() & {"reviews", "reviewId", "tokenPagination", "pageInfo"}:
        return (Native(raw=body, refused=shapeless("reviews")),)
    items = items_of(bytes(fields.get("reviews", b"[]")) if "reviewId" not in fields else body)
    if isinstance(items, Refused):
        return (Native(raw=body, refused=items),)
    return tuple(native for text in items for native in _comments(text))


def normalize(native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The post that a review or an answer is, or why it is none."""
    found = decoded(native.post, _REVIEWED)
    if isinstance(found, Refused):
        return found
    comment = found.comments[0] if found.comments else Comment()
    if comment.user_comment:
        return post_of(review_said(_review(found, comment.user_comment)), seen)
    if comment.developer_comment:
        response = _response(found, comment.developer_comment)
        return post_of(response_said(response, seen.account.id), seen)
    return Ignored(why="a review without a comment")


def _comments(text: bytes) -> Iterator[Native]:
    found = decoded(text, _REVIEWED)
    if isinstance(found, Refused):
        yield Native(raw=text, refused=found)
        return
    for both in found.comments or (Comment(),):
        for one in _apart(both):
            alone = msgspec.structs.replace(found, comments=(one,))
            yield Native(raw=text, post=msgspec.json.encode(alone))


def _apart(both: Comment) -> tuple[Comment, ...]:
    if both.user_comment and both.developer_comment:
        user, developer = both.user_comment, both.developer_comment
        return Comment(user_comment=user), Comment(developer_comment=developer)
    return (both,)


def _review(found: Reviewed, said: UserComment) -> Review:
    text = said.original_text or said.text or ""
    title, tab, body = text.partition("\t")
    return Review(
        id=f"gplay:{found.review_id}",
        text=body if tab else text,
        title=title.strip() or None if tab else None,
        author=named(found.author_name),
        rating=stars_of(said.star_rating),
        at=_at(said.last_modified),
        lang=said.reviewer_language,
        likes=said.thumbs_up_count,
    )


def _response(found: Reviewed, said: DeveloperComment) -> Response:
    return Response(
        id=f"gplay:{found.review_id}:reply",
        review=f"gplay:{found.review_id}",
        text=said.text or "",
        at=_at(said.last_modified),
    )


def _at(given: Modified | str | None) -> datetime | None:
    if given is None or isinstance(given, str):
        return instant(given)
    at, nanos = instant(given.seconds), given.nanos or 0
    return at + timedelta(microseconds=nanos // 1000) if at and 0 < nanos < 10**9 else at
