"""How are many series written out fast? What stands before a value is kept as text.

The library makes a sample of every series at every scrape, sorts its labels and escapes them: for
sixty brand-teams of notify half a second in which its loop does nothing else. Here a line is made
when its value changes. Only the loop's own thread counts and scrapes.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample
from prometheus_client.utils import floatToGoString

Labels = tuple[str, ...]
"""The values of a series' labels, in the order of their names."""
_number: Callable[[float], str] = lru_cache(maxsize=10_000)(floatToGoString)


class Family(Metric):
    """Series as the library knows them, made only where somebody asks; or as text."""

    def __init__(self, name: str, what: str, kind: str, source: "Source") -> None:
        self._source = source
        super().__init__(name, what, kind)

    @property
    def samples(self) -> list[Sample]:
        """A sample of every series."""
        return list(self._source.samples())

    @samples.setter
    def samples(self, _: list[Sample]) -> None:
        """The library begins with none: there is nothing to keep."""

    def text(self) -> str:
        """What ``generate_latest`` writes of it."""
        name = self.name + ("_total" if self.type == "counter" else "")
        what = self.documentation.replace("\\", r"\\").replace("\n", r"\n")
        lines = "".join(self._source.lines())
        return f"# HELP {name} {what}\n# TYPE {name} {self.type}\n{lines}"


class Source(Protocol):
    """Where a family's series come from."""

    def lines(self) -> Iterable[str]:
        """Each as a line of text."""
        ...

    def samples(self) -> Iterable[Sample]:
        """Each as the library has it."""
        ...


class Heads:
    """What stands before the value in the lines of one name, made once for each series."""

    def __init__(self, name: str, labels: Sequence[str]) -> None:
        self.name, self.labels = name, tuple(labels)
        self._sorted = sorted(range(len(self.labels)), key=self.labels.__getitem__)
        self._known: dict[Labels, str] = {}

    def __call__(self, values: Labels) -> str:
        """The head of the series with these labels."""
        known = self._known.get(values)
        if known is None:
            said = ",".join([_said(self.labels[place], values[place]) for place in self._sorted])
            known = self._known[values] = f"{self.name}{{{said}}} "
        return known

    def sample(self, values: Labels, value: float) -> Sample:
        """The series as the library has it."""
        return Sample(self.name, dict(zip(self.labels, values, strict=True)), value)


class Shown(Collector):
    """Gauges that are shown all at once, and again all at once."""

    def __init__(self, name: str, what: str, labels: Sequence[str]) -> None:
        self._name, self._what, self._heads = name, what, Heads(name, labels)
        self._values: Mapping[Labels, float] = {}
        self._said: Sequence[tuple[str, float]] = ()

    def show(self, values: Mapping[Labels, float]) -> None:
        """Have these series from now on, and no others."""
        self._values = values
        self._said = [(self._heads(of), value) for of, value in values.items()]

    def collect(self) -> Iterable[Metric]:
        """The one family."""
        yield Family(self._name, self._what, "gauge", self)

    def lines(self) -> Iterable[str]:
        """Each series as a line of text."""
        return [f"{head}{_number(value)}\n" for head, value in self._said]

    def samples(self) -> Iterable[Sample]:
        """Each series as the library has it."""
        return [self._heads.sample(of, value) for of, value in self._values.items()]


class Tally(Collector):
    """A counter of many series."""

    def __init__(
        self, name: str, what: str, labels: Sequence[str], *, registry: CollectorRegistry
    ) -> None:
        self._name, self._what, self._heads = name, what, Heads(f"{name}_total", labels)
        self._labelnames = self._heads.labels  # as the library calls them: the docs read it
        self._counted: dict[Labels, float] = {}
        self._lines: dict[Labels, str] = {}
        registry.register(self)

    def count(self, *labels: str) -> None:
        """One more."""
        counted = self._counted[labels] = self._counted.get(labels, 0.0) + 1
        self._lines[labels] = f"{self._heads(labels)}{_number(counted)}\n"

    def collect(self) -> Iterable[Metric]:
        """The one family."""
        yield Family(self._name, self._what, "counter", self)

    def lines(self) -> Iterable[str]:
        """Each series as a line of text."""
        return self._lines.values()

    def samples(self) -> Iterable[Sample]:
        """Each series as the library has it."""
        return [self._heads.sample(of, value) for of, value in self._counted.items()]


class Durations(Collector):
    """A histogram of many series, in seconds."""

    def __init__(
        self,
        name: str,
        what: str,
        labels: Sequence[str],
        *,
        buckets: Sequence[float],
        registry: CollectorRegistry,
    ) -> None:
        self._name, self._what, self._bounds = name, what, tuple(buckets)
        self._les = [_number(bound) for bound in (*buckets, float("inf"))]
        self._labelnames = tuple(labels)  # as the library calls them: the docs read it
        self._buckets = Heads(f"{name}_bucket", (*labels, "le"))
        self._whole = (Heads(f"{name}_count", labels), Heads(f"{name}_sum", labels))
        self._counts: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}
        self._lines: dict[Labels, str] = {}
        registry.register(self)

    def observe(self, *labels: str, seconds: float) -> None:
        """One more that took so long."""
        if labels not in self._counts:
            self._counts[labels], self._sums[labels] = [0] * len(self._les), 0.0
        self._counts[labels][bisect_left(self._bounds, seconds)] += 1
        self._sums[labels] += seconds
        self._lines.pop(labels, None)

    def collect(self) -> Iterable[Metric]:
        """The one family."""
        yield Family(self._name, self._what, "histogram", self)

    def lines(self) -> Iterable[str]:
        """The lines of each label set; those of one that has changed are made anew."""
        for labels in self._counts:
            if labels not in self._lines:
                made = (f"{heads(of)}{_number(value)}\n" for heads, of, value in self._rows(labels))
                self._lines[labels] = "".join(made)
            yield self._lines[labels]

    def samples(self) -> Iterable[Sample]:
        """Each series as the library has it."""
        for labels in self._counts:
            yield from (heads.sample(of, value) for heads, of, value in self._rows(labels))

    def _rows(self, labels: Labels) -> Iterator[tuple[Heads, Labels, float]]:
        counts = self._counts[labels]
        for le, count in zip(self._les, accumulate(counts), strict=True):
            yield self._buckets, (*labels, le), count
        for heads, whole in zip(self._whole, (sum(counts), self._sums[labels]), strict=True):
            yield heads, labels, whole


class _Only(Collector):
    def __init__(self, family: Metric) -> None:
        self._family = family

    def collect(self) -> Iterable[Metric]:
        """The one family."""
        yield self._family


def exposition(registry: CollectorRegistry) -> bytes:
    """What ``generate_latest`` writes of a registry."""
    return b"".join(
        family.text().encode() if isinstance(family, Family) else generate_latest(_Only(family))
        for family in registry.collect()
    )


@lru_cache(maxsize=10_000)
def _said(label: str, value: str) -> str:
    escaped = value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
    return f'{label}="{escaped}"'
