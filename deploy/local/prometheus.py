"""How do tests get promtool and a real Prometheus? Debian's package, or built from the module."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.local import ready_server
from deploy.local.ready_server import Server
from deploy.local.tools import run

PACKAGE = "prometheus"
MODULE = "github.com/prometheus/prometheus/cmd/{name}@v0.42.0"


def program_of(name: str) -> Path:
    """``promtool`` or ``prometheus``."""
    return ready_server.fetch(PACKAGE, name, MODULE.format(name=name))


def import_history(openmetrics: Path, data: Path) -> None:
    """Write blocks from an OpenMetrics file with timestamps; raises ``LaunchError``."""
    tool = str(program_of("promtool"))
    command = [tool, "tsdb", "create-blocks-from", "openmetrics", str(openmetrics), str(data)]
    run(command, "blocks of history", otherwise="look at the file: it is OpenMetrics text")


def start(folder: Path, data: Path, settings: Mapping[str, Any] | None = None) -> Server:
    """Start one on what lies in `data`; without settings it scrapes nothing."""
    written = folder / "prometheus.json"
    written.write_text(json.dumps(settings or {}))  # JSON is YAML
    options = {
        "config.file": written,
        "storage.tsdb.path": data,
        "storage.tsdb.retention.time": "100y",
    }
    return ready_server.start(program_of("prometheus"), options, folder / "prometheus.log")
