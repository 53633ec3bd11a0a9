"""How do tests get promtool and a real Prometheus? Debian's package, or built from the module."""

from collections.abc import Callable
from pathlib import Path

from deploy.local import debian_tools, go_tools

PACKAGE = "prometheus"
MODULE = "github.com/prometheus/prometheus/cmd/{name}@v0.42.0"


def program_of(
    name: str, tools: Path = go_tools.TOOLS, say: Callable[[str], None] = lambda _: None
) -> Path:
    """``promtool`` or ``prometheus``; a package takes seconds to get, a build minutes."""
    packaged = debian_tools.fetch(PACKAGE, name, tools=tools, say=say)
    return packaged or go_tools.fetch(MODULE.format(name=name), tools, say)
