"""How does an answer look? JSON of our own structs, with an ETag where there is a version."""

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import Response

from stream.described import described


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
    return {"requestBody": {"content": {"application/json": {"schema": described(kind)}}}}
