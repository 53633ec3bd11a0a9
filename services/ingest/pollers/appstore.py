"""How are App Store reviews polled? Newest first, a page a turn, signed by the team's own key.

https://developer.apple.com/documentation/appstoreconnectapi/generating-tokens-for-api-requests
"""

from collections.abc import Callable
from datetime import datetime

import httpx
import jwt
import msgspec

from services.ingest.domain.polls import AppStorePoll
from services.ingest.domain.receipt import Refused
from services.ingest.domain.trail import Trail, cursor_of, followed
from services.ingest.platforms.wire import decoded, instant
from services.ingest.pollers.engine import Page, anew, page_of
from services.ingest.pollers.fetch import Unreachable, answered, fetch

HOST = "https://api.appstoreconnect.apple.com/"
TOKEN_SECONDS = 600
"""How long a token is valid; Apple takes no longer than 20 minutes."""

_GONE = (400, 404, 410)
"""How a page is refused whose address has grown too old."""


class AppStoreKey(msgspec.Struct, frozen=True, kw_only=True):
    """An API key of App Store Connect, as JSON in one secret; the private key is PEM."""

    issuer_id: str
    key_id: str
    private_key: str

    def token(self, now: datetime) -> str:
        """A bearer token for the next minutes; raises ``ValueError`` where the key is none."""
        at = int(now.timestamp())
        claims = {"iss": self.issuer_id, "iat": at, "exp": at + TOKEN_SECONDS}
        headers = {"kid": self.key_id}
        audience = {"aud": "appstoreconnect-v1"}
        return jwt.encode({**claims, **audience}, self.private_key, "ES256", headers)


class _Attributes(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    created_date: str | None = None


class _Review(msgspec.Struct, frozen=True, kw_only=True):
    attributes: _Attributes | None = None


class _Links(msgspec.Struct, frozen=True, kw_only=True):
    next: str | None = None


class _Reviews(msgspec.Struct, frozen=True, kw_only=True):
    """What paging needs of an answer."""

    data: tuple[_Review, ...]
    links: _Links | None = None


_REVIEWS = msgspec.json.Decoder(_Reviews)


class AppStoreReviews:
    """The reviews of one app with the answers to them."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        poll: AppStorePoll,
        key: AppStoreKey,
        now: Callable[[], datetime],
    ) -> None:
        self._client, self._key, self._now = client, key, now
        path = f"{HOST}v1/apps/{poll.app}/customerReviews"
        self._top = f"{path}?sort=-createdDate&limit=200&include=response"

    async def fetch(self, cursor: bytes | None) -> Page:
        """The next page of the trail, or the top of the list; raises ``Unreachable``."""
        trail = cursor_of(Trail, cursor, Trail())
        headers = {"Authorization": f"Bearer {self._key.token(self._now())}"}
        request = self._client.build_request("GET", trail.next or self._top, headers=headers)
        found = await fetch(self._client, request, redirects=0)
        if trail.next and found.status in _GONE:
            return anew(trail)
        answered(found)
        return page_of(found, _after(trail, found.body))


def _after(trail: Trail, body: bytes) -> Trail:
    page = decoded(body, _REVIEWS)
    if isinstance(page, Refused):
        raise Unreachable("no list of reviews")
    dates = [instant(one.attributes.created_date) for one in page.data if one.attributes]
    following = page.links.next if page.links else None
    if following and not following.startswith(HOST):  # it would be sent our token
        raise Unreachable("next page elsewhere")
    return followed(trail, [int(at.timestamp()) for at in dates if at], following)
