"""What does notify measure? Verdicts as they are announced, and facts that SQL recomputes."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from schemas.states import ClockName, SlaState
from schemas.topics import SLA
from services.notify.domain.figures import Facts
from services.notify.domain.settle import Settled
from stream.flow import Outgoing, Publish

PAIRS = 60
"""At most so many (brand, team) pairs get series of their own (metrics.md 1)."""
OTHER = "other"
_RESPONSES = frozenset({ClockName.first_response, ClockName.next_response})
_TIMED = frozenset({SlaState.at_risk, SlaState.breached})
_RESPONSE_BUCKETS = (60, 300, 900, 1800, 3600, 7200, 21600, 43200, 86400, 172800, 604800)
_DELAY_BUCKETS = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)


class Pairs:
    """Which brand and team a series carries: the first sixty pairs, ``other`` for the rest."""

    def __init__(self) -> None:
        self._known: set[tuple[str, str]] = set()

    def __call__(self, brand: str, team: str) -> tuple[str, str]:
        """The two labels."""
        pair = (brand, team)
        if pair not in self._known and len(self._known) >= PAIRS:
            return (OTHER, OTHER)
        self._known.add(pair)
        return pair


class Metrics:
    """The rows of the catalogue that belong to notify and count what it saw."""

    def __init__(self, registry: CollectorRegistry, pairs: Pairs | None = None) -> None:
        self._pairs = pairs or Pairs()
        self.verdicts = Counter(
            "otklik_sla_verdicts",
            "Promises kept, broken or void, once per clock and cycle.",
            ["brand", "team", "priority", "clock", "verdict"],
            registry=registry,
        )
        self.corrections = Counter(
            "otklik_sla_corrections",
            "Announcements that a later-arriving fact reversed.",
            ["brand", "clock"],
            registry=registry,
        )
        self.response_seconds = Histogram(
            "otklik_response_seconds",
            "Time to a first or next answer; answered only.",
            ["brand", "team", "time"],
            buckets=_RESPONSE_BUCKETS,
            registry=registry,
        )
        self.event_delay = Histogram(
            "otklik_sla_event_delay_seconds",
            "From the instant of a threshold to its event acked, real time.",
            buckets=_DELAY_BUCKETS,
            registry=registry,
        )

    def count(self, settled: Settled) -> None:
        """Count what a step made of one case."""
        ticket = settled.case.ticket
        pair = self._pairs(ticket.brand, ticket.team)
        for event in settled.verdicts:
            labels = (*pair, event.priority_band.value, event.clock.value, event.state.value)
            self.verdicts.labels(*labels).inc()
        for event in settled.events:
            if event.state is SlaState.corrected:
                self.corrections.labels(pair[0], event.clock.value).inc()
        for clock in settled.newly_answered:
            if clock.name in _RESPONSES and clock.waited_since_posted and clock.elapsed is not None:
                wall, working = clock.waited_since_posted, clock.elapsed
                self.response_seconds.labels(*pair, "wall").observe(wall.total_seconds())
                self.response_seconds.labels(*pair, "working").observe(working.total_seconds())


class _Timed(msgspec.Struct, frozen=True):
    occurred_at: datetime
    state: SlaState
    discovered_late: bool = False


class TimedPublish:
    """Publishes, and measures how long after its instant a threshold's event was acked."""

    def __init__(
        self, publish: Publish, metrics: Metrics, real_age: Callable[[datetime], float]
    ) -> None:
        self._publish, self._metrics, self._real_age = publish, metrics, real_age

    async def __call__(self, outputs: Sequence[Outgoing]) -> Sequence[int]:
        """The offsets in order, once all are acked."""
        offsets = await self._publish(outputs)
        for out in outputs:
            if out.topic == SLA.name:
                event = msgspec.json.decode(out.value, type=_Timed)
                if event.state in _TIMED and not event.discovered_late:
                    self._metrics.event_delay.observe(max(0.0, self._real_age(event.occurred_at)))
        return offsets


class FactsCollector(Collector):
    """Gauges from SQL; not exported once older than two refreshes (metrics.md 1)."""

    def __init__(self, pairs: Pairs, real: Callable[[], datetime], refresh_seconds: float) -> None:
        self._pairs, self._real, self._refresh = pairs, real, refresh_seconds
        self._facts = Facts()
        self._at: datetime | None = None

    def put(self, facts: Facts) -> None:
        """Export these from now on."""
        self._facts, self._at = facts, self._real()

    def describe(self) -> Iterable[Metric]:
        """Nothing: there is nothing to export at start."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The gauges while they are fresh; the instant of the facts always."""
        if self._at is None:
            return
        at = GaugeMetricFamily("otklik_facts_timestamp_seconds", "Unix time of the facts from SQL.")
        at.add_metric([], self._at.timestamp())
        yield at
        if (self._real() - self._at).total_seconds() > 2 * self._refresh:
            return
        yield self._family(
            "otklik_open_tickets",
            "Tickets that are not closed, by age.",
            (["brand", "team", "priority", "age"], self._facts.open_tickets),
        )
        yield self._family(
            "otklik_open_clocks",
            "Running clocks, by what was announced of them.",
            (["brand", "team", "priority", "clock", "state"], self._facts.open_clocks),
        )

    def _family(
        self, name: str, what: str, rows: tuple[list[str], dict[tuple[str, ...], int]]
    ) -> Metric:
        family, sums = GaugeMetricFamily(name, what, labels=rows[0]), dict[tuple[str, ...], int]()
        for (brand, team, *rest), count in rows[1].items():
            labels = (*self._pairs(brand, team), *rest)
            sums[labels] = sums.get(labels, 0) + count
        for labels, count in sums.items():
            family.add_metric(labels, count)
        return family
