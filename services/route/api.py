"""What can people and systems ask of route? Tickets, a close, an acknowledgement."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Annotated, Protocol

import msgspec
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from schemas.tickets import Ticket
from services.route.domain.alerting import AlertGroup
from services.route.domain.book import Customer
from services.route.domain.commands import COMMANDS, Command, Refusal
from services.route.metrics import Metrics

PAGE = 200
_BEARER = HTTPBearer(auto_error=False)
_STATUS = {Refusal.not_found: 404, Refusal.unknown_team: 422}
"""Of a refusal; of any other 409: the ticket is not as the caller thinks."""


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

    async def carry_out(
        self, ticket_id: str, command: Command, *, expected: int, by: str
    ) -> Ticket | Refusal:
        """Change a case."""
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

    for name, kind in COMMANDS.items():
        _command(router, _Given(name, kind, desks, metrics), caller)
    return router


class _Given:
    """One command of people as a route: its name, its body, and what becomes of it."""

    def __init__(self, name: str, kind: type[Command], desks: Desks, metrics: Metrics) -> None:
        self.name, self.kind, self._desks, self._metrics = name, kind, desks, metrics

    async def __call__(self, by: str, ticket_id: str, if_match: str, body: bytes) -> Response:
        version = if_match.strip('"')
        if not version.isdigit():
            raise HTTPException(400, 'expected If-Match like "3"')
        try:
            command = msgspec.json.decode(body or b"{}", type=self.kind)
        except msgspec.DecodeError as error:
            raise HTTPException(422, f"{self.name}: {error}") from error
        done = await self._desks.carry_out(ticket_id, command, expected=int(version), by=by)
        outcome = done if isinstance(done, Refusal) else "done"
        self._metrics.commands.labels(self.name, outcome).inc()
        if isinstance(done, Refusal):
            raise HTTPException(_STATUS.get(done, 409), done.value)
        return _json(done, {"ETag": f'"{done.version}"'})


def _command(router: APIRouter, given: _Given, caller: _Caller) -> None:
    schema = msgspec.json.schema(given.kind)["$defs"][given.kind.__name__]
    body = {"requestBody": {"content": {"application/json": {"schema": schema}}}}

    @router.post(
        f"/tickets/{{ticket_id}}/{given.name}",
        name=given.name,
        description=f"{given.kind.__doc__} `If-Match` names the version that the caller saw.",
        openapi_extra=body,
    )
    async def command(
        by: Annotated[str, Depends(caller)],
        ticket_id: str,
        if_match: Annotated[str, Header()],
        request: Request,
    ) -> Response:
        return await given(by, ticket_id, if_match, await request.body())


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
