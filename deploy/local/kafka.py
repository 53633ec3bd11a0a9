"""How does a machine with Python alone get a real Kafka broker, and get rid of it again?

python -m deploy.local.kafka fetch | up | down | status
"""

import argparse
import fcntl
import json
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.archive import without_archive
from deploy.local.node import Runtime, free_ports, new_data, render_properties, wait_until_ready
from deploy.local.process import Child, LaunchError, Lifetime, spawn, stop_stranger, tail
from deploy.local.runtime import fetch, locked

__all__ = ["Broker", "LaunchError", "Lifetime", "Runtime", "fetch", "start"]

CACHE = Path(__file__).parents[2] / ".kafka"
ATTEMPTS = 3  # another program may take a port between our look and the broker's bind
PORT_TAKEN = "Address already in use"


@dataclass(frozen=True)
class Broker:
    """A running single-node Kafka, reachable on loopback."""

    bootstrap: str
    pid: int
    folder: Path
    child: Child = field(repr=False, compare=False)

    def stop(self) -> None:
        """End the broker; calling it twice is fine."""
        self.child.stop()

    def kill(self) -> None:
        """End the broker at once; with many topics it takes long to put its books in order."""
        self.child.kill()

    def pause(self) -> None:
        """Freeze the broker: connections stay open, nothing answers."""
        self.child.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Thaw a frozen broker."""
        self.child.signal(signal.SIGCONT)


def start(
    cache: Path,
    data: Path,
    say: Callable[[str], None] = lambda _: None,
    *,
    lifetime: Lifetime = Lifetime.TIED,
) -> Broker:
    """Start an empty broker that keeps its data in `data` and ends with this process."""
    runtime = fetch(cache, say)
    folder = data.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if is_in_use(folder):
        raise LaunchError(f"another broker is running on {folder}: stop it or take another folder")
    for _ in range(ATTEMPTS):
        broker = _try_start(runtime, folder, lifetime)
        if broker is not None:
            return broker
        last_lines = tail(folder / "broker.log")
        if PORT_TAKEN not in last_lines:
            if not runtime.options:
                break
            runtime = without_archive(runtime)
    raise LaunchError(f"Kafka did not start; the end of {folder / 'broker.log'}:\n{last_lines}")


def is_in_use(folder: Path) -> bool:
    """Tell whether a live broker holds the folder: Kafka locks a file in it for as long."""
    file = folder / "logs" / ".lock"
    if not file.exists():
        return False
    with file.open("r+") as lock:
        try:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def _try_start(runtime: Runtime, folder: Path, lifetime: Lifetime) -> Broker | None:
    ports, settings, log = free_ports(), folder / "server.properties", folder / "broker.log"
    settings.write_text(render_properties(ports, new_data(runtime, folder)))
    log.unlink(missing_ok=True)
    child = spawn(runtime.command("kafka.Kafka", str(settings)), log, lifetime)
    broker = Broker(ports.bootstrap, child.pid, folder, child)
    try:
        ready = wait_until_ready(child, ports.bootstrap)
    except BaseException:  # Ctrl-C too must not leave a broker behind
        broker.stop()
        raise
    if not ready:
        broker.stop()
        return None
    return broker


def up(cache: Path) -> str:
    """Keep a broker running in the background and return its address."""
    cache.mkdir(parents=True, exist_ok=True)
    with locked(cache / "up.lock", _tell):
        running = address(cache)
        if running is not None:
            return running
        broker = start(cache, cache / "up", _tell, lifetime=Lifetime.DETACHED)
        scratch = cache / "run.json.new"
        scratch.write_text(json.dumps({"bootstrap": broker.bootstrap, "pid": broker.pid}) + "\n")
        scratch.replace(cache / "run.json")
        return broker.bootstrap


def down(cache: Path) -> str:
    """Stop the broker that `up` started."""
    if address(cache) is None:
        return "not running"
    pid = int(json.loads((cache / "run.json").read_text())["pid"])
    stop_stranger(pid)
    (cache / "run.json").unlink()
    return "stopped"


def address(cache: Path) -> str | None:
    """Return the address of the broker that `up` started, if it still runs."""
    note = cache / "run.json"
    if not note.exists() or not is_in_use(cache / "up"):
        return None
    return str(json.loads(note.read_text())["bootstrap"])


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Run one command for a person."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.kafka", description=__doc__)
    parser.add_argument("command", choices=["fetch", "up", "down", "status"])
    parser.add_argument("--cache", type=Path, default=CACHE)
    arguments = parser.parse_args()
    try:
        return _obey(arguments.command, arguments.cache.resolve())
    except LaunchError as error:
        _tell(str(error))
        return 1


def _obey(command: str, cache: Path) -> int:
    match command:
        case "fetch":
            print(f"ready: {fetch(cache, _tell).java}")
        case "up":
            print(up(cache))
        case "down":
            print(down(cache))
        case _:
            running = address(cache)
            print(running or "not running")
            return 0 if running else 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
