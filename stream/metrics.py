"""What does every service measure? The rows of the catalogue that all four share."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)

disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it untyped


class StreamMetrics:
    """Counters and gauges of one process, bound to its service name."""

    def __init__(self, registry: CollectorRegistry, service: str, version: str) -> None:
        self.service = service
        self._build_info = Gauge(
            "otklik_build_info",
            "Which build runs; always 1.",
            ["service", "version"],
            registry=registry,
        )
        self._build_info.labels(service, version).set(1)
        self.records = Counter(
            "otklik_records",
            "Records read (in) and acked by the broker (out).",
            ["service", "topic", "direction"],
            registry=registry,
        )
        self.unknown_types = Counter(
            "otklik_unknown_types",
            "Records skipped because their type is newer than this build.",
            ["service", "topic"],
            registry=registry,
        )
        self.dead_letters = Counter(
            "otklik_dead_letters",
            "Records kept aside, by reason.",
            ["service", "topic", "reason"],
            registry=registry,
        )
        self.batch_seconds = Histogram(
            "otklik_batch_seconds",
            "From the start of a batch to its outputs acked.",
            ["service"],
            buckets=SECONDS,
            registry=registry,
        )
        self.stage_age_seconds = Histogram(
            "otklik_stage_age_seconds",
            "From a record's arrival on the broker to its outputs acked.",
            ["service"],
            buckets=SECONDS,
            registry=registry,
        )
        self.lag_records = Gauge(
            "otklik_lag_records",
            "Records on the broker that are not processed yet.",
            ["service", "topic"],
            registry=registry,
        )
        self.progress = Gauge(
            "otklik_progress_timestamp_seconds",
            "Unix time of the last commit, or of the last empty poll without lag.",
            ["service"],
            registry=registry,
        )
        self.rebalances = Counter(
            "otklik_rebalances",
            "Assignments received from the group.",
            ["service"],
            registry=registry,
        )
        self.flow_stopped = Gauge(
            "otklik_flow_stopped",
            "Partitions that stand still, by reason.",
            ["service", "reason"],
            registry=registry,
        )
        self.dependency_retries = Counter(
            "otklik_dependency_retries",
            "Batches tried again because a dependency failed.",
            ["service"],
            registry=registry,
        )
        self.outbox_pending = Gauge(
            "otklik_outbox_pending",
            "Outgoing events stored and not acked yet.",
            ["service"],
            registry=registry,
        )
        for reason in ("bug", "flood"):
            self.flow_stopped.labels(service, reason).set(0)
