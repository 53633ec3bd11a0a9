"""How is a body read? No further than a limit, by what it claims and by what comes (P8)."""

from fastapi import Request


def claimed(request: Request, limit: int) -> int:
    """How large a body says that it is; without a word as large as may be."""
    claimed = request.headers.get("content-length", "")
    return int(claimed[:20]) if claimed.isdecimal() else limit


async def body_within(request: Request, limit: int) -> bytes | None:
    """The body, or None for what is larger; raises ``ClientDisconnect``."""
    if claimed(request, limit) > limit:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)
