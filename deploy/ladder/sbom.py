"""Of what does the image consist? ``python -m deploy.ladder.sbom`` writes it in CycloneDX.

From the lock, so that it can be made before an image is and says the same on every machine.
"""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from deploy.ladder.tree import ROOT, Refused, Tree
from deploy.local.runtime import TOOLS
from deploy.local.tools import installed

LOCK = ROOT / "requirements/run.txt"
_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", re.M)
_OTHERWISE = "use `cyclonedx-py requirements requirements/run.txt` of a machine that has it"


def main(arguments: list[str]) -> int:
    """Write it to the file, or show it."""
    parser = argparse.ArgumentParser(prog="deploy.ladder.sbom", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="where to; stdout without it")
    target = parser.parse_args(arguments).file
    text = json.dumps(made(LOCK), indent=2) + "\n"
    if target:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        print(f"sbom: {target}, {len(pins(LOCK.read_text('utf-8')))} components")
    else:
        sys.stdout.write(text)
    return 0


def made(lock: Path) -> dict[str, Any]:
    """The document, by cyclonedx-py; without time and serial, so that two makings are alike."""
    lines = Path(__file__).with_name("sbom.txt").read_text(encoding="utf-8")
    python = installed(TOOLS / "sbom", "cyclonedx-bom", lines, _OTHERWISE)
    options = ["--output-reproducible", "--output-format", "JSON", "--spec-version", "1.6"]
    command = [str(python), "-m", "cyclonedx_py", "requirements", *options, str(lock)]
    document: dict[str, Any] = json.loads(Tree(lock.parent, lock.parent).run(command))
    return document


def components(document: dict[str, Any]) -> set[tuple[str, str]]:
    """Name and version of each component."""
    return {(one["name"], one.get("version", "")) for one in document["components"]}


def pins(lock: str) -> set[tuple[str, str]]:
    """Name and version of each line of a lock."""
    return set(_PIN.findall(lock))


def compare(document: dict[str, Any], lock: str) -> int:
    """How many components there are, if they are the lock's; raises ``Refused`` with the rest."""
    found, wanted = components(document), pins(lock)
    if found != wanted:
        more, less = sorted(found - wanted), sorted(wanted - found)
        raise Refused(f"expected the lock's components; not in the lock: {more}; missing: {less}")
    return len(wanted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
