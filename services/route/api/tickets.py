"""What can people and systems ask of tickets, and command?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Protocol

import msgspec
from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response

from schemas.tickets import Ticket
from schemas.yaml_marks import did_you_mean
from services.route.api.access import Bearer, require
from services.route.api.answers import as_json, body_of, tagged
from services.route.api.reading import decoded
from services.route.domain.access import DIRECTS, Act, Caller
from services.route.domain.commands import COMMANDS, Command, Override, Refusal
from services.route.domain.views import Listing, TicketView
from services.route.metrics import Metrics

PAGE = 200
_STATUS = {Refusal.not_found: 404, Refusal.unknown_team: 422, Refusal.unknown_ticket: 422}
"""Of a refusal; of any other 409: the ticket is not as the caller thinks."""


class Desks(Protocol):
    """What the API does with tickets; each call is one transaction."""

    async def tickets(self, listing: Listing) -> Sequence[Ticket]:
        """Tickets in id order."""
        ...

    async def ticket(self, ticket_id: str) -> TicketView | None:
        """One ticket, with its thread and a reply to begin with."""
        ...

    def teams(self) -> Sequence[str]:
        """The teams of the policy that runs."""
        ...

    async def brand(self, ticket_id: str) -> str | None:
        """Whose ticket it is; None where there is none."""
        ...

    async def carry_out(
        self, ticket_id: str, command: Command, *, expected: int, by: str
    ) -> Ticket | Refusal:
        """Change a case."""
        ...


def ticket_routes(desks: Desks, bearer: Bearer, metrics: Metrics) -> APIRouter:
    """Reading tickets, and every command."""
    router = APIRouter(prefix="/v1", tags=["tickets"])
    _reading(router, desks, bearer)
    for name, kind in COMMANDS.items():
        _command(router, _Given(name, kind, desks, metrics), bearer)
    return router


def _reading(router: APIRouter, desks: Desks, bearer: Bearer) -> None:
    @router.get("/tickets")
    async def tickets(
        caller: Annotated[Caller, Depends(bearer)],
        after: str = "",
        since: datetime | None = None,
        team: str | None = None,
        owner: str | None = None,
    ) -> Response:
        """A page of tickets in id order; the next one starts ``after`` the last id.

        Open ones, or all that changed ``since`` a real time: the snapshot to start from.
        """
        if since and since.tzinfo is None:
            raise HTTPException(422, "since: expected a time with its offset, like ...T02:00:00Z")
        brands = caller.brands(Act.read)
        listing = Listing(
            after=after, since=since, team=team, owner=owner, brands=brands, limit=PAGE
        )
        found = await desks.tickets(listing)
        if team and not found and not after:
            _known(team, desks.teams())
        return as_json(found)

    @router.get("/tickets/{ticket_id}")
    async def ticket(caller: Annotated[Caller, Depends(bearer)], ticket_id: str) -> Response:
        """One ticket, its thread masked, and a reply to begin with; the ETag is its version."""
        found = await desks.ticket(ticket_id)
        if found is None or not caller.may(Act.read, found.ticket.brand):
            raise _none()
        return tagged(_shown(found), found.ticket.version)


def _known(team: str, teams: Sequence[str]) -> None:
    """Refuse a team that nothing is of: one that the policy has no more may still have cases."""
    if team not in teams:
        hint = did_you_mean(team, teams)
        expected = f"team: expected one of {', '.join(sorted(teams))}, got `{team}`{hint}"
        raise HTTPException(422, expected)


def _shown(view: TicketView) -> dict[str, object]:
    """The ticket's own fields, and beside them what is shown of its surroundings."""
    beside = {name: getattr(view, name) for name in view.__struct_fields__ if name != "ticket"}
    return {**msgspec.to_builtins(view.ticket), **beside}


def _none() -> HTTPException:
    """What a ticket of another brand looks like too."""
    return HTTPException(404, "expected the id of a ticket, there is none")


class _Given:
    """One command of people as a route: its name, its body, and what becomes of it."""

    def __init__(self, name: str, kind: type[Command], desks: Desks, metrics: Metrics) -> None:
        self.name, self.kind, self._desks, self._metrics = name, kind, desks, metrics

    async def __call__(
        self, caller: Caller, ticket_id: str, if_match: str, body: bytes
    ) -> Response:
        brand = await self._desks.brand(ticket_id)
        if brand is None or not caller.may(Act.read, brand):
            raise _none()
        require(caller, Act.direct if self.name in DIRECTS else Act.work, brand)
        version = if_match.strip('"')
        if not version.isdigit():
            raise HTTPException(400, 'expected If-Match like "3"')
        command = decoded(body or b"{}", self.kind, self.name)
        done = await self._desks.carry_out(
            ticket_id, command, expected=int(version), by=caller.name
        )
        outcome = done if isinstance(done, Refusal) else "done"
        self._metrics.commands.labels(self.name, outcome).inc()
        if isinstance(done, Refusal):
            raise HTTPException(_STATUS.get(done, 409), done.value)
        if isinstance(command, Override):
            axes = (one.axis for one in done.corrections if one.version == done.version)
            self._metrics.corrected(done.brand, done.lang, axes)
        return tagged(done, done.version)


def _command(router: APIRouter, given: _Given, bearer: Bearer) -> None:
    @router.post(
        f"/tickets/{{ticket_id}}/{given.name}",
        name=given.name,
        description=f"{given.kind.__doc__} `If-Match` names the version that the caller saw.",
        openapi_extra=body_of(given.kind),
    )
    async def command(
        caller: Annotated[Caller, Depends(bearer)],
        ticket_id: str,
        if_match: Annotated[str, Header()],
        request: Request,
    ) -> Response:
        return await given(caller, ticket_id, if_match, await request.body())
