"""How does a struct of ours stand in a document of OpenAPI? In place: FastAPI knows no msgspec."""

from collections.abc import Mapping
from typing import Any

import msgspec


def described(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema of a struct with what it refers to in place.

    References of its own would lead nowhere in the document that it becomes a part of.
    """
    kinds = msgspec.json.schema(kind)["$defs"]
    whole: dict[str, Any] = _whole(kinds[kind.__name__], kinds)
    return whole


def _whole(part: Any, kinds: Mapping[str, Any]) -> Any:
    if isinstance(part, list):
        return [_whole(one, kinds) for one in part]
    if not isinstance(part, dict):
        return part
    beside = {name: _whole(one, kinds) for name, one in part.items() if name != "$ref"}
    meant = kinds[part["$ref"].rpartition("/")[2]] if "$ref" in part else {}
    return {**_whole(meant, kinds), **beside} if meant else beside
