"""What does the image hold? There is no engine here, so its files are laid out as it would be.

Read from the Dockerfile and `.dockerignore` themselves, so that they cannot say another thing.
"""

import posixpath
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.ladder.tree import Refused

DOCKERFILE = Path("deploy/docker/Dockerfile")
SERVICES = ("ingest", "classify", "route", "notify")
WITH_A_STORE = ("ingest", "route", "notify")
AS_INSTALLED = Path(__file__).with_name("as_installed.py")
PATIENCE = 120.0
_REVISION = re.compile(r"is at \w")


@dataclass(frozen=True)
class Ignored:
    """One line of `.dockerignore`; the last that fits a path decides."""

    pattern: re.Pattern[str]
    keeps: bool

    def fits(self, path: Path) -> bool:
        """Does it speak of the path, or of a folder that the path is in?"""
        parts = path.parts
        return any(self.pattern.fullmatch("/".join(parts[: n + 1])) for n in range(len(parts)))


def lay_out(root: Path, target: Path) -> Path:
    """Copy what each stage copies; the folder of the last stage is the image, if it installs."""
    lines = ignored((root / ".dockerignore").read_text(encoding="utf-8"))
    stage, work = target, "/"
    for word, names in instructions((root / DOCKERFILE).read_text(encoding="utf-8")):
        if word == "FROM":
            stage, work = target / (names[-1] if "AS" in names else "image"), "/"
        elif word == "WORKDIR":
            work = names[0]
        elif word == "COPY":
            *flags, source, to = names
            into = stage / posixpath.join(work, to).lstrip("/")
            if flags:  # --from=STAGE
                _copy(
                    target / flags[0].partition("=")[2] / source.lstrip("/"), into, lambda _: True
                )
            else:
                _copy(root / source, into, lambda f: is_sent(f.relative_to(root), lines))
    return stage


def instructions(dockerfile: str) -> Iterator[tuple[str, list[str]]]:
    """Each instruction with its words, comments left out."""
    kept = (line for line in dockerfile.splitlines() if not line.lstrip().startswith("#"))
    for line in "\n".join(kept).replace("\\\n", " ").splitlines():
        if line.strip():
            word, *names = line.split()
            yield word, names


def ignored(text: str) -> list[Ignored]:
    """The lines of a `.dockerignore`."""
    lines = [line.strip() for line in text.splitlines()]
    return [
        Ignored(_pattern(line.removeprefix("!").strip("/")), keeps=line.startswith("!"))
        for line in lines
        if line and not line.startswith("#")
    ]


def is_sent(path: Path, lines: list[Ignored]) -> bool:
    """Does the builder get to see the path?"""
    return next((line.keeps for line in reversed(lines) if line.fits(path)), True)


def files(folder: Path) -> list[Path]:
    """Every file of the folder."""
    return [file for file in folder.rglob("*") if file.is_file()]


def run_all(image: Path, lock: Path) -> None:
    """Commands say their help, stores are made, modules are imported; raises ``Refused``."""
    helps = [[f"services.{name}", "--help"] for name in SERVICES]
    stores = [[f"services.{name}", "migrate"] for name in WITH_A_STORE]
    asked = [*helps, ["stream", "--help"], *stores, []]
    with ThreadPoolExecutor(2) as pool:
        for found in pool.map(lambda command: _run(image / "app", lock, command), asked):
            if found:
                raise Refused(found)


def _run(folder: Path, lock: Path, command: list[str]) -> str:
    """What went wrong, or nothing; with the lock's packages alone and a bare environment."""
    store = folder.parent / f"{command[0] if command else 'none'}.db"
    done = subprocess.run(
        [sys.executable, "-sPB", str(AS_INSTALLED), str(lock), *command],
        cwd=folder,
        env={"PYTHONTZPATH": "", "DATABASE_URL": f"sqlite:///{store}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    called = " ".join(command) or "import of every module"
    if done.returncode:
        return f"{called}: exit {done.returncode}\n{done.stderr}"
    if command[-1:] == ["migrate"] and not _REVISION.search(done.stdout):
        return f"{called}: expected a store at some revision, got: {done.stdout.strip()}"
    return ""


def _copy(start: Path, into: Path, is_wanted: Callable[[Path], bool]) -> None:
    """A file or a folder; what a RUN made, an environment of packages, is not there to copy."""
    for file in [start] if start.is_file() else sorted(start.rglob("*")):
        if file.is_file() and is_wanted(file):
            written = into / file.relative_to(start)
            written.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, written)


def _pattern(line: str) -> re.Pattern[str]:
    """As Docker reads it: `*` stays in a folder, `**` does not."""
    parts = (re.escape(part) for part in line.split("**"))
    inner = "\0".join(part.replace(r"\*", "[^/]*").replace(r"\?", "[^/]") for part in parts)
    return re.compile(inner.replace("\0/", "(?:.*/)?").replace("\0", ".*"))
