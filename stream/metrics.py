"""What does every service measure? The rows of the catalogue that all four share."""

from collections.abc import Callable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)

disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it untyped


class Declare:
    """Declares metrics of one registry, one line each; names get the prefix ``otklik_``."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def counter(self, name: str, what: str, *labels: str) -> Counter:
        """Something that only grows; the exposition adds ``_total``."""
        return Counter(f"otklik_{name}", what, labels, registry=self._registry)

    def gauge(self, name: str, what: str, *labels: str) -> Gauge:
        """Something that goes up and down."""
        return Gauge(f"otklik_{name}", what, labels, registry=self._registry)

    def histogram(
        self, name: str, what: str, *labels: str, buckets: tuple[float, ...] = SECONDS
    ) -> Histogram:
        """Something that is spread over buckets, in seconds."""
        return Histogram(f"otklik_{name}", what, labels, buckets=buckets, registry=self._registry)


class StreamMetrics:
    """Counters and gauges of one process, bound to its service name.

    ``real`` tells real time; a process that has none watches no canary.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        service: str,
        version: str,
        real: Callable[[], datetime] | None = None,
    ) -> None:
        self.service, self._real, make = service, real, Declare(registry)
        topic = ("service", "topic")
        build = make.gauge("build_info", "Which build runs; always 1.", "service", "version")
        build.labels(service, version).set(1)
        self.records = make.counter(
            "records", "Records read (in) and acked by the broker (out).", *topic, "direction"
        )
        self.unknown_types = make.counter(
            "unknown_types", "Records skipped because their type is newer than this build.", *topic
        )
        self.dead_letters = make.counter(
            "dead_letters", "Records kept aside, by reason.", *topic, "reason"
        )
        self.batch_seconds = make.histogram(
            "batch_seconds", "From the start of a batch to its outputs acked.", "service"
        )
        self.stage_age_seconds = make.histogram(
            "stage_age_seconds", "From a record's arrival to its outputs acked.", "service"
        )
        self.lag_records = make.gauge("lag_records", "Records that are not processed yet.", *topic)
        self.progress = make.gauge(
            "progress_timestamp_seconds", "Last commit, or empty poll without lag.", "service"
        )
        self.rebalances = make.counter("rebalances", "Assignments from the group.", "service")
        self.flow_stopped = make.gauge(
            "flow_stopped", "Partitions that stand still, by reason.", "service", "reason"
        )
        self.canary = make.gauge(
            "canary_timestamp_seconds",
            "Unix time at which the canary last passed a hop, real time.",
            "hop",
        )
        self._of_dependencies(make)
        for reason in ("bug", "flood"):
            self.flow_stopped.labels(service, reason).set(0)

    def passed(self, hop: str) -> None:
        """A canary is through a hop just now; before the first one nothing is said of it."""
        if self._real:
            self.canary.labels(hop).set(self._real().timestamp())

    def _of_dependencies(self, make: Declare) -> None:
        self.dependency_retries = make.counter(
            "dependency_retries", "Batches tried again because a dependency failed.", "service"
        )
        self.outbox_pending = make.gauge(
            "outbox_pending", "Outgoing events stored and not acked yet.", "service"
        )
        self.store_seconds = make.histogram(
            "store_seconds", "A step's transaction in the database.", "service", "operation"
        )
        self.lag_seconds = make.gauge(
            "lag_seconds", "Age of the last record while others wait.", "service", "topic"
        )
        self.config_ok = make.gauge(
            "config_ok", "1 while the newest file is the one that runs.", "service", "file"
        )
