"""What do other people say? How hot a topic is, the mood of a thread, who else wrote the same.

One post cannot know it; it is counted in route's store by event time, and read at a decision.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import sqrt

import msgspec

from schemas.vocabulary import CaseTopic
from worktime.walls import to_micros

BUCKET = timedelta(minutes=5)
"""Posts are counted in buckets of this length by posted_at (design 6)."""
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
LATE = timedelta(hours=24)
"""A post that comes later than this after it was written is counted in no window any more."""
SAME_WITHIN = timedelta(hours=24)
"""How long others may take to write the same before it looks ordered (R25)."""
_SAME = SAME_WITHIN // timedelta.resolution
SAME_BITS = 16
"""In how many of 64 bits two fingerprints of near copies may differ."""
BANDS, BAND_BITS = 7, 9
"""Only texts that share a band are compared: by chance one in seventy does."""
SHORTEST = 60
"""Characters: what is shorter, many people write in the same words by themselves."""

Matter = tuple[str, CaseTopic, str]
"""A brand, a topic, and a language."""


class Spikes(msgspec.Struct, frozen=True, kw_only=True):
    """When an hour is far more than usual: mean + k deviations, and at least so many (R39)."""

    k: float = 3.0
    minimum: int = 10


SPIKES = Spikes()
"""The rule in force: what is counted and what is looked up go by the same one."""


class Usual(msgspec.Struct, frozen=True, kw_only=True):
    """The hours of the week before: how many lie in it, their sum, and the sum of their squares.

    ``since`` is when the first of all posts on the matter was written.
    """

    total: int
    squares: int
    since: datetime
    hours: int = int(WEEK / HOUR)

    def is_exceeded(self, count: int, rule: Spikes) -> bool:
        """Is an hour's count a spike?"""
        mean = self.total / self.hours
        deviation = sqrt(max(0.0, self.squares / self.hours - mean * mean))
        return count >= rule.minimum and count > mean + rule.k * deviation


class Mood(msgspec.Struct, frozen=True, kw_only=True):
    """What customers said in a conversation so far; one partition counts it."""

    posts: int = 0
    negative: int = 0


class WantedContext(msgspec.Struct, frozen=True, kw_only=True):
    """What to look up for a step; ``copies`` are fingerprints by brand."""

    topics: frozenset[tuple[str, CaseTopic]] = frozenset()
    conversations: frozenset[tuple[str, str]] = frozenset()
    copies: frozenset[tuple[str, str]] = frozenset()
    since: datetime
    until: datetime


@dataclass(slots=True)
class Context:
    """What one step touches of it; the changed parts are what the store writes.

    ``copies`` says by brand and fingerprint who wrote it, and when, in microseconds.
    """

    windows: dict[Matter, dict[datetime, int]] = field(default_factory=dict)
    usual: dict[Matter, Usual] = field(default_factory=dict)
    moods: dict[tuple[str, str], Mood] = field(default_factory=dict)
    copies: dict[str, dict[int, dict[str, int]]] = field(default_factory=dict)
    counted: dict[tuple[Matter, datetime, int], int] = field(default_factory=dict)
    changed_moods: dict[tuple[str, str], Mood] = field(default_factory=dict)
    new_copies: dict[tuple[str, str, str], datetime] = field(default_factory=dict)

    def count(self, matter: Matter, at: datetime, *, partition: int) -> None:
        """Count a post on a matter."""
        start, window = bucket_of(at), self.windows.setdefault(matter, {})
        window[start] = window.get(start, 0) + 1
        bucket = (matter, start, partition)
        self.counted[bucket] = self.counted.get(bucket, 0) + 1

    def topic_count(self, brand: str, topic: CaseTopic, at: datetime, window: timedelta) -> int:
        """How many posts on a topic, in any language, lie within the window up to then."""
        return sum(
            _within(buckets, at, window)
            for (of, what, _), buckets in self.windows.items()
            if what is topic and of == brand
        )

    def has_history(self, matter: Matter, at: datetime) -> bool:
        """Is there a week to compare with?"""
        usual = self.usual.get(matter)
        return usual is not None and at - usual.since >= WEEK + HOUR

    def spikes(self, matter: Matter, at: datetime, rule: Spikes) -> bool:
        """Is the hour up to then far more than the week before it?"""
        if not self.has_history(matter, at):
            return False
        count = _within(self.windows.get(matter, {}), at, HOUR)
        return self.usual[matter].is_exceeded(count, rule)

    def feel(self, conversation: tuple[str, str], *, negative: bool) -> None:
        """Note one more customer's post in a conversation."""
        known = self.moods.get(conversation, Mood())
        mood = Mood(posts=known.posts + 1, negative=known.negative + negative)
        self.moods[conversation] = self.changed_moods[conversation] = mood

    def others(self, brand: str, fingerprint: str, customer: str, at: datetime) -> int:
        """How many other customers wrote nearly the same in the day before or after."""
        bits, instant, known = int(fingerprint, 16), to_micros(at), self.copies.get(brand, {})
        near = [known[other] for other in known if (other ^ bits).bit_count() <= SAME_BITS]
        same = {who for by in near for who, when in by.items() if abs(when - instant) <= _SAME}
        return len(same - {customer})

    def copy(self, brand: str, fingerprint: str, customer: str, at: datetime) -> None:
        """Note what a customer writes, by its fingerprint."""
        self.known_copy(brand, fingerprint, customer, to_micros(at))
        self.new_copies[brand, fingerprint, customer] = at

    def known_copy(self, brand: str, fingerprint: str, customer: str, micros: int) -> None:
        """What a customer wrote before; they are many, so their instants stay as they are kept."""
        self.copies.setdefault(brand, {}).setdefault(int(fingerprint, 16), {})[customer] = micros


def bucket_of(at: datetime) -> datetime:
    """The start of the five minutes that an instant lies in."""
    return at - (at - datetime.min.replace(tzinfo=at.tzinfo)) % BUCKET


def bands_of(fingerprint: str) -> tuple[int, ...]:
    """Parts of a fingerprint: of near copies with ten bits changed four in five share one."""
    bits = int(fingerprint, 16)
    return tuple(bits >> BAND_BITS * n & ((1 << BAND_BITS) - 1) for n in range(BANDS))


def _within(buckets: Mapping[datetime, int], at: datetime, window: timedelta) -> int:
    since = at - window
    return sum(count for start, count in buckets.items() if since < start <= at)
