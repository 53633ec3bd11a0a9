"""What is written fast is, byte for byte, what the library writes.

The inputs that break the easy version: label values with quotes, line ends and backslashes; labels
whose names are not in the order of the alphabet, before and after ``le``; a value on the very bound
of a bucket; numbers that Go writes otherwise than Python; series that are gone; a scrape between
two counts of the same series.
"""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as some
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from stream.metrics import StreamMetrics
from stream.series import Durations, Shown, Tally, exposition

Key = tuple[str, ...]
LABELS = ("brand", "team", "at")
BUCKETS = (0.5, 1, 60, 10_000_000)
NAMES = some.text(some.sampled_from('aЖ"\\\n,={}'), max_size=3)
KEYS = some.tuples(NAMES, NAMES, NAMES)
NUMBERS = some.one_of(
    some.integers(0, 10**17).map(float),
    some.floats(min_value=1e-9, max_value=1e20),
    some.sampled_from([0.0, 0.5, 1.0, 60.0, 1e7, float("inf")]),
)


class Both:
    """The same families, ours and the library's."""

    def __init__(self) -> None:
        self.ours, self.librarys = CollectorRegistry(), CollectorRegistry()
        self.tally = Tally("a_seen", "Ours\\\n.", LABELS, registry=self.ours)
        self.counter = Counter("a_seen", "Ours\\\n.", LABELS, registry=self.librarys)
        self.durations = Durations("b", "Took.", LABELS, buckets=BUCKETS, registry=self.ours)
        self.histogram = Histogram("b", "Took.", LABELS, buckets=BUCKETS, registry=self.librarys)
        self.shown = Shown("c", "Now.", LABELS)
        self.gauge = Gauge("c", "Now.", LABELS, registry=self.librarys)
        self.ours.register(self.shown)
        for registry in (self.ours, self.librarys):
            StreamMetrics(registry, "service", "version")

    def happen(self, key: Key, number: float) -> None:
        """Count, observe and show it."""
        self.tally.count(*key)
        self.counter.labels(*key).inc()
        self.durations.observe(*key, seconds=number)
        self.histogram.labels(*key).observe(number)

    def show(self, values: dict[Key, float]) -> None:
        """These and no others."""
        self.gauge.clear()
        self.shown.show(dict(values))
        for key, value in values.items():
            self.gauge.labels(*key).set(value)


@given(
    some.lists(some.tuples(KEYS, NUMBERS), max_size=8),
    some.lists(some.dictionaries(KEYS, NUMBERS, max_size=4), min_size=1, max_size=3),
)
def test_a_scrape_is_what_the_library_writes(
    happened: Sequence[tuple[Key, float]],
    shown: Sequence[dict[Key, float]],
) -> None:
    both = Both()

    for values in shown:
        both.show(values)
        for key, number in happened:
            both.happen(key, number)

        written = exposition(both.ours)

        assert written == generate_latest(both.librarys)
        assert written == generate_latest(both.ours), "the library can still be asked for samples"


def test_a_series_can_be_asked_for_by_name() -> None:
    both = Both()
    both.happen(("acme", "care", "night"), 30)
    labels = {"brand": "acme", "team": "care", "at": "night"}

    assert both.ours.get_sample_value("a_seen_total", labels) == 1
    assert both.ours.get_sample_value("b_bucket", {**labels, "le": "60.0"}) == 1
    assert both.ours.get_sample_value("b_sum", labels) == 30
