"""Does the suite notice? Each patch breaks one promise in a copy, and its tests must turn red.

A patch is a plain ``git diff`` under two lines: ``# breaks: PROMISE`` and ``# caught by: TEST...``.
To add one, break the code, write ``git diff -U2`` under those lines, and undo the break.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.checkout import copied
from deploy.local.process import LaunchError

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PATIENCE = 300
RED = 1
"""pytest's exit code for failed tests, and with ``-x`` for a file that it cannot import: hence
the look for a FAILED line too. 2 to 5 say that it could not run them."""

_HEAD = re.compile(r"# breaks: (?P<breaks>\S.*)\n# caught by: (?P<tests>\S.*)\n")
_FAILED = re.compile(r"^FAILED \S*?::(\S+)", re.M)


class NotCaught(Exception):  # noqa: N818 - says what is wrong with a patch
    """A patch that proves nothing, and why."""


@dataclass(frozen=True)
class Planted:
    """One bug: the promise that it breaks and the tests that must notice."""

    file: Path
    promise: str
    tests: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the command line and the table call it."""
        return self.file.stem


def main(arguments: Sequence[str]) -> int:
    """Plant the named bugs, or all; 0 if each was caught."""
    parser = argparse.ArgumentParser(prog="tests.planted", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="a patch, without .patch")
    parser.add_argument("--some", type=int, metavar="N", help="N of them, by the commit's turn")
    chosen = parser.parse_args(arguments)
    known = {file.stem: file for file in sorted(HERE.glob("*.patch"))}
    names = chosen.names or (_by_turn(list(known), chosen.some) if chosen.some else list(known))
    unknown = sorted(set(names) - known.keys())
    if unknown:
        parser.error(f"expected names among {', '.join(known)}; got {', '.join(unknown)}")
    try:
        bugs = [read(known[name]) for name in names]
        _green_without(bugs)
    except (NotCaught, LaunchError) as error:
        _say(str(error))
        return 1
    return _report(bugs)


def read(file: Path) -> Planted:
    """The patch with what its first two lines say."""
    head = _HEAD.match(file.read_text(encoding="utf-8"))
    if not head:
        raise NotCaught(f"{file.name}: expected `# breaks: ...` and `# caught by: ...` on top")
    return Planted(file=file, promise=head["breaks"], tests=tuple(head["tests"].split()))


def plant(bug: Planted) -> str:
    """The test that turned red; raises ``NotCaught``."""
    with copied("otklik-planted-") as folder:
        applied = _run(["git", "apply", str(bug.file)], folder)
        if applied.returncode:
            raise NotCaught(f"the patch no longer applies: {applied.stderr.strip()}")
        ran = _pytest(bug.tests, folder)
    failed = _FAILED.search(ran.stdout)
    if ran.returncode == RED and failed:
        return failed[1].rpartition("::")[2]
    if ran.returncode:
        raise NotCaught(f"pytest could not run the tests (exit {ran.returncode})\n{ran.stdout}")
    raise NotCaught("NOT CAUGHT: its tests stay green")


def _green_without(bugs: Sequence[Planted]) -> None:
    """Without a bug the same tests pass, or a red test would prove nothing."""
    tests = sorted({test for bug in bugs for test in bug.tests})
    with copied("otklik-planted-") as folder:
        ran = _pytest(tests, folder)
    if ran.returncode:
        raise NotCaught(f"expected the tests to pass without a bug\n{ran.stdout}{ran.stderr}")


def _by_turn(names: Sequence[str], count: int) -> list[str]:
    """A few of them, others with every commit, so that all come round."""
    command = ["git", "rev-list", "--count", "HEAD"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    start = int(done.stdout) * count
    return [names[(start + n) % len(names)] for n in range(count)]


def _report(bugs: Sequence[Planted]) -> int:
    name, promise = (max(len(text) for text in column) for column in _columns(bugs))
    _say(f"{'patch':<{name}} | {'promise':<{promise}} | caught by | seconds")
    missed = 0
    for bug in bugs:
        started = time.monotonic()
        try:
            caught = plant(bug)
        except NotCaught as error:
            caught, missed = str(error), missed + 1
        seconds = time.monotonic() - started
        _say(f"{bug.name:<{name}} | {bug.promise:<{promise}} | {caught} | {seconds:.1f}")
    _say(f"{len(bugs) - missed} of {len(bugs)} planted bugs were caught")
    return 1 if missed else 0


def _columns(bugs: Sequence[Planted]) -> tuple[list[str], list[str]]:
    return ["patch", *(bug.name for bug in bugs)], ["promise", *(bug.promise for bug in bugs)]


def _pytest(tests: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    return _run(command, folder)


def _run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    outside = {"GIT_CEILING_DIRECTORIES": str(folder.parent)}  # a copy belongs to no checkout
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **outside},  # noqa: TID251 - the run's own setting
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired as error:
        raise NotCaught(f"expected an end within {PATIENCE} s: {' '.join(command)}") from error


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
