"""How did a drill go, and is it over?"""

from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, HTTPException, Response

from services.route.api.access import Bearer, require_some
from services.route.api.answers import as_json
from services.route.domain.access import Act, Caller
from services.route.domain.drill_report import DrillReport


class Drills(Protocol):
    """What the API does with drills."""

    async def drill(self, name: str, brands: frozenset[str] | None) -> DrillReport:
        """How it went; of a drill that called nobody there is nothing to tell."""
        ...

    async def end(self, name: str, brands: frozenset[str] | None, *, by: str) -> int:
        """End its calls now, so that nobody is called again; how many were open."""
        ...


def drill_routes(drills: Drills, bearer: Bearer) -> APIRouter:
    """The report of a drill, and its end."""
    router = APIRouter(prefix="/v1/drills", tags=["alerts"])

    @router.get("/{name}")
    async def drill(caller: Annotated[Caller, Depends(bearer)], name: str) -> Response:
        """By call and channel: seconds from the post, who took it, what escalated, who never."""
        found = await drills.drill(name, require_some(caller, Act.audit))
        if not found.alerts:
            raise HTTPException(404, "expected a drill that has called somebody, there is none")
        return as_json(found)

    @router.delete("/{name}", status_code=204)
    async def end(caller: Annotated[Caller, Depends(bearer)], name: str) -> Response:
        """End it now; one that is over stays as it was."""
        await drills.end(name, require_some(caller, Act.direct), by=caller.name)
        return Response(status_code=204)

    return router
