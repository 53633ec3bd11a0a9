"""How is a request of strangers read? No further than its limit, by what it claims and brings."""

from fastapi import HTTPException, Request
from starlette.requests import ClientDisconnect


async def body_of(request: Request, limit: int) -> bytes:
    """The body; refuses with 413 what is larger."""
    claimed = request.headers.get("content-length", "")
    if claimed.isdecimal() and int(claimed[:20]) > limit:
        raise _too_large()
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise _too_large()
    except ClientDisconnect as gone:
        raise HTTPException(400) from gone
    return bytes(body)


def _too_large() -> HTTPException:
    return HTTPException(413, headers={"Connection": "close"})
