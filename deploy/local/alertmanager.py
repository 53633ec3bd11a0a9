"""How do tests get a real Alertmanager? Debian's, or built from its module; alone, on loopback."""

import json
from pathlib import Path

from deploy.local import ready_server
from deploy.local.ready_server import Server

MODULE = "github.com/prometheus/alertmanager/cmd/alertmanager@v0.28.1"
PACKAGE = PROGRAM = "prometheus-alertmanager"
SETTINGS = {"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}


def start(folder: Path) -> Server:
    """Start an empty one that notifies nobody and keeps its data in `folder`."""
    settings = folder / "alertmanager.json"
    settings.write_text(json.dumps(SETTINGS))  # JSON is YAML
    options = {
        "config.file": settings,
        "storage.path": folder / "alerts",
        "cluster.listen-address": "",  # alone
    }
    return ready_server.start(program_of(), options, folder / "alertmanager.log")


def program_of() -> Path:
    """The program."""
    return ready_server.fetch(PACKAGE, PROGRAM, MODULE)
