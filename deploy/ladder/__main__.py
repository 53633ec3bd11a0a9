"""``python -m deploy.ladder check`` climbs the rungs; ``mutants`` and ``apiserver`` prove more."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from deploy.ladder import mutants, server_side, tools
from deploy.ladder.rungs import RUNGS, Rung
from deploy.ladder.tree import ROOT, Refused, Tree
from deploy.local.process import LaunchError
from deploy.local.runtime import MACHINE

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


def check() -> int:
    """A line for each rung; 1 if one failed, or was skipped where nobody would see it."""
    started, outcomes = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="otklik-ladder-") as scratch:
        tree = Tree(ROOT, Path(scratch))
        for rung in RUNGS:
            outcomes.append(climb(rung, tree))
    failed, skipped = outcomes.count("FAILED"), outcomes.count("SKIPPED")
    seconds = time.monotonic() - started
    print(LEFT_OUT)
    print(f"{len(RUNGS)} rungs, {failed} failed, {skipped} skipped, {seconds:.0f} s")
    return int(failed > 0 or (skipped > 0 and bool(MACHINE.get("CI"))))


def climb(rung: Rung, tree: Tree) -> str:
    """``ok``, ``FAILED`` or ``SKIPPED``, with one line, and what a tool said below it."""
    started = time.monotonic()
    details = ""
    try:
        saw, outcome = rung.climb(tree), "ok"
    except Refused as error:
        saw, outcome, details = "see below", "FAILED", str(error)
    except LaunchError as error:
        saw, outcome = str(error), "SKIPPED"
    seconds = time.monotonic() - started
    print(f"{rung.name:<14} {outcome:<7} {seconds:5.1f} s  {saw}", flush=True)
    if details:
        print("    " + "\n    ".join(details.splitlines()[:60]), flush=True)
    return outcome


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
