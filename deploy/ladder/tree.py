"""What do the rungs look at? A checkout, the whole one or a broken copy, and the chart rendered."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import RLock

import yaml

from deploy.ladder import tools

ROOT = Path(__file__).parents[2]
VERSIONS = ("1.33", "1.35", "1.37")
"""The Kubernetes that the chart must suit: an old one that clouds still run, and the newest."""

RELEASE = "otklik"
PATIENCE = 300.0


class Refused(Exception):  # noqa: N818 - says what a rung found
    """A rung found something wrong; the text is the tool's own words."""


@dataclass(frozen=True)
class Tree:
    """A checkout and a folder for what is made of it."""

    root: Path
    scratch: Path
    _rendered: dict[str, Path] = field(default_factory=dict, compare=False)
    _turn: RLock = field(default_factory=RLock, compare=False)

    @property
    def chart(self) -> Path:
        """The chart."""
        return self.root / "deploy/helm/otklik"

    @cached_property
    def examples(self) -> list[Path]:
        """The values files that people start from; none is an error, or nothing is checked."""
        found = sorted((self.root / "deploy/examples").glob("values-*.yaml"))
        if not found:
            raise Refused("expected deploy/examples/values-*.yaml; there is none")
        return found

    def rendered(self, version: str = VERSIONS[1]) -> Path:
        """The folder with one file of manifests for each example, made once for each version."""
        with self._turn:
            if version not in self._rendered:
                folder = self.scratch / f"rendered-{version}"
                folder.mkdir()
                for values in self.examples:
                    text = self.run([str(tools.helm()), *self._template(values, version)])
                    (folder / f"{values.stem}.yaml").write_text(text, encoding="utf-8")
                self._rendered[version] = folder
            return self._rendered[version]

    def manifests(self) -> list[tuple[str, dict[str, object]]]:
        """Every rendered object with the name of its example."""
        return [
            (file.stem, one)
            for file in sorted(self.rendered().glob("*.yaml"))
            for one in yaml.load_all(file.read_text("utf-8"), yaml.CSafeLoader)
            if one
        ]

    def run(self, command: Sequence[str], *, folder: Path | None = None) -> str:
        """What a program prints; raises ``Refused`` with all that it said."""
        try:
            done = subprocess.run(
                command,
                cwd=folder or self.root,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Refused(f"expected an end within {PATIENCE:.0f} s: {command[0]}") from error
        if done.returncode:
            raise Refused(f"{done.stdout}{done.stderr}".strip())
        return done.stdout

    def python(self, *arguments: str) -> str:
        """The same of a Python program of this checkout."""
        return self.run([sys.executable, *arguments])

    def _template(self, values: Path, version: str) -> list[str]:
        named = ["template", RELEASE, str(self.chart), "--namespace", RELEASE]
        return [*named, "--values", str(values), "--kube-version", f"{version}.0"]


def _environment() -> dict[str, str]:
    """Without what points at a person's own cluster: no rung may ask one."""
    inherited = dict(os.environ)  # noqa: TID251 - PATH
    return {**inherited, "KUBECONFIG": os.devnull, "HELM_NO_PLUGINS": "1"}
