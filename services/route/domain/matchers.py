"""Does a fact satisfy a rule's condition? Typed matchers, one per field, with their reasons."""

import re
from collections.abc import Callable
from enum import EnumMeta
from typing import Any, get_args, get_type_hints

import msgspec

from schemas.decisions import Facts
from schemas.vocabulary import Vocabulary
from schemas.yaml_marks import did_you_mean

_RANGE = re.compile(r"(>=|<=|>|<)\s*(-?[0-9]+)")
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
}
_HINTS = {
    name: hint for name, hint in get_type_hints(Facts).items() if name not in {"at", "on_duty"}
}


class BadCondition(Exception):  # noqa: N818 - reads as what it is
    """A condition that no fact could satisfy, or that asks for a field that facts do not have."""


class Matcher(msgspec.Struct, frozen=True, kw_only=True):
    """One condition on one field: any of some values, or a comparison."""

    field: str
    said: str
    any_of: frozenset[Any] = frozenset()
    compare: tuple[str, int] | None = None

    def accepts(self, facts: Facts) -> bool:
        """Does the field's value satisfy the condition? An unknown (null) value never does."""
        value = getattr(facts, self.field)
        if self.compare:
            sign, bound = self.compare
            return value is not None and _COMPARE[sign](value, bound)
        if isinstance(value, tuple):
            return not self.any_of.isdisjoint(value)
        return value in self.any_of


def read_matcher(field: str, value: Any) -> Matcher:
    """A condition as the file has it: a value, a list of values, or a comparison of a number."""
    if field not in _HINTS:
        raise BadCondition(f"unknown field `{field}`{did_you_mean(field, list(_HINTS))}")
    hint = _HINTS[field]
    if _is_number(hint) and isinstance(value, str) and (found := _RANGE.fullmatch(value)):
        return Matcher(field=field, said=value, compare=(found[1], int(found[2])))
    values = value if isinstance(value, list) else [value]
    wanted = frozenset(_typed(field, hint, one) for one in values)
    return Matcher(field=field, said=" or ".join(map(str, values)), any_of=wanted)


def read_facts(facts: dict[str, Any]) -> Facts:
    """The facts of a test; what it leaves out has the neutral default."""
    for field, value in facts.items():
        if field not in _HINTS:
            raise BadCondition(f"unknown field `{field}`{did_you_mean(field, list(_HINTS))}")
        for one in value if isinstance(value, list) else [value]:
            _typed(field, _HINTS[field], one)
    return msgspec.convert(facts, Facts)


def _typed(field: str, hint: Any, value: Any) -> Any:
    parts = set(get_args(hint)) or {hint}
    for kind in parts:
        if isinstance(kind, EnumMeta) and issubclass(kind, Vocabulary):
            return _word(field, kind, value)
    if parts & {bool} and isinstance(value, bool):
        return value
    if parts & {int} and isinstance(value, int) and not isinstance(value, bool):
        return value
    if parts & {str} and isinstance(value, str):
        return value
    wanted = "true or false" if bool in parts else "a number" if int in parts else "text"
    raise BadCondition(f"expected {wanted} for `{field}`, got `{value}`")


def _word(field: str, kind: type[Vocabulary], value: Any) -> Vocabulary:
    words = [word.value for word in kind if word.value != "unknown" or field == "solvable"]
    if value not in words:
        hint = did_you_mean(str(value), words)
        raise BadCondition(f"expected one of {', '.join(words)} for `{field}`, got `{value}`{hint}")
    return kind(value)


def _is_number(hint: Any) -> bool:
    return hint is int or int in get_args(hint)
