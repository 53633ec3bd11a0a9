"""Is compose.yaml what Compose reads? By its own loader, without an engine."""

import re
from pathlib import Path
from typing import Any

import yaml

from deploy.ladder import tools
from deploy.ladder.tree import Refused, Tree

_ASKED = re.compile(r"\$\{(\w+):\?[^}]*\}")


def model(tree: Tree) -> dict[str, Any]:
    """The normalised model; raises ``Refused``.

    The loader's own command line forgets the environment, so variables are filled in before.
    """
    folder = tree.root / "deploy"
    text = (folder / "compose.yaml").read_text(encoding="utf-8")
    asked, offered = set(_ASKED.findall(text)), _offered(folder / "compose/env.example")
    if asked != offered:
        raise Refused(
            f"expected env.example to name what compose.yaml asks for, {sorted(asked)};"
            f" got {sorted(offered)}"
        )
    filled = tree.scratch / "compose.yaml"
    filled.write_text(_ASKED.sub("filled-in", text), encoding="utf-8")
    found = yaml.safe_load(tree.run([str(tools.compose()), str(filled)], folder=folder))
    _has_files(found)
    return dict(found)


def _offered(file: Path) -> set[str]:
    return set(re.findall(r"^(\w+)=", file.read_text(encoding="utf-8"), re.M))


def _has_files(found: dict[str, Any]) -> None:
    """A folder that is not there would be made, empty, by the engine."""
    for name, service in found["services"].items():
        for volume in service.get("volumes", []):
            if volume["type"] == "bind" and not Path(volume["source"]).exists():
                raise Refused(f"{name}: expected a file at {volume['source']}; there is none")
