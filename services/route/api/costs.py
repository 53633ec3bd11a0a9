"""What do alerts cost the people who get them, and which were useless?"""

from datetime import datetime
from typing import Annotated, Protocol

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Request, Response

from services.route.api.access import Bearer, require, require_some
from services.route.api.answers import as_json, body_of
from services.route.api.reading import decoded
from services.route.domain.access import Act, Caller
from services.route.domain.alert_cost import Cost
from services.route.domain.alert_facts import Marked
from services.route.domain.commands import Reason


class Useless(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nobody had to be called for it; why."""

    reason: Reason


class Costs(Protocol):
    """What the API does with the cost of alerts."""

    async def cost(self, since: datetime, until: datetime, brands: frozenset[str] | None) -> Cost:
        """What the alerts cost that were delivered from one instant on until before the other."""
        ...

    async def useless(self, key: str, *, by: str, reason: str) -> Marked | None:
        """Mark an alert as useless; whoever was first stays. None where there is no such alert."""
        ...


def cost_routes(costs: Costs, bearer: Bearer) -> APIRouter:
    """The report, and the mark that it counts."""
    router = APIRouter(prefix="/v1/alerts", tags=["alerts"])

    @router.get("/cost")
    async def cost(
        caller: Annotated[Caller, Depends(bearer)], since: datetime, until: datetime
    ) -> Response:
        """Alerts by person, hour and team, and which share was acknowledged, which useless."""
        brands = require_some(caller, Act.audit)
        if since.tzinfo is None or until.tzinfo is None:
            raise HTTPException(422, "expected `since` and `until` with their zone")
        if since >= until:
            raise HTTPException(422, "expected `since` before `until`")
        return as_json(await costs.cost(since, until, brands))

    @router.post("/{key}/useless", openapi_extra=body_of(Useless))
    async def useless(
        caller: Annotated[Caller, Depends(bearer)], key: str, request: Request
    ) -> Response:
        """Say that nobody had to be called; a second call changes nothing and tells who said it."""
        require(caller, Act.work, key.partition(":")[0])
        said = decoded(await request.body(), Useless, "useless")
        done = await costs.useless(key, by=caller.name, reason=said.reason)
        if done is None:
            raise HTTPException(404, "expected the key of an alert, there is none")
        return as_json(done)

    return router
