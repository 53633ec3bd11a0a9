"""What is this checkout, in a copy that may be broken? All of it, but for what git ignores."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local.process import LaunchError

ROOT = Path(__file__).resolve().parents[2]
LINKED = (".venv", ".kafka", ".tools")
"""Too large to copy, and the same for every copy."""


@contextmanager
def copied(prefix: str) -> Iterator[Path]:
    """The checkout as it lies there, in a folder of its own; raises ``LaunchError``."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        raise LaunchError(f"expected a git checkout: {listed.stderr.strip()}")
    with TemporaryDirectory(prefix=prefix) as name:
        folder = Path(name) / "copy"
        folder.mkdir()
        for path in filter(None, listed.stdout.split("\0")):
            if path not in LINKED and (ROOT / path).is_file():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / path, folder / path, follow_symlinks=False)
        for link in LINKED:
            if (ROOT / link).exists():
                (folder / link).symlink_to((ROOT / link).resolve())
        yield folder
