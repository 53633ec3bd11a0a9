"""How is a request read? A stranger's no further than its limit; a body as what it should be."""

from typing import TypeVar

import msgspec
from fastapi import HTTPException, Request
from starlette.requests import ClientDisconnect

from stream.bodies import body_within

T = TypeVar("T", bound=msgspec.Struct)


def decoded(body: bytes, kind: type[T], name: str) -> T:
    """The body as what the command ``name`` wants; refuses with 422 and the field that is wrong."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HTTPException(422, f"{name}: {error}") from error


async def bounded(request: Request, limit: int) -> bytes:
    """The body; refuses with 413 what is larger."""
    try:
        body = await body_within(request, limit)
    except ClientDisconnect as gone:
        raise HTTPException(400) from gone
    if body is None:
        raise HTTPException(413, headers={"Connection": "close"})
    return body
