"""What does ingest measure? Requests by outcome, posts, and when each source was last heard."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry

from schemas.posts import SocialPost
from schemas.vocabulary import Op
from services.ingest.domain.brands import Account
from stream.metrics import Declare

OUTCOMES = ("accepted", "duplicate", "handshake", "auth", "invalid", "throttled", "unavailable")
_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_DELAY_SECONDS = (1, 5, 15, 60, 300, 900, 3600, 21_600, 86_400)


class Metrics:
    """The rows of the catalogue that belong to ingest; an unknown source counts as ``other``."""

    def __init__(self, registry: CollectorRegistry) -> None:
        declare, place = Declare(registry), ("brand", "source")
        self.requests = declare.counter(
            "requests", "Requests answered, by outcome.", "source", "outcome"
        )
        self.request_seconds = declare.histogram(
            "request_seconds",
            "From a request's head to its answer, real time.",
            "source",
            buckets=_REQUEST_SECONDS,
        )
        self.posts = declare.counter("posts", "Posts acked by the broker.", "brand", "source", "op")
        self.drill_posts = declare.counter(
            "drill_posts", "Posts of drills; no other metric has them."
        )
        self.source_last_event = declare.gauge(
            "source_last_event_timestamp_seconds",
            "Unix time at which a source was last heard, real time.",
            *place,
        )
        self.source_expected_interval = declare.gauge(
            "source_expected_interval_seconds",
            "How long a source may be silent before somebody should look (brands.yaml).",
            *place,
        )
        self.source_cursor = declare.gauge(
            "source_cursor_timestamp_seconds",
            "Unix time at which a polled source was last read to its end or a page on, real time.",
            *place,
        )
        self.spool_bytes = declare.gauge(
            "spool_bytes", "Bytes on disk that the broker has not acked yet.", "source"
        )
        self.source_delay_seconds = declare.histogram(
            "source_delay_seconds",
            "From posted to received, business time; backfill left out.",
            "source",
            buckets=_DELAY_SECONDS,
        )

    def start(self, accounts: Iterable[Account]) -> None:
        """Make every known series of these accounts exist."""
        for account in accounts:
            self.posts.labels(account.brand, account.source, Op.created)
            for outcome in OUTCOMES:
                self.requests.labels(account.source, outcome)
            if account.expected_interval:
                expected = self.source_expected_interval.labels(account.brand, account.source)
                expected.set(account.expected_interval)

    def heard(self, brand: str, source: str, real_at: datetime) -> None:
        """A source was heard then, real time."""
        self.source_last_event.labels(brand, source).set(real_at.timestamp())

    def waiting(self, sizes: Mapping[str, int]) -> None:
        """How many bytes of each source wait in its spools."""
        for source, size in sizes.items():
            self.spool_bytes.labels(source).set(size)

    def moved(self, brand: str, source: str, real_at: datetime) -> None:
        """A cursor moved on, or there was nothing new behind it."""
        self.source_cursor.labels(brand, source).set(real_at.timestamp())

    def kept(self, post: SocialPost, real_at: datetime) -> None:
        """A post was acked; ``real_at`` is when it came, real time."""
        self.posts.labels(post.brand, post.source, post.op).inc()
        self.heard(post.brand, post.source, real_at)
        if post.posted_at and post.op is Op.created and not post.backfill:
            delay = (post.received_at - post.posted_at).total_seconds()
            self.source_delay_seconds.labels(post.source).observe(max(0.0, delay))
