"""How do tests get a real Alertmanager? Debian's, or built from its module; alone, on loopback."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.local import debian_tools, go_tools
from deploy.local.node import HOST, free_ports
from deploy.local.process import POLL_SECONDS, Child, LaunchError, Lifetime, spawn, tail

MODULE = "github.com/prometheus/alertmanager/cmd/alertmanager@v0.28.1"
PACKAGE = PROGRAM = "prometheus-alertmanager"
START_SECONDS = 30.0
SETTINGS = {"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}


@dataclass(frozen=True)
class Alertmanager:
    """A running Alertmanager that notifies nobody."""

    url: str
    child: Child = field(repr=False, compare=False)

    def stop(self) -> None:
        """End it; calling it twice is fine."""
        self.child.stop()


def start(
    folder: Path, say: Callable[[str], None] = lambda _: None, *, tools: Path = go_tools.TOOLS
) -> Alertmanager:
    """Start an empty one that keeps its data in `folder` and ends with this process."""
    program = program_of(tools, say)
    settings, log = folder / "alertmanager.json", folder / "alertmanager.log"
    settings.write_text(json.dumps(SETTINGS))  # JSON is YAML
    port = free_ports().client
    options = {
        "config.file": settings,
        "storage.path": folder / "alerts",
        "web.listen-address": f"{HOST}:{port}",
        "cluster.listen-address": "",  # alone
    }
    command = [str(program), *(f"--{name}={value}" for name, value in options.items())]
    found = Alertmanager(f"http://{HOST}:{port}", spawn(command, log, Lifetime.TIED))
    if not is_ready(found.url, found.child):
        found.stop()
        raise LaunchError(f"Alertmanager did not start; the end of {log}:\n{tail(log)}")
    return found


def program_of(tools: Path = go_tools.TOOLS, say: Callable[[str], None] = lambda _: None) -> Path:
    """Debian's takes a second to get, a build minutes."""
    packaged = debian_tools.fetch(PACKAGE, PROGRAM, tools=tools, say=say)
    return packaged or go_tools.fetch(MODULE, tools, say)


def is_ready(url: str, child: Child) -> bool:
    """Has it come up? Alertmanager and Prometheus are asked at the same path."""
    deadline = time.monotonic() + START_SECONDS
    with httpx.Client(trust_env=False) as client:
        while child.is_running() and time.monotonic() < deadline:
            try:
                if client.get(f"{url}/-/ready").is_success:
                    return child.is_running()
            except httpx.TransportError:
                time.sleep(POLL_SECONDS)
    return False
