"""Which commands do the operator's pages give? Their blocks, and on what each of them is run."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PAGES = ("look-after.md", "operate.md")
"""In this order: what comes in by the one is saved and put back by the other."""

KINDS = ("running", "stopped", "kubernetes")
SHOWN = ("text",)
"""What is read, not run."""

_FENCE = re.compile(r"^```(.*)\n((?:.*\n)*?)```$", re.M)
_INDENTED = re.compile(r"^(?: {4}|\t)(?=\S).*$", re.M)


class Block(NamedTuple):
    """One block: where it stands, on what it runs (``stopped``: which service is), its lines."""

    page: str
    line: int
    kind: str
    service: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks_of(name: str, page: str) -> Sequence[Block]:
    """Every block of a page that is to be run; raises ``ValueError`` for one that nothing runs."""
    found = []
    for one in _FENCE.finditer(page):
        language, *how = one[1].split()
        line = page.count("\n", 0, one.start()) + 1
        if [language, *how][0] in SHOWN:
            continue
        if language != "bash" or not how or how[0] not in KINDS:
            raise ValueError(f"{name}:{line}: expected `bash` and one of {KINDS}, got `{one[1]}`")
        kind, service = how[0], "".join(how[1:])
        found.append(Block(page=name, line=line, kind=kind, service=service, text=one[2]))
    if stray := _INDENTED.search(_FENCE.sub("", page)):
        raise ValueError(f"{name}: expected commands in a fenced block, got `{stray[0].strip()}`")
    return found


def blocks(*kinds: str) -> list[Block]:
    """Those of all pages, in their order."""
    pages = {name: (ROOT / "docs" / name).read_text("utf-8") for name in PAGES}
    return [
        one for name, page in pages.items() for one in blocks_of(name, page) if one.kind in kinds
    ]
