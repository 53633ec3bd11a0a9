"""What is polled, and how often? The ``poll`` of an account, by its source; all of it typed."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, ClassVar

import msgspec

Minutes = Annotated[int, msgspec.Meta(ge=1, le=10_080)]


class FeedPoll(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An RSS or Atom feed on the public web."""

    url: Annotated[str, msgspec.Meta(pattern=r"\Ahttps?://[^\s@]+\Z", max_length=2000)]
    every_minutes: Minutes = 15
    needs_secret: ClassVar[bool] = False

    @property
    def target(self) -> str:
        """What a cursor is valid for."""
        return self.url


class AppStorePoll(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reviews of an app by its number in the App Store."""

    app: Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,20}\Z")]
    every_minutes: Minutes = 15
    needs_secret: ClassVar[bool] = True

    @property
    def target(self) -> str:
        """What a cursor is valid for."""
        return self.app


class PlayPoll(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reviews of an app by its package in Google Play."""

    package: Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z][\w.]*\Z", max_length=200)]
    every_minutes: Minutes = 15
    needs_secret: ClassVar[bool] = True

    @property
    def target(self) -> str:
        """What a cursor is valid for."""
        return self.package


class TopicPoll(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Kafka topic of raw posts, by its full name; without a bootstrap on our own broker."""

    topic: Annotated[str, msgspec.Meta(pattern=r"\A[\w.-]{1,249}\Z")]
    group: Annotated[str, msgspec.Meta(pattern=r"\A[\w.-]{1,249}\Z")]
    bootstrap: str = ""
    needs_secret: ClassVar[bool] = False


Poll = FeedPoll | AppStorePoll | PlayPoll
"""What is asked at its pace, behind a cursor of ours; a topic keeps its own."""

POLLS: Mapping[str, type[Poll | TopicPoll]] = {
    "rss": FeedPoll,
    "appstore": AppStorePoll,
    "gplay": PlayPoll,
    "kafka": TopicPoll,
}
"""The sources that nothing is sent by: each of their accounts says what to poll."""

BACK_OFF = timedelta(seconds=15)
"""How long a source is left alone after its first failure; each further one doubles it."""

LONGEST = timedelta(days=1)


def wait_after(failures: int, every: timedelta, asked: float) -> timedelta:
    """How long a source is left alone that failed so often in a row, or that asked for patience."""
    doublings = min(failures - 1, 20)
    wait = min(BACK_OFF * float(2**doublings), max(every, BACK_OFF))
    return max(wait, min(timedelta(seconds=asked), LONGEST))
