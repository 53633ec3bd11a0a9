"""How do tests get promtool and a real Prometheus? Debian's package, or built from the module."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import debian_tools, go_tools
from deploy.local.alertmanager import is_ready
from deploy.local.node import HOST, free_ports
from deploy.local.process import Child, LaunchError, Lifetime, spawn, tail
from deploy.local.tools import run

PACKAGE = "prometheus"
MODULE = "github.com/prometheus/prometheus/cmd/{name}@v0.42.0"


def program_of(
    name: str, tools: Path = go_tools.TOOLS, say: Callable[[str], None] = lambda _: None
) -> Path:
    """``promtool`` or ``prometheus``; a package takes seconds to get, a build minutes."""
    packaged = debian_tools.fetch(PACKAGE, name, tools=tools, say=say)
    return packaged or go_tools.fetch(MODULE.format(name=name), tools, say)


@dataclass(frozen=True)
class Prometheus:
    """A running Prometheus that scrapes nothing."""

    url: str
    child: Child = field(repr=False, compare=False)

    def stop(self) -> None:
        """End it; calling it twice is fine."""
        self.child.stop()


def import_history(openmetrics: Path, data: Path) -> None:
    """Write blocks from an OpenMetrics file with timestamps; raises ``LaunchError``."""
    tool = str(program_of("promtool"))
    command = [tool, "tsdb", "create-blocks-from", "openmetrics", str(openmetrics), str(data)]
    run(command, "blocks of history", otherwise="look at the file: it is OpenMetrics text")


def start(folder: Path, data: Path) -> Prometheus:
    """Start one on what was imported; it ends with this process."""
    settings, log = folder / "prometheus.yaml", folder / "prometheus.log"
    settings.write_text("{}\n")
    port = free_ports().client
    options = {
        "config.file": settings,
        "storage.tsdb.path": data,
        "storage.tsdb.retention.time": "100y",
        "web.listen-address": f"{HOST}:{port}",
    }
    command = [str(program_of("prometheus")), *(f"--{n}={v}" for n, v in options.items())]
    found = Prometheus(f"http://{HOST}:{port}", spawn(command, log, Lifetime.TIED))
    if not is_ready(found.url, found.child):
        found.stop()
        raise LaunchError(f"Prometheus did not start; the end of {log}:\n{tail(log)}")
    return found
