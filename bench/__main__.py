"""What does it cost, and are the goals met? ``python -m bench``: all on one broker, in one run."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from bench.alert_rounds import call_rounds, turn_rounds
from bench.clock_rounds import due_rounds, facts_rounds, scrape_rounds, sla_rounds, tick_rounds
from bench.figures import Goal, Spread, ratios, spread, verdicts
from bench.rounds import (
    Ground,
    Sizes,
    chain_rounds,
    decision_rounds,
    hook_rounds,
    hop_rounds,
    judge_rounds,
    ledger_rounds,
    normalize_rounds,
    pump_rounds,
)
from deploy.local import kafka, postgres
from deploy.local.process import LaunchError

ROUNDS = {
    "pumps": pump_rounds,
    "ledger": ledger_rounds,
    "normalize": normalize_rounds,
    "judge": judge_rounds,
    "decisions": decision_rounds,
    "hooks": hook_rounds,
    "route": hop_rounds,
    "chain": chain_rounds,
    "calls": call_rounds,
    "turns": turn_rounds,
    "due": due_rounds,
    "ticks": tick_rounds,
    "sla": sla_rounds,
    "scrape": scrape_rounds,
    "facts": facts_rounds,
}
RATIOS = {
    "aiokafka / bare": ("aiokafka cpu", "bare cpu"),
    "faust / bare": ("faust cpu", "bare cpu"),
    "judge / vader": ("judge cpu", "vader cpu"),
    "100 / 10 rules": ("decide 100 rules cpu", "decide 10 rules cpu"),
    "500 / 10 rules": ("decide 500 rules cpu", "decide 10 rules cpu"),
    "walk / index, 10 rules": ("walk 10 rules cpu", "decide 10 rules cpu"),
    "walk / index, 100 rules": ("walk 100 rules cpu", "decide 100 rules cpu"),
    "walk / index, 500 rules": ("walk 500 rules cpu", "decide 500 rules cpu"),
    "ingest / bare hook": ("ingest hook cpu", "bare hook cpu"),
    "route / bare hop": ("route hop cpu", "bare hop cpu"),
    "turn, 10,000 / 1,000 groups": ("turn 10,000 groups cpu", "turn 1,000 groups cpu"),
    "tick, 1,000,000 / 10,000 clocks": ("tick 1,000,000 clocks cpu", "tick 10,000 clocks cpu"),
}
GOALS = (
    Goal(figure="aiokafka / bare", at_most=1.5),
    Goal(figure="postgresql 200 cpu", at_most=60),
    Goal(figure="sqlite 200 cpu", at_most=100),
    Goal(figure="normalize vk cpu", at_most=60),
    Goal(figure="normalize telegram cpu", at_most=60),
    Goal(figure="judge cpu", at_most=300),
    Goal(figure="500 / 10 rules", at_most=1.5),
    Goal(figure="ingest / bare hook", at_most=2),
    Goal(figure="route / bare hop", at_most=2),
    Goal(figure="chain p99", at_most=150),
    Goal(figure="call p99", at_most=1000),
    Goal(figure="turn 10,000 groups entries per due", at_most=3),
    Goal(figure="turn 10,000 groups rows per due", at_most=13),
    Goal(figure="turn, 10,000 / 1,000 groups", at_most=2),
    Goal(figure="due cpu", at_most=30),
    Goal(figure="elapsed cpu", at_most=30),
    Goal(figure="tick 10,000 clocks read over due", at_most=1),
    Goal(figure="tick 1,000,000 clocks read over due", at_most=1),
    Goal(figure="tick, 1,000,000 / 10,000 clocks", at_most=1.5),
    Goal(figure="sla p99", at_most=1000),
    Goal(figure="scrape ms", at_most=50),
    Goal(figure="facts sqlite 1,000,000 s", at_most=2),
    Goal(figure="facts postgresql 1,000,000 s", at_most=1),
)
UNITS = """
cpu, wall: microseconds per message, event or post, of the process that does the work alone;
p50, p99: milliseconds from a post on posts.v1 to its ticket on tickets.v1, by the broker's stamps;
posts come by signed webhook, ten a request; of the hooks, one a request;
call p50, p99: milliseconds from a post that ingest received to its alert at the channel;
turns: of ten alerts a group; entries of the index on what is due, rows of all tables of route;
of due and elapsed, a call; of ticks, a tick, with the CPU of its database connection;
read over due: entries of the index on the next instant, rows per due: of all tables of notify;
sla p50, p99: milliseconds from the instant, or the tick behind it, to sla.v1;
scrape: milliseconds of notify's /metrics with all series of sixty brand-teams; facts: seconds"""


