"""What does route measure? Decisions, tickets, alerts and their delivery."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from schemas.vocabulary import Disposition, RuleMode

_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """The rows of the catalogue that belong to route."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.decisions = Counter(
            "otklik_decisions",
            "Decisions taken, one per post revision.",
            ["brand", "disposition", "mode"],
            registry=registry,
        )
        self.tickets_opened = Counter(
            "otklik_tickets_opened",
            "Episodes opened.",
            ["brand", "team", "priority"],
            registry=registry,
        )
        self.commands = Counter(
            "otklik_commands",
            "Commands of people, by outcome.",
            ["command", "outcome"],
            registry=registry,
        )
        self.alerts = Counter(
            "otklik_alerts",
            "Alerts whose delivery ended, by outcome.",
            ["kind", "channel", "outcome"],
            registry=registry,
        )
        self.alert_attempts = Counter(
            "otklik_alert_attempts",
            "Attempts to deliver an alert.",
            ["channel", "outcome"],
            registry=registry,
        )
        self.alert_delivery_seconds = Histogram(
            "otklik_alert_delivery_seconds",
            "From the intent stored to accepted by the channel, real time.",
            ["channel", "kind"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.alert_oldest_pending_seconds = Gauge(
            "otklik_alert_oldest_pending_seconds",
            "Age of the oldest alert that is not delivered yet, real time.",
            ["channel"],
            registry=registry,
        )

    def start(self, brands: tuple[str, ...]) -> None:
        """Make every known series exist, so that a first increase is seen."""
        for brand in brands:
            for disposition in Disposition:
                self.decisions.labels(brand, disposition, RuleMode.active)
