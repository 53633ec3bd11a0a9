"""What must be there before a broker can start? Java, jars, a formatted folder, an archive.

All of it is made once and kept in the cache; later calls verify the jars and need no network.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from deploy.local.archive import archive_options
from deploy.local.jars import fetch_jars, is_python_forced
from deploy.local.java import fetched_java, system_java
from deploy.local.node import Runtime, free_ports, render_properties
from deploy.local.process import LaunchError

TOOLS = Path(__file__).parents[2] / ".tools"
"""Where tools are built and packages are fetched one at a time."""

# the launcher belongs to the machine, not to a service: there is no settings.py to read this
MACHINE: Mapping[str, str] = os.environ  # noqa: TID251 - the launcher reads PATH and JAVA_HOME
CLUSTER_ID = "b3RrbGlrLWxvY2FsLTAwMQ"  # fixed, so that the formatted folder can be kept
FORMAT_SECONDS = 60.0


def fetch(cache: Path, say: Callable[[str], None]) -> Runtime:
    """Make everything a broker needs, or only verify it when it is there already."""
    cache = cache.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    with locked(cache / "lock", say):
        for leftover in cache.glob("scratch-*"):  # of a fetch that was killed
            shutil.rmtree(leftover, ignore_errors=True)
        java = None if is_python_forced(MACHINE) else system_java(MACHINE)
        java = java or fetched_java(cache, say)
        jars = fetch_jars(cache, java, MACHINE, say)
        bare = Runtime(java.path, os.pathsep.join(map(str, jars)))
        runtime = replace(bare, formatted=_formatted(cache, bare, say))
        archive = cache / f"archive-{_key(java.version, *runtime.command(''))}"
        return replace(runtime, options=archive_options(runtime, archive, java.release, say))


@contextmanager
def locked(file: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Let one process at a time in; the system frees the lock of a killed one."""
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another start to finish")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _formatted(cache: Path, runtime: Runtime, say: Callable[[str], None]) -> Path:
    target = cache / f"formatted-{_key(CLUSTER_ID, runtime.classpath)}"
    if target.exists():
        return target
    say("formatting an empty Kafka folder")
    with tempfile.TemporaryDirectory(dir=cache, prefix="scratch-") as scratch:
        settings, logs = Path(scratch) / "server.properties", Path(scratch) / "logs"
        settings.write_text(render_properties(free_ports(), logs))
        arguments = ["format", "-t", CLUSTER_ID, "-c", str(settings)]
        done = subprocess.run(
            runtime.command("kafka.tools.StorageTool", *arguments),
            capture_output=True,
            text=True,
            timeout=FORMAT_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise LaunchError(f"Kafka could not format its folder: {done.stdout}{done.stderr}")
        logs.replace(target)
    return target


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
