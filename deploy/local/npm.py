"""How do the packages of a JavaScript example get here? By npm, as its lock says."""

import hashlib
import shutil
import tempfile
from pathlib import Path

from deploy.local.runtime import TOOLS
from deploy.local.tools import run

OTHERWISE = "install Node 20 with npm, and let it reach a registry of npm packages"


def installed(example: Path) -> Path:
    """The example's folder with its packages; npm checks each against the lock's hash."""
    files = sorted(one for one in example.iterdir() if one.is_file())
    digest = hashlib.sha256(b"\0".join(one.read_bytes() for one in files)).hexdigest()[:12]
    target = TOOLS / f"npm-{example.name}-{digest}"
    if target.exists():
        return target
    TOOLS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TOOLS, prefix="scratch-") as scratch:
        folder = Path(scratch) / "example"
        folder.mkdir()
        for one in files:
            shutil.copy(one, folder)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        run(command, "the packages of a subscriber with npm", folder=folder, otherwise=OTHERWISE)
        folder.replace(target)
    return target
