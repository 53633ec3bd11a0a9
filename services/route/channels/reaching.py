"""How far does an alert reach? To what the deployment names, never to where clouds keep secrets."""

import httpx

from stream.pinned import PinnedTransport, Shared, once_each, pinned_client
from stream.reach import NAMED_BY_US

SECONDS = 5.0
"""Real seconds without a byte after which a connection is given up."""


def targets_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """A client for the targets of ``CHANNELS``; where a name leads is checked at every send."""
    return pinned_client(
        transport or PinnedTransport(once_each(), NAMED_BY_US, ask=Shared()),
        seconds=SECONDS,
        headers={"User-Agent": "otklik"},
    )
