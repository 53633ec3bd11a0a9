"""What can people and systems ask of route? Tickets, a close, an acknowledgement."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Annotated, Protocol

import msgspec
from fastapi import APIRouter, Body, Depends, FastAPI, Header, HTTPException, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from schemas.tickets import Ticket
from services.route.domain.alerting import AlertGroup
from services.route.domain.book import Customer
from services.route.domain.commands import Close, Refusal
from services.route.metrics import Metrics

PAGE = 200
_BEARER = HTTPBearer(auto_error=False)
_STATUS = {
    Refusal.not_found: 404,
    Refusal.version_differs: 409,
    Refusal.closed_already: 409,
}


class Desks(Protocol):
    """What the API does with tickets and alerts; each call is one transaction."""

    async def tickets(self, after: str, limit: int) -> Sequence[Ticket]:
        """Open tickets in id order."""
        ...

    async def ticket(self, ticket_id: str) -> Ticket | None:
        """One ticket."""
        ...

    async def customer(self, author_hash: str) -> Customer:
        """All that is held of a customer."""
        ...

    async def close(
        self, ticket_id: str, command: Close, *, expected: int, by: str
    ) -> Ticket | Refusal:
        """Close a case."""
        ...

    async def acknowledge(self, key: str, *, by: str) -> AlertGroup | None:
        """Say "mine" to an alert group."""
        ...


def api(desks: Desks, tokens: Mapping[str, str], metrics: Metrics, probes: APIRouter) -> FastAPI:
    """The HTTP face of route; every call but the probes needs a bearer token."""
    app = FastAPI(title="Otklik route", version="1")
    app.include_router(probes)
    app.include_router(_tickets(desks, _Caller(tokens), metrics))
    app.include_router(_alerts(desks, _Caller(tokens), metrics))
    app.include_router(_customers(desks, _Caller(tokens)))
    return app


class _Caller:
    def __init__(self, tokens: Mapping[str, str]) -> None:
        self._tokens = tokens

    async def __call__(
        self, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
    ) -> str:
        for token, name in self._tokens.items():
            if given and hmac.compare_digest(token.encode(), given.credentials.encode()):
                return name
        raise HTTPException(401, "expected a bearer token", {"WWW-Authenticate": "Bearer"})


def _tickets(desks: Desks, caller: _Caller, metrics: Metrics) -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.get("/tickets")
    async def tickets(_: Annotated[str, Depends(caller)], after: str = "") -> Response:
        """A page of open tickets; the next one starts ``after`` the last id."""
        return _json(await desks.tickets(after, PAGE))

    @router.get("/tickets/{ticket_id}")
    async def ticket(_: Annotated[str, Depends(caller)], ticket_id: str) -> Response:
        """One ticket; its version is the ETag."""
        found = await desks.ticket(ticket_id)
        if found is None:
            raise HTTPException(404, "expected the id of a ticket, there is none")
        return _json(found, {"ETag": f'"{found.version}"'})

    @router.post("/tickets/{ticket_id}/close")
    async def close(
        by: Annotated[str, Depends(caller)],
        ticket_id: str,
        if_match: Annotated[str, Header()],
        outcome: Annotated[str, Body(embed=True)] = "solved",
    ) -> Response:
        """Close a case; ``If-Match`` names the version that the caller saw."""
        version = if_match.strip('"')
        if not version.isdigit():
            raise HTTPException(400, 'expected If-Match like "3"')
        done = await desks.close(ticket_id, Close(outcome=outcome), expected=int(version), by=by)
        metrics.commands.labels("close", done if isinstance(done, Refusal) else "done").inc()
        if isinstance(done, Refusal):
            raise HTTPException(_STATUS[done], done.value)
        return _json(done, {"ETag": f'"{done.version}"'})

    return router


def _alerts(desks: Desks, caller: _Caller, metrics: Metrics) -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.post("/alerts/{key}/ack")
    async def ack(by: Annotated[str, Depends(caller)], key: str) -> Response:
        """Say "mine"; a second call changes nothing and tells whose it is."""
        group = await desks.acknowledge(key, by=by)
        metrics.commands.labels("ack", "done" if group else "not_found").inc()
        if group is None:
            raise HTTPException(404, "expected the key of an alert, there is none")
        return _json(group)

    return router


def _customers(desks: Desks, caller: _Caller) -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.get("/authors/{author_hash}")
    async def customer(_: Annotated[str, Depends(caller)], author_hash: str) -> Response:
        """All that route holds of a customer; ingest tells the hash, and it is what forgets."""
        return _json(await desks.customer(author_hash))

    return router


def _json(value: object, headers: Mapping[str, str] | None = None) -> Response:
    body = msgspec.json.encode(value)
    return Response(body, media_type="application/json", headers=dict(headers or {}))
