"""In which order is what route does with alerts measured? Round by round, as all the rest."""

from collections.abc import Iterator

from bench.calling import CALLING, calling
from bench.chain import Load
from bench.open_alerts import Stock
from bench.rounds import Ground, Sample, Sizes
from bench.turning import stocked, turned
from stream.topic_admin import Cluster

SECONDS = 21
"""Turns of a round, one a second; the first of them warms up."""


def call_rounds(ground: Ground, sizes: Sizes) -> Iterator[Sample]:
    """The whole chain up to a channel, each time an empty installation; latency in ms."""
    for number in range(sizes.rounds):
        name = f"calls{number}"
        cluster = Cluster(bootstrap=ground.bootstrap, prefix=name, partitions=sizes.partitions)
        load = Load(
            name=name, posts=sizes.posts, per_second=sizes.calls_per_second, calling=CALLING
        )
        found = calling(cluster, ground.database(name), ground.folder / name, load)
        yield "call p50", found.p50_ms
        yield "call p99", found.p99_ms
        yield "calls", found.calls
        yield "calls sent per second", found.sent_per_second
        yield "calls route cpu", found.route_cpu_us


def turn_rounds(ground: Ground, sizes: Sizes) -> Iterator[Sample]:
    """Turns over few and over many open alerts, in turns; rows read and CPU in us a turn."""
    urls = {groups: ground.database(f"turns_{groups}") for groups in sizes.groups}
    for groups, url in urls.items():
        stocked(url, Stock(groups=groups, due_at_once=sizes.groups_due))
    for number in range(sizes.rounds):
        seconds = range(number * SECONDS, (number + 1) * SECONDS)
        for groups, url in urls.items():
            found, name = turned(url, seconds), f"turn {groups:,} groups"
            yield f"{name} due", found.due
            yield f"{name} entries per due", found.entries / found.due
            yield f"{name} rows per due", found.rows / found.due
            yield f"{name} cpu", found.cpu_us
