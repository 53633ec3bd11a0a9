"""What does notify measure? Verdicts as they are announced, and facts that SQL recomputes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import add
from typing import NamedTuple

import msgspec
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from schemas.states import ClockName, SlaState
from schemas.topics import SLA
from services.notify.domain.figures import TARGET, Facts
from services.notify.domain.settle import Settled
from stream.flow import Outgoing, Publish
from stream.series import Durations, Shown, Tally

PAIRS = 60
"""At most so many (brand, team) pairs get series of their own (metrics.md 1)."""
OTHER = "other"
_RESPONSES = frozenset({ClockName.first_response, ClockName.next_response})
_TIMED = frozenset({SlaState.at_risk, SlaState.breached})
_RESPONSE_BUCKETS = (60, 300, 900, 1800, 3600, 7200, 21600, 43200, 86400, 172800, 604800)
_DELAY_BUCKETS = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)


INSTANT = ("otklik_facts_timestamp_seconds", "Unix time of the facts from SQL.")


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
        self.verdicts = Tally(
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
        self.response_seconds = Durations(
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

        self.goal = Gauge(
            "otklik_attainment_goal_ratio",
            "The share that is to be in time, by clock and bound.",
            ["clock", "bound"],
            registry=registry,
        )

    def promise(self, goals: Mapping[str, float], bounds: Mapping[str, float]) -> None:
        """Export the goals, percentages: of each clock's own target, and of the public bounds."""
        for clock, percent in goals.items():
            self.goal.labels(clock, TARGET).set(percent / 100)
        for bound, percent in bounds.items():
            self.goal.labels(ClockName.first_response.value, bound).set(percent / 100)

    def count(self, settled: Settled) -> None:
        """Count what a step made of one case."""
        ticket = settled.case.ticket
        pair = self._pairs(ticket.brand, ticket.team)
        for event in settled.verdicts:
            labels = (*pair, event.priority_band.value, event.clock.value, event.state.value)
            self.verdicts.count(*labels)
        for event in settled.events:
            if event.state is SlaState.corrected:
                self.corrections.labels(pair[0], event.clock.value).inc()
        for clock in settled.newly_answered:
            if clock.name in _RESPONSES and clock.waited_since_posted and clock.elapsed is not None:
                wall, working = clock.waited_since_posted, clock.elapsed
                self.response_seconds.observe(*pair, "wall", seconds=wall.total_seconds())
                self.response_seconds.observe(*pair, "working", seconds=working.total_seconds())


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


class Family(NamedTuple):
    """A gauge from SQL: its name, what it says, its labels, and how pairs beyond sixty add up."""

    name: str
    what: str
    labels: tuple[str, ...]
    rows: Callable[[Facts], Mapping[tuple[str, ...], float]]
    together: Callable[[float, float], float] = add


FAMILIES = (
    Family(
        "otklik_open_tickets",
        "Tickets that are not closed, by age.",
        ("brand", "team", "priority", "age"),
        lambda facts: facts.open_tickets,
    ),
    Family(
        "otklik_open_clocks",
        "Running clocks, by what was announced of them.",
        ("brand", "team", "priority", "clock", "state"),
        lambda facts: facts.open_clocks,
    ),
    Family(
        "otklik_attainment_tickets",
        "Answers within a bound, and all that were answered or wait for longer than it.",
        ("brand", "team", "clock", "bound", "period", "at", "part"),
        lambda facts: facts.attainment,
    ),
    Family(
        "otklik_oldest_unanswered_ratio",
        "How much of its target the oldest unanswered case has used; 1 is due.",
        ("brand", "team", "priority"),
        lambda facts: facts.oldest,
        max,
    ),
)


class FactsCollector(Collector):
    """Gauges from SQL; not exported once older than two refreshes (metrics.md 1)."""

    def __init__(self, pairs: Pairs, real: Callable[[], datetime], refresh_seconds: float) -> None:
        self._pairs, self._real, self._refresh = pairs, real, refresh_seconds
        self._series = {
            family: Shown(family.name, family.what, family.labels) for family in FAMILIES
        }
        self._at: datetime | None = None

    def put(self, facts: Facts) -> None:
        """Export these from now on."""
        for family, series in self._series.items():
            series.show(self._summed(family, facts))
        self._at = self._real()

    def describe(self) -> Iterable[Metric]:
        """Nothing: there is nothing to export at start."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The gauges while they are fresh; the instant of the facts always."""
        if self._at is None:
            return
        at = GaugeMetricFamily(*INSTANT)
        at.add_metric([], self._at.timestamp())
        yield at
        if (self._real() - self._at).total_seconds() <= 2 * self._refresh:
            for series in self._series.values():
                yield from series.collect()

    def _summed(self, family: Family, facts: Facts) -> Mapping[tuple[str, ...], float]:
        sums = dict[tuple[str, ...], float]()
        for (brand, team, *rest), value in family.rows(facts).items():
            labels = (*self._pairs(brand, team), *rest)
            sums[labels] = family.together(sums[labels], value) if labels in sums else value
        return sums
