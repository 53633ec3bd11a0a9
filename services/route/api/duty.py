"""Who is on duty, who stands in, and which hours have nobody?"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Protocol

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Request, Response

from services.route.api.access import Bearer, require
from services.route.api.answers import as_json, body_of
from services.route.api.reading import decoded
from services.route.domain.access import Act, Caller
from services.route.domain.commands import Reason
from services.route.domain.coverage import Gap
from services.route.domain.swaps import Swap
from services.route.domain.views import DutyView, SwapView

DAYS = 7


class Away(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person is away from, until; ``instead`` takes the duty, or nobody does."""

    swap: Swap
    reason: Reason


class Rota(Protocol):
    """What the API does with duty."""

    async def duty(self, at: datetime | None) -> DutyView:
        """Who is on duty then, or now."""
        ...

    async def swap(self, swap: Swap, *, by: str, reason: str) -> SwapView:
        """Keep a swap; raises ``ValueError`` for nobody we know, or an end before its start."""
        ...

    async def take_back(self, number: int) -> bool:
        """Drop a swap."""
        ...

    async def gaps(self, first: date | None, days: int) -> Sequence[Gap]:
        """The hours in which a team has nobody, swaps counted."""
        ...


def duty_routes(rota: Rota, bearer: Bearer) -> APIRouter:
    """Reading the rota, and changing it for a while."""
    router = APIRouter(prefix="/v1/duty", tags=["duty"])

    @router.get("")
    async def duty(
        caller: Annotated[Caller, Depends(bearer)], at: datetime | None = None
    ) -> Response:
        """Who is on duty, by team, and the swaps to come."""
        require(caller, Act.read)
        return as_json(await rota.duty(at))

    @router.get("/gaps")
    async def gaps(
        caller: Annotated[Caller, Depends(bearer)], first: date | None = None, days: int = DAYS
    ) -> Response:
        """The hours in which a team has nobody: of so many days from ``first`` on, or from now."""
        require(caller, Act.read)
        return as_json(await rota.gaps(first, min(max(1, days), 366)))

    _swaps(router, rota, bearer)
    return router


def _swaps(router: APIRouter, rota: Rota, bearer: Bearer) -> None:
    @router.post("/swaps", status_code=201, openapi_extra=body_of(Away))
    async def swap(caller: Annotated[Caller, Depends(bearer)], request: Request) -> Response:
        """Sick leave or a swap, with an end; it holds from the next step on."""
        require(caller, Act.direct)
        away = decoded(await request.body(), Away, "swap")
        try:
            made = await rota.swap(away.swap, by=caller.name, reason=away.reason)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return as_json(made, status=201)

    @router.delete("/swaps/{number}")
    async def take_back(caller: Annotated[Caller, Depends(bearer)], number: int) -> Response:
        """Take a swap back."""
        require(caller, Act.direct)
        if not await rota.take_back(number):
            raise HTTPException(404, "expected the number of a swap, there is none")
        return Response(status_code=204)
