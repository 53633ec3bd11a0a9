"""Do alerts go out at all? One switch for everybody, shown with every answer while it is on."""

from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.route.api.access import Bearer, require, require_some
from services.route.api.answers import as_json, body_of
from services.route.api.reading import decoded
from services.route.domain.access import Act, Caller
from services.route.domain.holding import Hold, HoldView, HoldWish

HEADER = "Otklik-Alerts-Held"


class Switch(Protocol):
    """What the API does with the hold."""

    @property
    def shown(self) -> Hold | None:
        """The hold as of the last look; costs nothing."""
        ...

    async def held(self) -> Hold | None:
        """The hold that is on."""
        ...

    async def begin(self, *, by: str, reason: str) -> tuple[Hold, bool]:
        """Hold alerts; the hold that is on, and whether it is this one."""
        ...

    async def end(self, *, by: str) -> bool:
        """Let alerts go; False where they were not held."""
        ...


def hold_routes(switch: Switch, bearer: Bearer) -> APIRouter:
    """Looking at the switch, and turning it."""
    router = APIRouter(prefix="/v1/alerts/hold", tags=["alerts"])

    @router.get("")
    async def held(caller: Annotated[Caller, Depends(bearer)]) -> Response:
        """Are alerts held: since when, by whom, why?"""
        require_some(caller, Act.read)
        return as_json(HoldView(held=await switch.held()))

    @router.put("", openapi_extra=body_of(HoldWish))
    async def hold(caller: Annotated[Caller, Depends(bearer)], request: Request) -> Response:
        """Hold every alert; 201 where this began it, 200 with what stands where it was on."""
        require(caller, Act.govern)
        wish = decoded(await request.body(), HoldWish, "hold")
        found, begun = await switch.begin(by=caller.name, reason=wish.reason)
        return as_json(HoldView(held=found), status=201 if begun else 200)

    @router.delete("", status_code=204)
    async def release(caller: Annotated[Caller, Depends(bearer)]) -> Response:
        """Let alerts go."""
        require(caller, Act.govern)
        if not await switch.end(by=caller.name):
            raise HTTPException(404, "expected alerts to be held, they are not")
        return Response(status_code=204)

    return router


class HoldShown:
    """Says with every answer since when alerts are held, while they are."""

    def __init__(self, app: ASGIApp, switch: Switch) -> None:
        self._app, self._switch = app, switch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back with the header."""

        async def tell(message: Message) -> None:
            hold = self._switch.shown
            if hold and message["type"] == "http.response.start":
                since = hold.since.isoformat().replace("+00:00", "Z")
                MutableHeaders(scope=message)[HEADER] = since
            await send(message)

        await self._app(scope, receive, tell)
