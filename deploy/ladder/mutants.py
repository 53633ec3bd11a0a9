"""Does the ladder notice? Each patch breaks one thing in a copy, and a rung must refuse it.

A patch is a plain ``git diff`` under two lines: ``# breaks: WHAT`` and ``# caught by: RUNG``. The
second says who should; a break that another rung sees first is caught, too, and said so.
"""

import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.ladder.rungs import RUNGS
from deploy.ladder.tree import ROOT, Refused, Tree
from deploy.local.checkout import copied

PATCHES = ROOT / "tests/chart/mutants"
WORKERS = 2
_CHANGED = re.compile(r"^\+\+\+ b/(\S+)", re.M)
_TELLING = re.compile(r"^(FAILED|ERROR|E  |\[CRITICAL|Error|error)|invalid|expected")
_HEAD = re.compile(r"# breaks: (?P<breaks>\S.*)\n# caught by: (?P<rung>\S.*)\n")


@dataclass(frozen=True)
class Mutant:
    """One break, and the rung that is to refuse it."""

    file: Path
    breaks: str
    expected: str
    changes: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class Outcome:
    """Which rung refused it, None if none did, and the first line that it said."""

    rung: str | None
    said: str
    seconds: float


def main(names: Sequence[str]) -> int:
    """Try the named mutants, or all; 1 if one survives."""
    wanted = [read(file) for file in sorted(PATCHES.glob("*.patch"))]
    unknown = set(names) - {mutant.file.stem for mutant in wanted}
    if unknown:
        raise Refused(f"expected names of {PATCHES}; got {', '.join(sorted(unknown))}")
    chosen = [mutant for mutant in wanted if not names or mutant.file.stem in names]
    _green_without()
    survived = 0
    with ThreadPoolExecutor(WORKERS) as pool:
        for mutant, outcome in zip(chosen, pool.map(tried, chosen), strict=True):
            print(line(mutant, outcome), flush=True)
            survived += outcome.rung is None
    print(f"{len(chosen) - survived} of {len(chosen)} mutants were caught, {survived} survive")
    return int(survived > 0 or not chosen)


def read(file: Path) -> Mutant:
    """The patch with what its first two lines say; raises ``Refused``."""
    text = file.read_text(encoding="utf-8")
    head, changes = _HEAD.match(text), tuple(_CHANGED.findall(text))
    if not head:
        raise Refused(f"{file.name}: expected `# breaks: ...` and `# caught by: ...` on top")
    return Mutant(file, head["breaks"], head["rung"], changes or ("",))


def tried(mutant: Mutant) -> Outcome:
    """Climb the rungs with it until one refuses."""
    started = time.monotonic()
    with trees() as tree:
        tree.run(["git", "apply", str(mutant.file)])
        found = refused_by(tree, mutant.changes)
    rung, said = found or (None, "every rung is content")
    return Outcome(rung, said, time.monotonic() - started)


def refused_by(tree: Tree, changes: Sequence[str]) -> tuple[str, str] | None:
    """The first rung that refuses the checkout, of those that read what is changed; and why."""
    for rung in RUNGS:
        if any(file.startswith(rung.reads) for file in changes):
            try:
                rung.climb(tree)
            except Refused as error:
                return rung.name, told(str(error))
    return None


def told(text: str) -> str:
    """The first line that looks like the reason."""
    lines = [one.strip() for one in text.splitlines() if one.strip()]
    return next((one for one in lines if _TELLING.search(one)), lines[0] if lines else "")[:160]


def line(mutant: Mutant, outcome: Outcome) -> str:
    """One line for a person."""
    if outcome.rung is None:
        return f"SURVIVES  {mutant.file.stem}: {mutant.breaks} (expected: {mutant.expected})"
    other = "" if outcome.rung == mutant.expected else f" (expected: {mutant.expected})"
    return (
        f"{outcome.rung}{other} caught {mutant.file.stem}: {mutant.breaks}"
        f" | {outcome.said} | {outcome.seconds:.1f} s"
    )


@contextmanager
def trees() -> Iterator[Tree]:
    """A copy of the checkout with a place beside it for what is made of it."""
    with copied("otklik-mutant-") as folder:
        scratch = folder.with_name("made")
        scratch.mkdir()
        yield Tree(folder, scratch)


def _green_without() -> None:
    """Without a mutant every rung is content, or a refusal would prove nothing."""
    with trees() as tree:
        for rung in RUNGS:
            try:
                rung.climb(tree)
            except Refused as error:
                raise Refused(
                    f"expected no refusal without a mutant; {rung.name}: {error}"
                ) from error
