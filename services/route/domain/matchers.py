"""What does a rule ask of a fact? Reads a value, a list, a comparison, a range, a negation."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from schemas.decisions import Facts
from schemas.yaml_marks import did_you_mean
from services.route.domain.calendars import OPEN, Hold
from services.route.domain.conditions import Condition, During, Numbers, Span, Tags, Values
from services.route.domain.fields import FIELDS, Field

_COMPARISON = re.compile(r"(>=|<=|>|<)\s*(-?[0-9]+)")
_RANGE = re.compile(r"(-?[0-9]+)\s*\.\.\s*(-?[0-9]+)")
_FACTS = [name for name in FIELDS if name != "author"] + ["at"]
_RULES = [*FIELDS, "during"]
_ALWAYS = {"always": OPEN}
_YAML = {"True": "true", "False": "false", "None": "null"}
"""How the file writes what Python writes otherwise."""


class BadCondition(Exception):  # noqa: N818 - reads as what it is
    """A condition that no fact could satisfy, or that asks for a field that facts do not have."""


def read_matcher(field: str, value: Any, calendars: Mapping[str, Hold] = _ALWAYS) -> Condition:
    """A condition as the file has it; ``{not: ...}`` takes all but what stands there."""
    negated = isinstance(value, dict)
    if negated and list(value) != ["not"]:
        raise BadCondition(f"expected a value, a list or `{{not: ...}}` for `{field}`")
    given = value["not"] if negated else value
    values = given if isinstance(given, list) else [given]
    if not values:
        raise BadCondition(f"expected at least one value for `{field}`")
    said = _said(values, negated=negated)
    if field == "during":
        return During(field=field, said=said, holds=_holds(values, calendars), negated=negated)
    return _read(_field(field), values, said, negated=negated)


def read_facts(facts: dict[str, Any]) -> Facts:
    """The facts of a test; what it leaves out has the neutral default.

    Whoever has followers reaches at least them, as with a post.
    """
    for name, value in facts.items():
        if name not in _FACTS:
            raise BadCondition(f"unknown field `{name}`{did_you_mean(name, _FACTS)}")
        if name == "at":
            continue
        if isinstance(value, list) != (FIELDS[name].kind == "tags"):
            wanted = "a list" if FIELDS[name].kind == "tags" else "one value"
            raise BadCondition(f"expected {wanted} for `{name}`, got `{value}`")
        for one in value if isinstance(value, list) else [value]:
            _typed(FIELDS[name], one)
    read = msgspec.convert(facts, Facts)
    known = [one for one in (read.followers, read.reach) if one is not None]
    return msgspec.structs.replace(read, reach=max(known, default=None))


def _field(name: str) -> Field:
    if name == "at":
        raise BadCondition("unknown field `at`: `during` with the name of a calendar asks for it")
    if name not in FIELDS:
        raise BadCondition(f"unknown field `{name}`{did_you_mean(name, _RULES)}")
    return FIELDS[name]


def _read(field: Field, values: list[Any], said: str, *, negated: bool) -> Condition:
    if field.kind == "number":
        return _numbers(field, values, said, negated=negated)
    wanted = frozenset(_typed(field, one) for one in values)
    if field.kind == "tags":
        return Tags(field=field.name, said=said, values=wanted, negated=negated)
    if field.kind == "text":
        return Values(field=field.name, said=said, values=wanted, negated=negated)
    meant = frozenset(field.values) - wanted if negated else wanted
    if not meant or meant >= {*field.values, field.future} - {None}:
        which = "no" if not meant else "every"
        raise BadCondition(f"`{field.name}` has {which} such value: the condition says nothing")
    return Values(field=field.name, said=said, values=meant)


def _holds(names: list[Any], calendars: Mapping[str, Hold]) -> dict[str, Hold]:
    for name in names:
        if not isinstance(name, str) or name not in calendars:
            expected = f"expected a calendar among {', '.join(calendars)}"
            raise BadCondition(f"{expected}, got `{name}`{did_you_mean(str(name), [*calendars])}")
    return {name: calendars[name] for name in names}


def _numbers(field: Field, values: list[Any], said: str, *, negated: bool) -> Numbers:
    null = None in values
    if null and not field.nullable:
        raise BadCondition(f"expected a number for `{field.name}`: it is never unknown")
    spans = _merged([_span(field, one) for one in values if one is not None], field)
    if negated:
        # What is unknown is in no set of numbers and in no set without them, unless it is named.
        spans, null = _others(spans, field), False
    if not spans and not null:
        raise BadCondition(f"expected {field.low} to {field.high} for `{field.name}`, got `{said}`")
    if spans == ((field.low, field.high),) and null == field.nullable:
        raise BadCondition(f"`{field.name}` has every such value: the condition says nothing")
    return Numbers(field=field.name, said=said, spans=spans, null=null)


def _span(field: Field, value: Any) -> Span:
    if isinstance(value, int) and not isinstance(value, bool):
        return value, value
    if isinstance(value, str) and (found := _COMPARISON.fullmatch(value)):
        sign, bound = found[1], int(found[2])
        if sign.startswith(">"):
            return bound + (sign == ">"), field.high
        return field.low, bound - (sign == "<")
    if isinstance(value, str) and (found := _RANGE.fullmatch(value)):
        low, high = int(found[1]), int(found[2])
        if low > high:
            raise BadCondition(f"expected the smaller number first for `{field.name}`: `{value}`")
        return low, high
    wanted = 'a number, a comparison like ">= 70" or a range like "30..60"'
    raise BadCondition(f"expected {wanted} for `{field.name}`, got `{value}`")


def _merged(spans: list[Span], field: Field) -> tuple[Span, ...]:
    """In order and apart, within what the field can be."""
    found: list[Span] = []
    for low, high in sorted((max(low, field.low), min(high, field.high)) for low, high in spans):
        if low > high:
            continue
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def _others(spans: tuple[Span, ...], field: Field) -> tuple[Span, ...]:
    starts = [field.low, *(high + 1 for _, high in spans)]
    ends = [*(low - 1 for low, _ in spans), field.high]
    return tuple((low, high) for low, high in zip(starts, ends, strict=True) if low <= high)


def _typed(field: Field, value: Any) -> Any:
    match field.kind:
        case "words" | "tags":
            return _word(field, value)
        case "text" if isinstance(value, str):
            return value
        case "number" if isinstance(value, int) and not isinstance(value, bool):
            return value
        case "number" if value is None and field.nullable:
            return value
    wanted = "a number" if field.kind == "number" else "text"
    raise BadCondition(f"expected {wanted} for `{field.name}`, got `{value}`")


def _word(field: Field, value: Any) -> Any:
    if bool in map(type, field.values):
        if isinstance(value, bool):
            return value
        raise BadCondition(f"expected true or false for `{field.name}`, got `{value}`")
    if field.future is not None and value == field.future:
        return field.future
    words = [str(word) for word in field.values]
    if value not in words:
        hint = did_you_mean(str(value), words)
        expected = f"expected one of {', '.join(words)} for `{field.name}`"
        raise BadCondition(f"{expected}, got `{value}`{hint}")
    return field.values[words.index(value)]


def _said(values: list[Any], *, negated: bool) -> str:
    words = [_YAML.get(repr(one), str(one)) for one in values]
    if not negated:
        return " or ".join(words)
    return f"neither {' nor '.join(words)}" if len(words) > 1 else f"not {words[0]}"
