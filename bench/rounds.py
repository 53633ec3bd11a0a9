"""In which order is everything measured? Round by round, each case in a process of its own."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from bench.case import Bare, Case, Hop, Pump, Steps
from bench.chain import Load, Passage, passage
from bench.deciding import RULES, indexed_us, walked_us
from bench.hooks import hook_cost
from bench.hops import trips_of_a_step
from bench.judged import fill_classified
from bench.judging import judge_us, vader_us
from bench.ledgers import BATCHES
from bench.normalizing import PAYLOADS, normalize_us
from bench.posted import fill
from bench.pumps import PUMPS
from bench.window import Cost
from deploy.local.process import LaunchError
from stream.topic_admin import Cluster

ROOT = Path(__file__).resolve().parents[1]


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How much is measured; the defaults are what the goals are stated for."""

    rounds: int = 5
    partitions: int = 12
    messages: int = 24_000
    events: int = 10_000
    posts: int = 10_000
    requests: int = 5_000
    per_second: float = 500.0
    calls_per_second: float = 200.0
    """Posts a second where one in twenty calls somebody."""
    groups: tuple[int, ...] = (1_000, 10_000)
    """Open groups of ten alerts each."""
    groups_due: int = 5
    """Groups that fall due each second."""
    batches: tuple[int, ...] = BATCHES
    clocks: tuple[int, ...] = (10_000, 1_000_000)
    due: int = 20
    """Tickets that fall due with each tick of a partition."""
    ticket_events: int = 4_000
    ticket_events_per_second: float = 200.0
    tickets: int = 1_000_000
    """Of two months, that the facts are made of."""
    pairs: int = 60
    """Brand-teams that have them."""
    scrapes: int = 20


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What all cases run on."""

    bootstrap: str
    folder: Path
    database: Callable[[str], str]
    """An empty PostgreSQL database of that name, as its URL."""


Sample = tuple[str, float]
"""A figure's name and what one repetition gave."""


def pump_rounds(ground: Ground, sizes: Sizes) -> Iterator[Sample]:
    """The bare loop and both pumps in turns; CPU in microseconds, and messages a second."""
    cluster = Cluster(bootstrap=ground.bootstrap, prefix="bench", partitions=sizes.partitions)
    asyncio.run(fill(cluster, sizes.messages))
    for number in range(sizes.rounds):
        for kind in (None, *PUMPS):
            name = kind or "bare"
            plain = Bare(cluster=cluster, group=f"bench.{name}.{number}", total=sizes.messages)
            cost = alone(Pump(kind=kind, **msgspec.structs.asdict(plain)) if kind else plain)
            yield f"{name} cpu", cost.cpu_us
            yield f"{name} per second", cost.per_second


def ledger_rounds(ground: Ground, sizes: Sizes) -> Iterator[Sample]:
    """The ledger on both databases at each batch size, in turns; microseconds per event."""
    urls = {
        "sqlite": f"sqlite:///{ground.folder / 'ledger.db'}",
        "postgresql": ground.database("ledger"),
    }
    for number in range(sizes.rounds):
        for batch in sizes.batches:
            for name, url in urls.items():
                table = f"ledger_{number}_{batch}"
                total = max(sizes.events, 3 * batch)
                cost = alone(Steps(database_url=url, table=table, batch=batch, total=total))
                yield f"{name} {batch} cpu", cost.cpu_us
                yield f"{name} {batch} wall", cost.wall_us


def hop_rounds(ground: Ground, sizes: Sizes) -> Iterator[Sample]:
    """Route and a bare loop that asks as often, in turns; CPU in microseconds a post."""
    trips = asyncio.run(trips_of_a_step(ground.database("trips")))
    yield "route trips a step", trips
    for number in range(sizes.rounds):
        name = f"hop{number}"
        cluster = Cluster(bootstrap=ground.bootstrap, prefix=name, partitions=sizes.partitions)
        asyncio.run(fill_classified(cluster, sizes.posts))
        for kind, asked in (("route", None), ("bare", trips)):
            hop = Hop(
                cluster=cluster,
                group=f"{name}.{kind}",
                total=sizes.posts,
                database_url=ground.database(f"{name}{kind}"),
                trips=asked,
            )
            cost = alone(hop)
            yield f"{kind} hop cpu", cost.cpu_us
            yield f"{kind} hop per second", cost.per_second


def chain_rounds(ground: Ground, sizes: Sizes) -> Iterator[Sample]:
    """The whole chain, each time an empty installation; latency in ms, CPU per post in us."""
    for number in range(sizes.rounds):
        name = f"chain{number}"
        cluster = Cluster(bootstrap=ground.bootstrap, prefix=name, partitions=sizes.partitions)
        load = Load(name=name, posts=sizes.posts, per_second=sizes.per_second)
        yield from _samples(passage(cluster, ground.database(name), ground.folder / name, load))


def hook_rounds(ground: Ground, sizes: Sizes) -> Iterator[Sample]:
    """A bare handler and ingest in turns; microseconds of CPU a request, requests a second."""
    for number in range(sizes.rounds):
        for kind in ("bare", "ingest"):
            name = f"hook-{kind}-{number}"
            cluster = Cluster(bootstrap=ground.bootstrap, prefix=name, partitions=sizes.partitions)
            cost = hook_cost(cluster, ground.folder / name, kind=kind, requests=sizes.requests)
            yield f"{kind} hook cpu", cost.cpu_us
            yield f"{kind} hook per second", cost.per_second


def normalize_rounds(ground: Ground, sizes: Sizes) -> Iterator[Sample]:
    """Posts of two platforms, in turns; microseconds of CPU a post."""
    for _ in range(sizes.rounds):
        for source in PAYLOADS:
            yield f"normalize {source} cpu", normalize_us(source, sizes.requests)


def judge_rounds(ground: Ground, sizes: Sizes) -> Iterator[Sample]:
    """Judging and VADER in turns; microseconds of CPU a post."""
    for _ in range(sizes.rounds):
        yield "judge cpu", judge_us(sizes.requests)
        yield "vader cpu", vader_us(sizes.requests)


def decision_rounds(ground: Ground, sizes: Sizes) -> Iterator[Sample]:
    """Policies of each size, by index and by walk, in turns; CPU in us, decisions a second."""
    for _ in range(sizes.rounds):
        for rules in RULES:
            found = indexed_us(rules, 4 * sizes.requests)
            yield f"decide {rules} rules cpu", found
            yield f"decide {rules} rules per second", 1e6 / found
            yield f"walk {rules} rules cpu", walked_us(rules, sizes.requests)


def alone(case: Case) -> Cost:
    """Run a case in a process of its own, so that its CPU is only its own."""
    command = [sys.executable, "-m", "bench.case", msgspec.json.encode(case).decode()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        raise LaunchError(f"{case} failed:\n{done.stderr.decode(errors='replace')[-2000:]}")
    return msgspec.json.decode(done.stdout, type=Cost)


def _samples(found: Passage) -> Iterator[Sample]:
    yield "chain p50", found.p50_ms
    yield "chain p99", found.p99_ms
    yield "chain sent per second", found.sent_per_second
    yield "chain per second", found.per_second
    yield "chain tickets", found.tickets
    for name, used in found.cpu_us.items():
        yield f"chain {name} cpu", used
