"""Are these the jars we know? jgo does not check what it downloads, so the list is ours."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from deploy.local.process import LaunchError

SUMS_FILE = Path(__file__).with_name("jars.sha256")


def read_sums(file: Path = SUMS_FILE) -> dict[str, str]:
    """Read a list in the format of `sha256sum`: name to sum."""
    pairs = (line.split() for line in file.read_text().splitlines() if line.strip())
    return {name: digest for digest, name in pairs}


def missing_jars(folder: Path, sums: Mapping[str, str]) -> list[str]:
    """Name the jars that are not in the folder; a jar with another sum is refused."""
    missing = []
    for name, expected in sums.items():
        jar = folder / name
        if not jar.is_file():
            missing.append(name)
        elif (actual := _digest(jar)) != expected:
            raise LaunchError(
                f"{name} is not the file we know: expected sha256 {expected}, got {actual} in {jar}"
            )
    return missing


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
