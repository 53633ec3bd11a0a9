"""What does route measure? Decisions, tickets, alerts and their delivery."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry

from schemas.languages import told_apart
from schemas.states import Axis
from stream.metrics import Declare


class Metrics:
    """The rows of the catalogue that belong to route."""

    def __init__(self, registry: CollectorRegistry) -> None:
        make = Declare(registry)
        self.decisions = make.counter(
            "decisions", "Decisions taken, one per post revision.", "brand", "disposition", "mode"
        )
        self.drill_decisions = make.counter(
            "drill_decisions", "Posts of drills decided on; no other metric has them."
        )
        self.tickets_opened = make.counter(
            "tickets_opened", "Episodes opened.", "brand", "team", "priority"
        )
        self.commands = make.counter(
            "commands", "Commands of people, by outcome.", "command", "outcome"
        )
        self.corrections = make.counter(
            "corrections",
            "Judgements that a person put right, by axis and language.",
            *("brand", "axis", "lang"),
        )
        self.duty_gap_hours = make.gauge(
            "duty_gap_hours",
            "Hours of the coming week in which a team that must receive has nobody.",
            "team",
        )
        self._of_alerts(make)

    def _of_alerts(self, make: Declare) -> None:
        self.alerts = make.counter("alerts", "Alerts delivered.", "kind", "channel", "outcome")
        self.alert_attempts = make.counter(
            "alert_attempts", "Attempts to deliver an alert.", "channel", "outcome"
        )
        self.alert_delivery_seconds = make.histogram(
            "alert_delivery_seconds", "From stored to accepted, real time.", "channel", "kind"
        )
        self.alert_oldest_pending_seconds = make.gauge(
            "alert_oldest_pending_seconds", "Age of the oldest alert not yet delivered.", "channel"
        )
        self.alert_breaker_open = make.gauge(
            "alert_breaker_open",
            "1 while a channel is left alone because it fails, until it takes an alert.",
            "channel",
        )
        self.alerts_held = make.gauge(
            "alerts_held", "1 while alerts are held back by the one switch for all."
        )

    def corrected(self, brand: str, lang: str, axes: Iterable[Axis]) -> None:
        """A person judged a case otherwise; languages that nobody is trained for are one."""
        for axis in axes:
            self.corrections.labels(brand, axis.value, told_apart(lang)).inc()
