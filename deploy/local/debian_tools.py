"""How does a tool get here fast? As a Debian package, where root may install and it is served.

Elsewhere the caller has another way; a build takes minutes, a package a second.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from deploy.local.process import LaunchError
from deploy.local.runtime import MACHINE, TOOLS, locked
from deploy.local.tools import run

DEBIAN_VARIABLE = "OTKLIK_WITHOUT_DEBIAN"
"""Any value: ask no Debian package."""


def fetch(
    package: str, program: str, *, tools: Path = TOOLS, say: Callable[[str], None] = lambda _: None
) -> Path | None:
    """A program of a package, installed on first use; None where it cannot be had like this."""
    if MACHINE.get(DEBIAN_VARIABLE):
        return None
    tools.mkdir(parents=True, exist_ok=True)
    with locked(tools / "lock", say):
        if _found(program) is None and os.geteuid() == 0 and shutil.which("apt-get"):
            try:
                _install(package)
            except LaunchError as error:
                say(str(error))
    return _found(program)


def _install(package: str) -> None:
    """Installed, not started: what it would start at boot is nobody's here."""
    quiet = {**MACHINE, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    ask = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", package]
    run(ask, f"{package} from Debian", env=quiet, otherwise=f"install {package}")


def _found(program: str) -> Path | None:
    found = shutil.which(program, path=MACHINE.get("PATH", ""))
    return Path(found) if found else None
