"""How do tests get a real Alertmanager? Debian's, or built from its module; alone, on loopback."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.local import ready_server
from deploy.local.ready_server import Server

MODULE = "github.com/prometheus/alertmanager/cmd/alertmanager@v0.28.1"
PACKAGE = PROGRAM = "prometheus-alertmanager"
NOBODY = {"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}


def start(folder: Path, settings: Mapping[str, Any] = NOBODY) -> Server:
    """Start an empty one that keeps its data in `folder`; without settings it notifies nobody."""
    written = folder / "alertmanager.json"
    written.write_text(json.dumps(settings))  # JSON is YAML
    options = {
        "config.file": written,
        "storage.path": folder / "alerts",
        "cluster.listen-address": "",  # alone
    }
    return ready_server.start(program_of(), options, folder / "alertmanager.log")


def program_of() -> Path:
    """The program."""
    return ready_server.fetch(PACKAGE, PROGRAM, MODULE)
