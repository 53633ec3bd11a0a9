"""How is an RSS or Atom feed polled? By a conditional GET: what has not changed is not sent."""

import httpx
import msgspec

from services.ingest.domain.polls import FeedPoll
from services.ingest.domain.receipt import Delivery
from services.ingest.domain.trail import cursor_of
from services.ingest.pollers.engine import Page
from services.ingest.pollers.fetch import answered, fetch


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the server said of the version that we have, in its own words."""

    etag: str = ""
    modified: str = ""


class Feed:
    """A feed on the public web."""

    def __init__(self, client: httpx.AsyncClient, poll: FeedPoll) -> None:
        self._client, self._poll = client, poll

    async def fetch(self, cursor: bytes | None) -> Page:
        """The whole feed where it has changed; raises ``Unreachable``."""
        known = cursor_of(_Known, cursor, _Known())
        headers = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
        asked = {name: value for name, value in headers.items() if value}
        request = self._client.build_request("GET", self._poll.url, headers=asked)
        found = await fetch(self._client, request)
        if found.status == 304:
            return Page(cursor=cursor or b"")
        said = answered(found).headers
        now = _Known(etag=said.get("etag", ""), modified=said.get("last-modified", ""))
        delivery = Delivery(headers=said, query={}, body=found.body)
        return Page(cursor=msgspec.json.encode(now), delivery=delivery)
