"""Which page says how large an installation must be? docs/capacity.md, reckoned from capacity.yaml.

The file holds what was measured and what is assumed; every other number on the page is made here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil
from pathlib import Path

import msgspec
import yaml

from schemas.topics import TOPICS

FIGURES = Path(__file__).with_suffix(".yaml")
DAY = 86_400
CONSUMERS = ("classify", "route-posts", "notify-clocks")
_KEPT = {topic.name: topic.kept_days for topic in TOPICS}


class Range(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the rounds gave: the least, the median, the most."""

    low: float
    median: float
    high: float


class Assumed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What nobody measured; change it to what is true of you."""

    busy: float
    """Share of a core that a process may use at the peak."""
    batched_from: int
    """Posts a second from which steps are full enough to cost what they cost when batched."""
    replication: int
    further_steps: int
    """Events on tickets.v1 of a case after its first."""
    partitions_a_process: int
    least_partitions: int


class Store(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a post leaves in a service's database; ``kept_days`` 0 is for ever."""

    bytes: int
    kept_days: int
    tables: str


class Weakness(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What gives way, why, and what to do then."""

    what: str
    why: str
    then: str


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One size of installation, and what gives way there, the first first."""

    per_second: int
    breaks: Sequence[Weakness]


class Figures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file."""

    measured_on: str
    assumed: Assumed
    idle_cores: Mapping[str, float]
    cpu_us_singly: Mapping[str, Range]
    cpu_us_batched: Mapping[str, Range]
    chain_cpu_us: Mapping[str, Range]
    hook_cpu_us: Range
    """A webhook that brings one post."""
    memory_mib: Mapping[str, Sequence[int]]
    topic_bytes: Mapping[str, int]
    stores: Mapping[str, Store]
    beside_cpu_us: Mapping[str, int]
    """The broker's and the database's, a post at 500 posts a second."""
    commits: Mapping[int, int]
    steps: Sequence[Step]


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """What a number of posts a second needs, when every post opens a case."""

    cores: float
    processes: Mapping[str, int]
    partitions: int
    topics_gb: float
    store_gb_a_day: float


def read() -> Figures:
    """The measured figures; raises ``ValidationError`` with the place."""
    return msgspec.convert(yaml.safe_load(FIGURES.read_text("utf-8")), Figures)


def need(of: Figures, per_second: int) -> Need:
    """Cores, partitions and storage for so many posts a second, all day."""
    assumed = of.assumed
    singly = per_second < assumed.batched_from
    cost = of.cpu_us_singly if singly else of.cpu_us_batched
    used = {
        name: max(of.idle_cores[name], per_second * one.median / 1e6) / assumed.busy
        for name, one in cost.items()
    }
    processes = {name: max(1, ceil(cores)) for name, cores in used.items()}
    most = max(processes[name] for name in CONSUMERS)
    partitions = max(assumed.least_partitions, most * assumed.partitions_a_process)
    topics = sum(
        size * (1 + assumed.further_steps if name == "tickets.v1" else 1) * _KEPT[name]
        for name, size in of.topic_bytes.items()
    )
    return Need(
        cores=sum(used.values()),
        processes=processes,
        partitions=-(-partitions // 12) * 12,
        topics_gb=per_second * DAY * topics * assumed.replication / 1e9,
        store_gb_a_day=per_second * DAY * sum(one.bytes for one in of.stores.values()) / 1e9,
    )


def lines() -> Iterator[str]:
    """The page."""
    of = read()
    yield from _INTRODUCTION.format(of.measured_on).splitlines()
    yield from ("", "## What is needed", "")
    yield _ASSUMED.format(of.assumed)
    yield ""
    yield from _needs(of)
    yield from ("", "## What breaks first", "")
    rows = (
        (f"{step.per_second:,}", one.what, one.why, one.then)
        for step in of.steps
        for one in step.breaks
    )
    yield from _table(("posts a second", "what", "because", "then"), rows)
    yield from ("", "## What was measured", "")
    yield from _measured(of)


def _measured(of: Figures) -> Iterator[str]:
    yield from (*_CPU.splitlines(), "")
    yield from _cpu(of)
    beside = " and ".join(f"{name} {cost:,} us" for name, cost in of.beside_cpu_us.items())
    yield from ("", *_BESIDE.format(beside).splitlines())
    yield from ("", *_MEMORY.splitlines(), "")
    memory = ((f"`{name}`", *map(str, peaks)) for name, peaks in of.memory_mib.items())
    yield from _table(("workload", "idle", "50 posts/s", "500 posts/s"), memory)
    yield from ("", _TOPICS, "")
    kept = ((f"`{n}`", f"{size:,}", f"{_KEPT[n]} d") for n, size in of.topic_bytes.items())
    yield from _table(("topic", "bytes", "kept"), kept)
    yield from ("", _STORES, "")
    yield from _table(("store", "bytes", "kept", "most of it in"), _stores(of))
    commits = " and ".join(f"{n} a second at {rate} posts/s" for rate, n in of.commits.items())
    yield from ("", *_COMMITS.format(commits).splitlines())


_INTRODUCTION = """\
How large must an installation be, and what breaks first? Reckoned by `docs/capacity.py` from
`docs/capacity.yaml`: change there what is assumed, `make docs`, and read on. Measured on
{0}

Every post here opens a case, the dearest that a post can be; of talk that ends in *listen*
route and notify keep next to nothing. A rate is that of the peak hour for cores, and of the
whole day for storage: where the day's mean is a fifth of the peak, so is the storage."""
_ASSUMED = (
    "A process may be busy {0.busy:.0%} of a core; topics have {0.replication} replicas; a case "
    "has {0.further_steps} steps after its first; a process of the dearest consumer has "
    "{0.partitions_a_process} partitions to grow into. Cores are of our processes alone. One "
    "process more of each than is needed lets one be away."
)
_CPU = """\
CPU of a post in microseconds: median (range). A post that comes alone pays for a step of its
own; a full step shares it. `python -m bench.footprint`, `--posts 15000 --per-second 500`, and
`python -m bench --only chain`, where a service runs all its roles. What a process does where
nothing comes is in it, most of `route-dispatch` at 50 posts/s."""
_BESIDE = """\
Beside them at 500 posts/s a post took {0}: one broker
without replicas, started for tests, and a database that does not wait. It is more than that."""
_MEMORY = """\
Memory, the most that a process ever had, in MiB. The chart requests at least twice as much, and
384 MiB where a fetch of 50 MB, large bodies or a long report may come on top: a backlog and a long
list of cases are not in this load."""
_TOPICS = (
    "Bytes of a post on the disk of one broker, as producers compress them, and for how long. Most "
    "of it is `decisions.v1`, for its days; a shorter retention there costs audit and what-if."
)
_STORES = "Bytes of a post in PostgreSQL, indexes with it (`pg_total_relation_size`)."
_COMMITS = """\
Transactions of all stores together: {0}.
They do not grow with the posts: a step takes what has come, and is one transaction. The
database did not wait for its disk here (`fsync` off); yours does."""


def _needs(of: Figures) -> Iterator[str]:
    names = [*CONSUMERS, "ingest-web"]
    head = ("posts a second", "cores", *names, "partitions", "topics", "databases, a day")
    found = [(one.per_second, need(of, one.per_second)) for one in of.steps]
    yield from _table(
        head,
        (
            (
                f"{rate:,}",
                f"{one.cores:,.1f}",
                *(f"{one.processes[name]:,}" for name in names),
                f"{one.partitions:,}",
                _size(one.topics_gb),
                _size(one.store_gb_a_day),
            )
            for rate, one in found
        ),
    )


def _cpu(of: Figures) -> Iterator[str]:
    batched = of.cpu_us_batched
    rows = ((f"`{n}`", _range(one), _range(batched[n])) for n, one in of.cpu_us_singly.items())
    yield from _table(("workload", "50 posts/s", "500 posts/s"), rows)
    yield ""
    chain = ((name, _range(one)) for name, one in of.chain_cpu_us.items())
    hook = ("ingest, one post a request", _range(of.hook_cpu_us))
    yield from _table(("service, all roles", "500 posts/s"), [*chain, hook])


def _stores(of: Figures) -> Iterator[tuple[str, ...]]:
    for name, one in of.stores.items():
        kept = f"{one.kept_days} d" if one.kept_days else "for ever"
        yield name, f"{one.bytes:,}", kept, one.tables


def _range(of: Range) -> str:
    return f"{of.median:,.0f} ({of.low:,.0f} .. {of.high:,.0f})"


def _size(gigabytes: float) -> str:
    return f"{gigabytes:,.1f} GB" if gigabytes < 1000 else f"{gigabytes / 1000:,.1f} TB"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
