"""Who asked to be forgotten, and what of an event is theirs? Known by a keyed hash alone.

Whoever has no key can try no ids out, and the list of the forgotten is no list of people.
"""

import hmac
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

import msgspec

from schemas.erasures import AuthorErased
from schemas.event import Instant, derive_id
from schemas.posts import Author, Deleter, SocialPost
from schemas.vocabulary import Visibility
from services.ingest.domain.place import Place
from services.ingest.domain.receipt import Ignored, Native, Refused

Outcome = SocialPost | Ignored | Refused

_ID_CHARACTERS = 200
"""Longer values of a payload are texts, not ids."""


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    """One author who is to be forgotten; it is also the receipt that the requester gets."""

    receipt_id: str
    author_hash: str
    requested_at: Instant


class Erased(Suppression, frozen=True, kw_only=True):
    """The receipt, and of how many posts ingest knew the place: 0 may be a mistyped id."""

    places: int


class Forgotten(Ignored, frozen=True, kw_only=True):
    """Said by or to somebody who asked to be forgotten: nothing of it is kept, raw neither."""

    why: str = "the author asked to be forgotten"


class KnownAuthor(msgspec.Struct, frozen=True, kw_only=True):
    """All that ingest holds of an author: the places of posts, and the wish to be forgotten."""

    author_hash: str
    forgotten: Suppression | None
    places: dict[str, Place]


class Refusal(StrEnum):
    """Why an author can be neither looked up nor forgotten."""

    unknown_source = "expected a source of brands.yaml"
    own = "expected a customer's id, this is one of the brand's own"
    no_key = "expected ERASURE_KEY to be set: without it nobody is known by a hash"


class People(msgspec.Struct, frozen=True, kw_only=True):
    """How authors are hashed and who of them is forgotten; without a key nobody is either."""

    key: bytes = b""
    forgotten: frozenset[str] = frozenset()

    def hash_of(self, source: str, author_id: str) -> str | None:
        """What an author of a source is known by."""
        if not self.key:
            return None
        return hmac.digest(self.key, f"{source}:{author_id}".encode(), "sha256").hex()

    def has_forgotten(self, source: str, author_id: str | None) -> bool:
        """Is it somebody who asked to be forgotten?"""
        return bool(author_id) and self.hash_of(source, author_id or "") in self.forgotten


def suppression_of(author_hash: str, at: datetime) -> Suppression:
    """The wish of an author; the receipt is the same however often it is asked for."""
    receipt_id = derive_id(author_hash, "ErasureReceipt")
    return Suppression(receipt_id=receipt_id, author_hash=author_hash, requested_at=at)


def erased(wish: Suppression, source: str) -> AuthorErased:
    """What every store is told; the same wish gives the same event."""
    return AuthorErased(
        event_id=derive_id(wish.author_hash, "AuthorErased"),
        occurred_at=wish.requested_at,
        author_hash=wish.author_hash,
        sources=(source,),
        requested_at=wish.requested_at,
        receipt_id=wish.receipt_id,
    )


def spared(
    native: Native, outcome: Outcome, *, source: str, people: People
) -> tuple[Native, Outcome]:
    """The event as it may be kept: with its author's hash, and without what is the forgotten's.

    A payload that names one of them may quote what they said, so it is not kept as it came.
    """
    if isinstance(outcome, SocialPost):
        outcome = _hashed(outcome, people)
    if not people.forgotten:
        return native, outcome
    if isinstance(outcome, SocialPost) and _is_by(outcome.author, people):
        return native, Forgotten()
    if not any(people.has_forgotten(source, one) for one in _ids_in(native.raw)):
        return native, outcome
    if not isinstance(outcome, SocialPost) or outcome.visibility is Visibility.private:
        return native, Forgotten()
    return msgspec.structs.replace(native, raw=b""), _without(outcome, people)


def _hashed(post: SocialPost, people: People) -> SocialPost:
    if post.author is None or not people.key:
        return post
    known_by = people.hash_of(post.source, post.author.id)
    author = msgspec.structs.replace(post.author, hash=known_by)
    return msgspec.structs.replace(post, author=author)


def _is_by(author: Author | None, people: People) -> bool:
    return author is not None and author.hash in people.forgotten


def _without(post: SocialPost, people: People) -> SocialPost:
    """Somebody else's post that names the forgotten: their ids go, the words stay its author's."""
    named = tuple(one for one in post.mentions if not people.has_forgotten(post.source, one))
    deleter = post.deleted_by
    if deleter and people.has_forgotten(post.source, deleter.id):
        deleter = Deleter(is_brand=deleter.is_brand)
    return msgspec.structs.replace(post, mentions=named, deleted_by=deleter)


def _ids_in(raw: bytes) -> set[str]:
    """Every value of a JSON payload that may be an id; of what is no JSON, none."""
    try:
        return set(_short_values(msgspec.json.decode(raw)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return set()


def _short_values(value: object) -> Iterator[str]:
    match value:
        case dict():
            for one in value.values():
                yield from _short_values(one)
        case list():
            for one in value:
                yield from _short_values(one)
        case str() if len(value) <= _ID_CHARACTERS:
            yield value
        case int():
            yield str(value)
