"""``python -m deploy.ladder check`` climbs the rungs; ``mutants`` and ``apiserver`` prove more."""

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.ladder import mutants, server_side, tools
from deploy.ladder.rungs import RUNGS, Rung
from deploy.ladder.tree import ROOT, Refused, Tree
from deploy.local.process import LaunchError
from deploy.local.runtime import MACHINE

WORKERS = 2
SHOWN = 60
"""Lines of what a tool said."""

LEFT_OUT = (
    "not a rung: kube-linter, whose modules the Go proxy does not serve (kube-score stands in);"
    " a build of the image, for which there is no engine (its files are run instead)"
)


def main(arguments: list[str]) -> int:
    """Run what was asked for; 0 if all held."""
    parser = argparse.ArgumentParser(prog="deploy.ladder", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="climb the rungs, the cheapest first")
    broken = commands.add_parser("mutants", help="break the chart; each break must be seen")
    broken.add_argument("names", nargs="*", metavar="NAME", help="a patch, without .patch; or all")
    commands.add_parser("apiserver", help="ask a real API server")
    program = commands.add_parser("tool", help="fetch a tool and say where it is")
    program.add_argument("name", choices=tools.PROGRAMS)
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "tool":
            print(tools.PROGRAMS[chosen.name]())
            return 0
        if chosen.command == "mutants":
            return mutants.main(chosen.names)
        return server_side.main() if chosen.command == "apiserver" else check()
    except (LaunchError, Refused) as error:
        print(f"ladder: {error}", file=sys.stderr)
        return 1


@dataclass(frozen=True)
class Climbed:
    """What became of a rung: its line, and what a tool said below it."""

    outcome: str
    line: str
    details: str = ""


def check() -> int:
    """A line for each rung; 1 if one failed, or was skipped where nobody would see it."""
    started, outcomes = time.monotonic(), []
    with (
        tempfile.TemporaryDirectory(prefix="otklik-ladder-") as scratch,
        ThreadPoolExecutor(WORKERS) as pool,
    ):
        tree = Tree(ROOT, Path(scratch))
        for climbed in pool.map(lambda rung: climb(rung, tree), RUNGS):
            print(climbed.line + climbed.details, flush=True)
            outcomes.append(climbed.outcome)
    failed, skipped = outcomes.count("FAILED"), outcomes.count("SKIPPED")
    seconds = time.monotonic() - started
    print(LEFT_OUT)
    print(f"{len(RUNGS)} rungs, {failed} failed, {skipped} skipped, {seconds:.0f} s")
    return int(failed > 0 or (skipped > 0 and bool(MACHINE.get("CI"))))


def climb(rung: Rung, tree: Tree) -> Climbed:
    """``ok``, ``FAILED`` or ``SKIPPED`` with what the rung looked at."""
    started = time.monotonic()
    details = ""
    try:
        saw, outcome = rung.climb(tree), "ok"
    except Refused as error:
        saw, outcome = "see below", "FAILED"
        details = "".join(f"\n    {line}" for line in str(error).splitlines()[:SHOWN])
    except LaunchError as error:
        saw, outcome = str(error), "SKIPPED"
    seconds = time.monotonic() - started
    return Climbed(outcome, f"{rung.name:<14} {outcome:<7} {seconds:5.1f} s  {saw}", details)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
