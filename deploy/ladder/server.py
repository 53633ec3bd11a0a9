"""How is a running API server asked? By kubectl and helm; a warning is an error."""

import json
import os
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.ladder import tools
from deploy.ladder.pods import Manifest, Name
from deploy.ladder.tree import Refused, Tree

PATIENCE = 120.0
_WARNED = ("Warning", "W1", "level=WARN")


@dataclass(frozen=True)
class Server:
    """A running API server, asked by kubectl and helm."""

    config: Path
    tree: Tree

    def kubectl(self, *arguments: str) -> str:
        """What it answers; raises ``Refused`` for an error or a warning."""
        return self._ask([str(tools.kubectl()), f"--kubeconfig={self.config}", *arguments])

    def helm(self, space: str, *arguments: str) -> str:
        """The same by helm, in a namespace."""
        where = ["--kubeconfig", str(self.config), "--namespace", space]
        return self._ask([str(tools.helm()), *arguments, *where])

    def apply(self, objects: list[Manifest], *options: str) -> None:
        """Have objects applied by the server itself."""
        file = self.tree.scratch / "applied.json"
        whole = {"apiVersion": "v1", "kind": "List", "items": objects}
        file.write_text(json.dumps(whole), encoding="utf-8")
        self.kubectl("apply", "--server-side", *options, "-f", str(file))

    def delete(self, names: Iterable[Name]) -> None:
        """Take objects away by their names."""
        for kind, space, name in sorted(names):
            self.kubectl("delete", "--wait=false", "--namespace", space, kind, name)

    def _ask(self, command: Sequence[str]) -> str:
        inherited = dict(os.environ)  # noqa: TID251 - PATH
        done = subprocess.run(
            command,
            env={**inherited, "KUBECONFIG": str(self.config)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        warned = [line for line in done.stderr.splitlines() if line.startswith(_WARNED)]
        if done.returncode or warned:
            raise Refused((done.stderr or done.stdout).strip())
        return done.stdout


def refusal(attempt: Callable[[], object], word: str) -> str:
    """The line by which something is refused, as it must be."""
    try:
        attempt()
    except Refused as error:
        telling = [line.strip() for line in str(error).splitlines() if word in line]
        if telling:
            return telling[0][:120]
        raise Refused(f"expected a refusal that says {word!r}, got: {error}") from error
    raise Refused(f"expected a refusal that says {word!r}; it was taken")
