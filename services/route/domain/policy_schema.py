"""What may an editor offer while somebody writes a policy? A JSON Schema of the file's shape.

It knows every key and word; what only the whole file shows (an unknown team, an unreachable rule),
``check`` says.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from schemas.vocabulary import CaseTopic
from services.route.domain.fields import FIELDS, Field
from services.route.domain.spec import PolicySpec

_DRAFT = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "policy.yaml"}
_COMPARED = r"^(>=|<=|>|<)\s*-?[0-9]+$|^-?[0-9]+\s*\.\.\s*-?[0-9]+$"
_DURING = "the name of a calendar, a list of them, or {not: ...}; asked at the instant of the post"


def policy_schema() -> dict[str, Any]:
    """The schema, with a description wherever the shape has one."""
    schema = msgspec.json.schema(PolicySpec)
    parts = schema["$defs"]
    for part in parts.values():
        part["description"] = " ".join(part.get("description", "").split())
        if "enum" in part:
            part["enum"] = [word for word in part["enum"] if word != "unknown"]
    rule, example, policy = (
        parts[f"{name}Spec"]["properties"] for name in ("Rule", "Example", "Policy")
    )
    parts.update({name: _value(field, compared=True) for name, field in FIELDS.items()})
    conditions = {name: _condition(field) for name, field in FIELDS.items()}
    during = {"description": _DURING, **_one_many_or_not({"type": "string"})}
    rule["when"] = _object({**conditions, "during": during}, "the first rule that holds decides")
    example["facts"] = _object(_facts(), "what the post is; the rest is neutral")
    topics = [topic.value for topic in CaseTopic if topic is not CaseTopic.unknown]
    policy["responsibilities"]["propertyNames"] = {"enum": [*topics, "else"]}
    return {**_DRAFT, **schema}


def _condition(field: Field) -> dict[str, Any]:
    return {"description": field.about, **_one_many_or_not({"$ref": f"#/$defs/{field.name}"})}


def _facts() -> dict[str, Any]:
    found = {
        name: {"description": field.about, **_fact(field)}
        for name, field in FIELDS.items()
        if name != "author"
    }
    at = {"description": "when it was said", "type": "string", "format": "date-time"}
    return {**found, "at": at}


def _fact(field: Field) -> dict[str, Any]:
    if field.kind == "number":
        return _value(field, compared=False)
    value = {"$ref": f"#/$defs/{field.name}"}
    return {"type": "array", "items": value} if field.kind == "tags" else value


def _value(field: Field, *, compared: bool) -> dict[str, Any]:
    if field.kind == "text":
        return {"type": "string"}
    if field.kind != "number":
        words = dict.fromkeys([*field.values, *([field.future] if field.future else [])])
        return {"enum": [word if isinstance(word, bool) else str(word) for word in words]}
    kinds: list[dict[str, Any]] = [{"type": "integer"}]
    if compared:
        kinds.append({"type": "string", "pattern": _COMPARED})
    if field.nullable:
        kinds.append({"type": "null"})
    return {"anyOf": kinds} if len(kinds) > 1 else kinds[0]


def _one_many_or_not(value: Mapping[str, Any]) -> dict[str, Any]:
    plain = [value, {"type": "array", "items": value, "minItems": 1}]
    negated = {**_object({"not": {"anyOf": plain}}, "all but these"), "required": ["not"]}
    return {"anyOf": [*plain, negated]}


def _object(properties: Mapping[str, Any], about: str) -> dict[str, Any]:
    return {
        "description": about,
        "type": "object",
        "properties": dict(properties),
        "additionalProperties": False,
    }
