"""How does a type of ours stand in a document of OpenAPI? In place: FastAPI knows no msgspec."""

from collections.abc import Mapping
from typing import Any

import msgspec


def described(kind: Any) -> dict[str, Any]:
    """The schema of a type with what it refers to in place.

    References of its own would lead nowhere in the document that it becomes a part of.
    """
    (schema,), components = msgspec.json.schema_components([kind])
    return dict(_whole(schema, components))


def _whole(part: Any, components: Mapping[str, Any]) -> Any:
    if isinstance(part, list):
        return [_whole(one, components) for one in part]
    if not isinstance(part, dict):
        return part
    beside = {name: _whole(one, components) for name, one in part.items() if name != "$ref"}
    meant = components[part["$ref"].rpartition("/")[2]] if "$ref" in part else {}
    return {**_whole(meant, components), **beside} if meant else beside
