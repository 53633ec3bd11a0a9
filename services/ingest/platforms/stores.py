"""What have the reviews of all stores in common? Each is a matter of its own, with one answer."""

from datetime import datetime

import msgspec

from schemas.posts import Author, Reach
from schemas.vocabulary import Kind, Op, Space, Visibility
from services.ingest.domain.said import Said

Stars = int | float | str | None
"""A rating as stores write it."""


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer says in a store."""

    id: str
    text: str
    title: str | None = None
    author: Author | None = None
    rating: int | None = None
    at: datetime | None = None
    lang: str | None = None
    likes: int | None = None


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """What the developer answers."""

    id: str
    review: str
    text: str
    at: datetime | None = None


def review_said(review: Review) -> Said:
    """A review in our words."""
    return Said(
        op=Op.created,
        id=review.id,
        kind=Kind.review,
        space=Space.review,
        visibility=Visibility.public,
        text=review.text,
        title=review.title,
        author=review.author,
        rating=review.rating,
        posted_at=review.at,
        lang=review.lang,
        reach=None if review.likes is None else Reach(likes=review.likes),
    )


def response_said(response: Response, account: str) -> Said:
    """The answer in our words: only the account's owner can give one, the store names nobody."""
    return Said(
        op=Op.created,
        id=response.id,
        kind=Kind.reply,
        space=Space.review,
        visibility=Visibility.public,
        text=response.text,
        author=Author(id=account, is_brand=True),
        conversation_id=response.review,
        thread_id=response.review,
        parent_id=response.review,
        posted_at=response.at,
    )


def named(name: str | None) -> Author | None:
    """Who is known by a name only; marked, so that nobody can call himself one of our ids."""
    return Author(id=f"name:{name}", name=name) if name and name.strip() else None


def stars_of(given: Stars) -> int | None:
    """A rating from 1 to 5, else none."""
    try:
        rating = int(given or 0)
    except (ValueError, OverflowError):
        return None
    return rating if rating in range(1, 6) else None
