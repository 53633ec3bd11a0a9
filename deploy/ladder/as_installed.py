"""``python -P as_installed.py LOCK [MODULE ARGUMENT...]`` runs a module as the image would.

Packages that are no line of the lock are not there, though this environment has them; without a
module every module of the folder is imported, but for what only Alembic runs.
"""

import re
import runpy
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType

NO_MODULES = ("__main__.py", "env.py")


class Absent(MetaPathFinder):
    """Hides the packages that are not installed where the image runs."""

    def __init__(self, lock: str) -> None:
        pins = {_plain(name) for name in re.findall(r"^([\w.-]+)==", lock, re.M)}
        owners = packages_distributions().items()
        self.names = {top for top, of in owners if not pins & {_plain(name) for name in of}}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuse a hidden one; the others are found as ever."""
        if path is None and fullname in self.names:
            raise ModuleNotFoundError(f"{fullname} is no line of the lock", name=fullname)
        return None


def main(lock: Path, command: list[str]) -> None:
    """Run the module with its arguments, or import all."""
    sys.meta_path.insert(0, Absent(lock.read_text(encoding="utf-8")))
    folder = Path.cwd()
    sys.path.insert(0, str(folder))
    if command:
        sys.argv = command
        runpy.run_module(command[0], run_name="__main__", alter_sys=True)
        return
    for file in sorted(folder.rglob("*.py")):
        if file.name not in NO_MODULES:
            __import__(".".join(file.relative_to(folder).with_suffix("").parts))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
