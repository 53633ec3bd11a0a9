"""Which sources are there? The one table from a source's name to the module that speaks it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from schemas.dead_letters import Reason
from schemas.posts import SocialPost
from services.ingest.domain.receipt import Answer, Delivery, Ignored, Keys, Native, Refused, Seen
from services.ingest.platforms import (
    appstore,
    bluesky,
    bulk,
    generic,
    gplay,
    kafka,
    mastodon,
    meta,
    ok,
    reddit,
    rss,
    telegram,
    viber,
    vk,
    x,
    youtube,
)


class Platform(Protocol):
    """The four pure functions of a platform, and what it wants to hear; none of them raises."""

    @property
    def taken(self) -> Answer | None:
        """The answer to a delivery that is kept, where the platform insists on one of its own."""
        ...

    def verify(self, delivery: Delivery, keys: Keys, now: datetime) -> bool:
        """Is the request authentic, at this real time?"""
        ...

    def handshake(self, delivery: Delivery, keys: Keys) -> Answer | None:
        """The answer to a platform's first question; None where this delivery asks none."""
        ...

    def split(self, delivery: Delivery) -> tuple[Native, ...]:
        """The events in a delivery."""
        ...

    def normalize(self, native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
        """The post that an event tells of."""
        ...


def read(platform: Platform, native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The post that an event tells of, where it was sent for this account.

    An account without ``own_ids`` is not compared: it knows none of the platform's ids.
    """
    own = seen.account.own_ids
    if native.refused:
        return native.refused
    if native.account and own and native.account not in own:
        return OTHER_ACCOUNT
    return platform.normalize(native, seen)


LARGE_BODIES: Mapping[str, int] = {"meta": 4_194_304}
"""The largest body of a source that sends more than is usual: up to 1,000 changes (P8)."""

OTHER_ACCOUNT = Refused(
    reason=Reason.unknown_account, detail="expected one of the account's own ids, got another"
)
PLATFORMS: Mapping[str, Platform] = {
    "generic": generic,
    "bulk": bulk,
    "meta": meta,
    "ok": ok,
    "viber": viber,
    "vk": vk,
    "x": x,
    "telegram": telegram,
    "appstore": appstore,
    "gplay": gplay,
    "rss": rss,
    "kafka": kafka,
    "youtube": youtube,
    "reddit": reddit,
    "mastodon": mastodon,
    "bluesky": bluesky,
}
