"""What does the README say of each value? The `# --` lines of values.yaml, with defaults."""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

_KEY = re.compile(r"(?P<indent> *)(?P<key>[A-Za-z][\w-]*):(?: |$)")
_ABOUT = re.compile(r" *# -- (?P<about>.+)")


def table(values: str) -> Iterator[str]:
    """A row for each value: its path, its default, what it does."""
    yield "| value | default | what it does |"
    yield "|---|---|---|"
    defaults = yaml.safe_load(values)
    for path, about in described(values):
        yield f"| `{'.'.join(path)}` | `{_default(defaults, path)}` | {about.replace('|', '/')} |"


def described(values: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every value with a `# --` line above it, by its path."""
    above, about = list[tuple[int, str]](), ""
    for line in values.splitlines():
        said, key = _ABOUT.fullmatch(line), _KEY.match(line)
        if said:
            about = said["about"]
        if not key:
            continue
        indent = len(key["indent"])
        above = [*((deep, name) for deep, name in above if deep < indent), (indent, key["key"])]
        if about:
            yield tuple(name for _, name in above), about
            about = ""


def _default(defaults: Any, path: tuple[str, ...]) -> str:
    for name in path:
        defaults = defaults[name]
    return json.dumps(defaults, ensure_ascii=False)
