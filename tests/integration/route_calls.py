"""How do tests call route's API? One replica on a real database, and callers of every role."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from fastapi import APIRouter
from httpx import ASGITransport

from schemas.decisions import Decision
from schemas.erasures import AuthorErased
from schemas.event import derive_id
from schemas.tickets import Ticket
from schemas.topics import DECISIONS
from services.route.api import api
from services.route.api.access import Bearer
from stream.tokens import Tokens
from tests.builders import MONDAY, a_classified, a_post
from tests.integration.test_route_on_its_store import Running, running
from tests.tokens import bearing, tokens_file

ROLES = {
    "vera": "agent",
    "gleb": "agent@severbank",
    "lena": "lead@severbank",
    "boss": "lead",
    "ivo": "viewer",
    "aud": "auditor",
    "shop": "admin@lavka",
    "root": "admin",
    "odd": "owner",
}


@pytest.fixture
async def route(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path) as found:
        bearer = Bearer(Tokens(str(tokens_file(tmp_path, **ROLES))), found.clock)
        app = api(found.desks, found.rota, bearer, found.metrics, APIRouter())
        found.http = httpx.AsyncClient(transport=ASGITransport(app=app), base_url="http://route")
        yield found


async def a_ticket(route: Running, native: str = "p1", **changes: Any) -> Ticket:
    """A case of severbank, or of the brand that is named."""
    await route.take(a_classified(a_post(native, **changes)))
    return route.changes()[-1].ticket


async def command(
    route: Running, who: str, case: Ticket, name: str, version: int | None = None, **body: Any
) -> httpx.Response:
    headers = {**bearing(who), "if-match": f'"{version or case.version}"'}
    return await route.http.post(f"/v1/tickets/{case.id}/{name}", headers=headers, json=body)


async def ask(route: Running, who: str, path: str, **params: str) -> httpx.Response:
    return await route.http.get(path, headers=bearing(who), params=params)


def wish(author_hash: str) -> AuthorErased:
    return AuthorErased(
        event_id=derive_id(author_hash, "AuthorErased"),
        occurred_at=MONDAY,
        author_hash=author_hash,
        sources=("generic",),
        requested_at=MONDAY,
        receipt_id="r1",
    )


def decisions(route: Running) -> list[Decision]:
    log = route.broker.log(DECISIONS.name)
    return [msgspec.json.decode(record.value or b"", type=Decision) for record in log]
