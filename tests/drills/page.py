"""How are the commands of a page run as it has them? In a shell, in a folder with its files."""

import re
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.demo.stack import ROOT
from deploy.local.node import Runtime
from deploy.local.runtime import MACHINE

_BLOCK = re.compile(r"^```bash (?P<name>\S+)\n(?P<text>.*?)^```$", re.M | re.S)
COMMANDS = {"kafka-configs": "kafka.admin.ConfigCommand"}
"""Kafka's own commands, and the class that each runs."""


@dataclass
class Page:
    """The named blocks of a page, each to be run once or more."""

    file: Path
    folder: Path
    environment: Mapping[str, str]
    run_already: set[str] = field(default_factory=set)

    def blocks(self) -> Mapping[str, str]:
        """Its commands by the name behind ``bash``."""
        text = self.file.read_text(encoding="utf-8")
        return {found["name"]: found["text"] for found in _BLOCK.finditer(text)}

    def run(self, name: str, **more: str) -> None:
        """Run one block; a command that fails is a failure with what it said."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self.blocks()[name]],
            cwd=self.folder,
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, f"{name}: {done.stdout[-1000:]}{done.stderr[-2000:]}"
        self.run_already.add(name)


def with_commands(runtime: Runtime, folder: Path) -> dict[str, str]:
    """The environment of a shell that has Kafka's commands, ours and ``.venv``."""
    binaries = folder / "bin"
    binaries.mkdir()
    for name, main in COMMANDS.items():
        script = binaries / name
        script.write_text(f'#!/bin/sh\nexec {shlex.join(runtime.command(main))} "$@"\n')
        script.chmod(0o755)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return {"PATH": f"{binaries}:{MACHINE['PATH']}", "PYTHONPATH": str(ROOT)}
