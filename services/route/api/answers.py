"""How does an answer look? JSON of our own structs, with an ETag where there is a version."""

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import Response


def as_json(
    value: object, headers: Mapping[str, str] | None = None, *, status: int = 200
) -> Response:
    """The answer."""
    body = msgspec.json.encode(value)
    return Response(body, status, media_type="application/json", headers=dict(headers or {}))


def tagged(value: object, version: int) -> Response:
    """The answer, with the version that a command has to name."""
    return as_json(value, {"ETag": f'"{version}"'})


def body_of(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """A request's body, for OpenAPI."""
    kinds = msgspec.json.schema(kind)["$defs"]
    schema = _whole(kinds[kind.__name__], kinds)
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


def _whole(part: Any, kinds: Mapping[str, Any]) -> Any:
    """A schema with what it refers to in place: its references lead nowhere in our document."""
    if isinstance(part, list):
        return [_whole(one, kinds) for one in part]
    if not isinstance(part, dict):
        return part
    beside = {name: _whole(one, kinds) for name, one in part.items() if name != "$ref"}
    meant = kinds[part["$ref"].rpartition("/")[2]] if "$ref" in part else {}
    return {**_whole(meant, kinds), **beside} if meant else beside
