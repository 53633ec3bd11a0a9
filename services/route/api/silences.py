"""Whom does nobody want to hear for a while? Silences, seen, made and ended."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, HTTPException, Path, Request, Response

from services.route.api.access import Bearer, require, require_some
from services.route.api.answers import as_json, body_of
from services.route.api.reading import decoded
from services.route.domain.access import Act, Caller
from services.route.domain.silence_wish import SilenceView, SilenceWish, brands_named, concerns
from services.route.domain.silencing import Said

Number = Annotated[int, Path(ge=1, le=(1 << 31) - 1)]
"""Of a silence; PostgreSQL takes no larger one."""


class Silences(Protocol):
    """What the API does with silences."""

    async def listed(self) -> Sequence[SilenceView]:
        """Those that hold and come, and those that have ended."""
        ...

    async def one(self, number: int) -> SilenceView | None:
        """One silence."""
        ...

    async def add(self, wish: SilenceWish, *, by: str) -> SilenceView:
        """Keep what is wished for; raises ``ValueError`` with every field that cannot be."""
        ...

    async def end(self, number: int, *, by: str) -> None:
        """End it now."""
        ...


def silence_routes(silences: Silences, bearer: Bearer) -> APIRouter:
    """Seeing what is silenced and why, silencing, and ending it."""
    router = APIRouter(prefix="/v1/alerts/silences", tags=["alerts"])

    @router.get("")
    async def listed(caller: Annotated[Caller, Depends(bearer)]) -> Response:
        """Those that hold and come, and those that have ended; of the caller's brands."""
        brands = require_some(caller, Act.read)
        found = await silences.listed()
        return as_json([s for s in found if brands is None or concerns(s.matches, brands)])

    @router.post("", status_code=201, openapi_extra=body_of(SilenceWish))
    async def add(caller: Annotated[Caller, Depends(bearer)], request: Request) -> Response:
        """Say nothing of such alerts until then; it holds from the next alert on."""
        require_some(caller, Act.direct)
        wish = decoded(await request.body(), SilenceWish, "silence")
        _require_brands(caller, wish.matches)
        try:
            made = await silences.add(wish, by=caller.name)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return as_json(made, status=201)

    @router.delete("/{number}", status_code=204)
    async def end(caller: Annotated[Caller, Depends(bearer)], number: Number) -> Response:
        """End it now; it stays in the list. One that has ended already stays as it is."""
        brands = require_some(caller, Act.direct)
        found = await silences.one(number)
        if found is None or not (brands is None or concerns(found.matches, brands)):
            raise HTTPException(404, "expected the number of a silence, there is none")
        _require_brands(caller, found.matches)
        await silences.end(number, by=caller.name)
        return Response(status_code=204)

    return router


def _require_brands(caller: Caller, matches: Mapping[str, Said]) -> None:
    """Whoever has some brands names those to silence; else a silence would reach beyond them."""
    named = brands_named(matches)
    for brand in sorted(named) if named else (None,):
        require(caller, Act.direct, brand)
