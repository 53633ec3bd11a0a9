"""How do tests start a Prometheus or an Alertmanager? Both are told, and say, alike.

Each is Debian's package, which takes a second to get, or built from its module, which takes
minutes.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.local import debian_tools, go_tools
from deploy.local.node import HOST, free_ports
from deploy.local.process import POLL_SECONDS, Child, LaunchError, Lifetime, spawn, tail

START_SECONDS = 30.0


@dataclass(frozen=True)
class Server:
    """A running server, alone, on loopback."""

    url: str
    child: Child = field(repr=False, compare=False)

    def stop(self) -> None:
        """End it; calling it twice is fine."""
        self.child.stop()


def fetch(package: str, program: str, module: str) -> Path:
    """The program, of the package or of the module."""
    return debian_tools.fetch(package, program) or go_tools.fetch(module)


def start(program: Path, options: Mapping[str, object], log: Path) -> Server:
    """Start it; it ends with this process. Raises ``LaunchError`` with what it said."""
    address = f"{HOST}:{free_ports().client}"
    whole = {**options, "web.listen-address": address}
    command = [str(program), *(f"--{name}={value}" for name, value in whole.items())]
    found = Server(f"http://{address}", spawn(command, log, Lifetime.TIED))
    if not _is_ready(found):
        found.stop()
        raise LaunchError(f"{program.name} did not start; the end of {log}:\n{tail(log)}")
    return found


def _is_ready(server: Server) -> bool:
    deadline = time.monotonic() + START_SECONDS
    with httpx.Client(trust_env=False) as client:
        while server.child.is_running() and time.monotonic() < deadline:
            if _says_so(client, server.url):
                return server.child.is_running()
            time.sleep(POLL_SECONDS)  # a process starts in its own time
    return False


def _says_so(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(f"{url}/-/ready").is_success
    except httpx.TransportError:
        return False