def main(arguments: list[str]) -> int:
    """Measure and print; 0 every goal met, 1 one missed or something failed."""
    chosen = _parser().parse_args(arguments)
    sizes = Sizes(
        rounds=chosen.rounds,
        posts=chosen.posts,
        messages=chosen.messages,
        requests=chosen.requests,
    )
    try:
        samples = measured(chosen.only or list(ROUNDS), sizes)
    except LaunchError as error:
        print(error, file=sys.stderr)
        return 1
    figures = spreads(samples)
    for line in table(figures):
        print(line)
    if chosen.json:
        chosen.json.write_bytes(msgspec.json.format(msgspec.json.encode(samples)))
    wanted = [goal for goal in GOALS if goal.figure in figures]
    return int(not all(one.met for one in verdicts(wanted, figures)))


def measured(parts: list[str], sizes: Sizes) -> Mapping[str, list[float]]:
    """All repetitions of the chosen parts, on a broker and a database server of this run."""
    samples: dict[str, list[float]] = {}
    with _ground() as ground:
        for part in parts:
            for name, value in ROUNDS[part](ground, sizes):
                samples.setdefault(name, []).append(value)
                print(f"\r{part}: {name:<30}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return samples


def spreads(samples: Mapping[str, list[float]]) -> Mapping[str, Spread]:
    """Every figure's median and range, the ratios among them."""
    found = {name: spread(values) for name, values in samples.items()}
    for name, (above, below) in RATIOS.items():
        if above in samples:
            found[name] = spread(ratios(samples, above, below))
    return found


def table(figures: Mapping[str, Spread]) -> Iterator[str]:
    """One line per figure, then one per goal."""
    width = max(map(len, figures), default=0)
    yield f"{'':{width}}    median  (range)"
    for name, of in figures.items():
        yield f"{name:{width}}  {of}"
    yield UNITS
    for one in verdicts(GOALS, figures):
        yield f"goal: {one.goal.figure} at most {one.goal.at_most:g}: {one}"


@contextmanager
def _ground() -> Iterator[Ground]:
    with ExitStack() as held:
        folder = Path(held.enter_context(TemporaryDirectory(prefix="otklik-bench-")))
        folder.chmod(0o755)  # as root PostgreSQL runs as a user of its own
        broker = kafka.start(kafka.CACHE, folder / "kafka")
        held.callback(broker.stop)
        server = postgres.start(folder / "postgres")
        held.callback(server.stop)
        yield Ground(bootstrap=broker.bootstrap, folder=folder, database=server.create_database)


def _parser() -> argparse.ArgumentParser:
    parser, sizes = argparse.ArgumentParser(prog="python -m bench"), Sizes()
    parser.add_argument("--only", action="append", choices=list(ROUNDS), help="one part alone")
    parser.add_argument("--rounds", type=int, default=sizes.rounds)
    parser.add_argument("--messages", type=int, default=sizes.messages)
    parser.add_argument("--posts", type=int, default=sizes.posts)
    parser.add_argument("--requests", type=int, default=sizes.requests)
    parser.add_argument("--json", type=Path, help="write every repetition to this file")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
