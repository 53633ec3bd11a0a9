"""Where in the file does it say that? YAML 1.2 scalars, no duplicate keys, a line per value.

PyYAML's own resolver turns ``18:00`` into 1080 and ``no`` into False and keeps the last of two
equal keys (policy.md); this one does none of that.
"""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import msgspec
import yaml

_SCALARS = (
    (re.compile(r"true|false"), lambda text: text == "true"),
    (re.compile(r"null|~|"), lambda _: None),
    (re.compile(r"[-+]?(0|[1-9][0-9]*)"), int),
    (re.compile(r"[-+]?[0-9]+\.[0-9]+"), float),
)


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong with a file: where, and what was expected."""

    line: int
    column: int
    path: str
    why: str


class BadFile(Exception):  # noqa: N818 - reads as what it is
    """The file cannot be used; all that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{p.line}:{p.column}: {p.path}: {p.why}" for p in problems))
        self.problems = problems


class Document(msgspec.Struct, frozen=True):
    """Plain values and, by path (``$.rules[0].when``), the line and column they stand at."""

    value: Any
    marks: dict[str, tuple[int, int]]

    def problem(self, path: str, why: str) -> Problem:
        """A problem at that path, or at the nearest parent that the file has."""
        known = path
        while known not in self.marks and known != "$":
            known = known[: max(known.rfind("."), known.rfind("["))] or "$"
        line, column = self.marks.get(known, (1, 1))
        return Problem(line=line, column=column, path=path, why=why)

    def misshapen(
        self, error: msgspec.ValidationError, *, below: str = "$", fields: Sequence[str] = ()
    ) -> Problem:
        """What msgspec found wrong with the value that stands ``below``; ``fields`` it may have."""
        why, _, place = str(error).partition(" - at `")
        path = below + place.removesuffix("`").replace("key in ", "").removeprefix("$")
        unknown = re.search(r"unknown field `(.+?)`", why)
        if unknown:
            path = f"{path}.{unknown[1]}"
            why = f"unknown field `{unknown[1]}`{did_you_mean(unknown[1], fields)}"
        return self.problem(path, why)


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """A hint where a known word looks like the one that is written; empty where none does."""
    close = get_close_matches(word, known, n=1)
    return f", did you mean `{close[0]}`?" if close else ""


def read_yaml(text: str) -> Document:
    """The document with its marks; raises ``BadFile``."""
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        why = f"expected YAML: {getattr(error, 'problem', error)}"
        raise BadFile((Problem(line=line, column=column, path="$", why=why),)) from error
    reader = _Reader()
    value = reader.read(node, "$") if node else None
    if reader.problems:
        raise BadFile(tuple(reader.problems))
    return Document(value, reader.marks)


class _Reader:
    def __init__(self) -> None:
        self.marks: dict[str, tuple[int, int]] = {}
        self.problems: list[Problem] = []

    def read(self, node: yaml.Node, path: str) -> Any:
        """The plain value of a node; notes where it and its parts stand."""
        self.marks.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, f"{path}[{n}]") for n, item in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            below = f"{path}.{name}"
            line, column = key.start_mark.line + 1, key.start_mark.column + 1
            if name in found:
                why = f"expected each key once, `{name}` stands here again"
                self.problems.append(Problem(line=line, column=column, path=below, why=why))
            self.marks[below] = (line, column)
            found[name] = self.read(value, below)
        return found


def _scalar(node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode) and node.style in {'"', "'", "|", ">"}:
        return node.value
    for pattern, convert in _SCALARS:
        if pattern.fullmatch(node.value):
            return convert(node.value)
    return node.value
