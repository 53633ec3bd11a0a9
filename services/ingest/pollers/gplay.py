"""How are Google Play reviews polled? Newest first, a page a turn, as a service account.

https://developers.google.com/identity/protocols/oauth2/service-account#httprest
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import httpx
import jwt
import msgspec

from services.ingest.domain.polls import PlayPoll
from services.ingest.domain.receipt import Refused
from services.ingest.domain.trail import Trail, cursor_of, followed
from services.ingest.platforms.wire import When, decoded, instant
from services.ingest.pollers.engine import Page, anew, page_of
from services.ingest.pollers.fetch import Fetched, Unreachable, answered, fetch

TOKEN = "https://oauth2.googleapis.com/token"  # noqa: S105 - where a token is asked for
API = "https://androidpublisher.googleapis.com/androidpublisher/v3/applications/"
SCOPE = "https://www.googleapis.com/auth/androidpublisher"
ASSERTION_SECONDS = 600
EARLY = timedelta(minutes=1)
"""How long before its end a token is no longer used."""

_ALL = Trail(until=0)
"""The API holds a week only: the first poll reads it all."""


class ServiceAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A service account's key as Google gives it: JSON in one secret."""

    client_email: str
    private_key: str

    def assertion(self, now: datetime) -> str:
        """What is exchanged for a token; raises ``ValueError`` where the key is none."""
        at = int(now.timestamp())
        claims = {"iss": self.client_email, "scope": SCOPE, "aud": TOKEN}
        times = {"iat": at, "exp": at + ASSERTION_SECONDS}
        return jwt.encode({**claims, **times}, self.private_key, "RS256")


class _Granted(msgspec.Struct, frozen=True, kw_only=True):
    access_token: str
    expires_in: int = 0


class _Modified(msgspec.Struct, frozen=True, kw_only=True):
    seconds: When = None


class _Said(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    last_modified: _Modified | None = None


class _Comment(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    user_comment: _Said | None = None
    developer_comment: _Said | None = None


class _Review(msgspec.Struct, frozen=True, kw_only=True):
    comments: tuple[_Comment, ...] = ()


class _Pagination(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    next_page_token: str | None = None


class _Reviews(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What paging needs of an answer; an app without reviews has no list."""

    reviews: tuple[_Review, ...] = ()
    token_pagination: _Pagination | None = None


_GRANTED = msgspec.json.Decoder(_Granted)
_REVIEWS = msgspec.json.Decoder(_Reviews)


class PlayReviews:
    """The reviews of one app with the answers to them."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        poll: PlayPoll,
        account: ServiceAccount,
        now: Callable[[], datetime],
    ) -> None:
        self._client, self._account, self._now = client, account, now
        self._top = f"{API}{poll.package}/reviews"
        self._token, self._until = "", now()

    async def fetch(self, cursor: bytes | None) -> Page:
        """The next page of the trail, or the top of the list; raises ``Unreachable``."""
        trail = cursor_of(Trail, cursor, _ALL)
        found = await self._listed(trail.next)
        if trail.next and found.status == 400:
            return anew(trail)
        answered(found)
        return page_of(found, _after(trail, found.body))

    async def _listed(self, page: str | None) -> Fetched:
        query = {"maxResults": "100", **({"token": page} if page else {})}
        headers = {"Authorization": f"Bearer {await self._granted()}"}
        request = self._client.build_request("GET", self._top, params=query, headers=headers)
        found = await fetch(self._client, request, redirects=0)
        if found.status == 401:
            self._token = ""
        return found

    async def _granted(self) -> str:
        """The token, asked for anew where it has come to its end or was refused."""
        now = self._now()
        if self._token and now < self._until:
            return self._token
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": self._account.assertion(now),
        }
        found = await fetch(
            self._client, self._client.build_request("POST", TOKEN, data=form), redirects=0
        )
        granted = decoded(answered(found).body, _GRANTED)
        if isinstance(granted, Refused):
            raise Unreachable("no token")
        self._token = granted.access_token
        self._until = now + timedelta(seconds=granted.expires_in) - EARLY
        return self._token


def _after(trail: Trail, body: bytes) -> Trail:
    page = decoded(body, _REVIEWS)
    if isinstance(page, Refused):
        raise Unreachable("no list of reviews")
    times = [max(at) for review in page.reviews if (at := list(_times(review)))]
    following = page.token_pagination.next_page_token if page.token_pagination else None
    return followed(trail, times, following)


def _times(review: _Review) -> Iterator[int]:
    for comment in review.comments:
        for said in (comment.user_comment, comment.developer_comment):
            if said and said.last_modified and (at := instant(said.last_modified.seconds)):
                yield int(at.timestamp())
