"""In which order is what notify does with time measured? Round by round, as all the rest."""

from collections.abc import Iterator
from statistics import median

from bench.due import due_us, elapsed_us, first_due_us, plain_due_us
from bench.open_clocks import Stock
from bench.past_clocks import Past
from bench.refreshing import refreshed
from bench.refreshing import stocked as fill_past
from bench.rounds import Ground, Sample, Sizes
from bench.scraping import scrapes_ms
from bench.telling import Load, telling
from bench.ticking import stocked, ticked
from stream.topic_admin import Cluster

TURNS = 6
"""Of ticks a round and partition; the first of them warms up."""


def due_rounds(ground: Ground, sizes: Sizes) -> Iterator[Sample]:
    """Due and elapsed behind a year of holds, in turns; microseconds of CPU a call."""
    for _ in range(sizes.rounds):
        yield "due cpu", due_us(sizes.requests)
        yield "elapsed cpu", elapsed_us(sizes.requests)
        yield "due without holds cpu", plain_due_us(sizes.requests)
        yield "due, unseen holds cpu", first_due_us(max(1, sizes.requests // 10))


def tick_rounds(ground: Ground, sizes: Sizes) -> Iterator[Sample]:
    """Ticks over few and over many open clocks, in turns; rows read and CPU in us a tick."""
    urls = {clocks: ground.database(f"ticks_{clocks}") for clocks in sizes.clocks}
    for clocks, url in urls.items():
        stocked(url, Stock(clocks=clocks, due_at_once=sizes.due))
    for number in range(sizes.rounds):
        turns = range(number * TURNS, (number + 1) * TURNS)
        for clocks, url in urls.items():
            found, name = ticked(url, turns), f"tick {clocks:,} clocks"
            yield f"{name} due", found.announced
            yield f"{name} read over due", found.entries - found.announced
            yield f"{name} rows per due", found.rows / found.announced
            yield f"{name} cpu", found.cpu_us


def sla_rounds(ground: Ground, sizes: Sizes) -> Iterator[Sample]:
    """Notify alone, each time an empty installation; latency in ms, CPU per ticket event in us."""
    load = Load(events=sizes.ticket_events, per_second=sizes.ticket_events_per_second)
    for number in range(sizes.rounds):
        name = f"sla{number}"
        cluster = Cluster(bootstrap=ground.bootstrap, prefix=name, partitions=sizes.partitions)
        found = telling(cluster, ground.database(name), ground.folder / name, load)
        yield "sla p50", found.p50_ms
        yield "sla p99", found.p99_ms
        yield "sla told", found.told
        yield "sla sent per second", found.sent_per_second
        yield "sla notify cpu", found.cpu_us


def scrape_rounds(ground: Ground, sizes: Sizes) -> Iterator[Sample]:
    """Scrapes of a notify that has every series of sixty brand-teams; milliseconds a scrape."""
    for _ in range(sizes.rounds):
        took = scrapes_ms(sizes.pairs, sizes.scrapes)
        yield "scrape ms", median(took)
        yield "scrape slowest ms", max(took)


def facts_rounds(ground: Ground, sizes: Sizes) -> Iterator[Sample]:
    """Refreshes of the facts over two months of tickets, on both databases; seconds a refresh."""
    past = Past(tickets=sizes.tickets, pairs=sizes.pairs)
    urls = {
        "sqlite": f"sqlite:///{ground.folder / 'facts.db'}",
        "postgresql": ground.database("facts"),
    }
    for url in urls.values():
        fill_past(url, past)
    for _ in range(sizes.rounds):
        for name, url in urls.items():
            yield f"facts {name} {sizes.tickets:,} s", refreshed(url)[0]
