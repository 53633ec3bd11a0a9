"""How does a child process live exactly as long as it should?

It gets its own session, so the terminal's Ctrl-C does not reach it, and a guard: a shell that
waits for the end of a pipe only we can write to. However this process ends, SIGKILL included, the
pipe closes and the guard kills the child. PR_SET_PDEATHSIG is not used: it fires when the *thread*
that started the child ends, and it exists on Linux only.
"""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

STOP_SECONDS = 15.0
POLL_SECONDS = 0.02


class LaunchError(Exception):
    """Something of the local set-up cannot be fetched or started; the text is for a person."""


class Lifetime(Enum):
    """Whether a child ends with the process that started it."""

    TIED = "tied"
    DETACHED = "detached"


@dataclass(frozen=True)
class Guard:
    """The watchdog of one process (group)."""

    process: subprocess.Popen[bytes] = field(repr=False)

    def release(self) -> None:
        """Dismiss the guard once its charge has ended."""
        if self.process.poll() is None:
            # before the pipe closes, or it would signal a number that may be someone else's by now
            self.process.kill()
        self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()


def tie(target: int, signal_name: str) -> Guard:
    """Send `signal_name` to `target` (negative: a process group) when this process is gone."""
    process = subprocess.Popen(
        ["/bin/sh", "-c", 'read _; kill -s "$1" -- "$2"', "guard", signal_name, str(target)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )
    return Guard(process)


@dataclass(frozen=True)
class Child:
    """A started process group, its guard and the way to end both."""

    process: subprocess.Popen[bytes] = field(repr=False)
    guard: Guard | None = field(repr=False)

    @property
    def pid(self) -> int:
        """The number of the process, which is also that of its group."""
        return self.process.pid

    def is_running(self) -> bool:
        """Tell whether the process has not ended yet."""
        return self.process.poll() is None

    def terminate(self) -> None:
        """Ask the process to end, and let it even if it is paused."""
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole group, if it still exists."""
        if self.is_running():
            os.killpg(self.pid, number)

    def kill(self) -> None:
        """End the group at once: what it leaves behind is nobody's."""
        self.signal(signal.SIGKILL)
        self.stop()

    def stop(self) -> None:
        """End the group: SIGTERM, then SIGKILL after 15 seconds."""
        self.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.process.wait()
        if self.guard is not None:
            self.guard.release()


def spawn(
    command: Sequence[str],
    log: Path,
    lifetime: Lifetime,
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Child:
    """Start a command in its own session, its output going to a file."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=cwd or log.parent,  # where a crashing JVM leaves its report
            env=environment,
        )
    guard = tie(-process.pid, "KILL") if lifetime is Lifetime.TIED else None
    return Child(process, guard)


def stop_stranger(pid: int) -> None:
    """End a process group that another run started: SIGTERM, then SIGKILL after 15 seconds."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + STOP_SECONDS
        if exists(pid):
            os.killpg(pid, number)
        while exists(pid) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)  # no child of ours: its end cannot be waited for


def exists(pid: int) -> bool:
    """Tell whether a process runs, whoever started it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    # a container without an init leaves the dead as zombies
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def started_at(pid: int) -> str:
    """When a process started, as the system tells it; empty where there is none."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.exists():
        return stat.read_text().rpartition(")")[2].split()[19]
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def tail(log: Path, count: int = 15) -> str:
    """Return the last lines of a log file."""
    if not log.exists():
        return "(no log was written)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
