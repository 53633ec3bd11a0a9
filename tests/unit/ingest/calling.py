"""How do tests call the admin API? With a token of a role, through the app itself."""

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

ROLES = ("operator", "reply", "privacy")


async def called(
    app: FastAPI, method: str, path: str, *, role: str = "", json: object = None
) -> Response:
    """The answer to a call with the token of a role."""
    headers = {"authorization": f"Bearer {role}-token"} if role else {}
    async with AsyncClient(transport=ASGITransport(app), base_url="http://admin") as session:
        return await session.request(method, path, headers=headers, json=json)
