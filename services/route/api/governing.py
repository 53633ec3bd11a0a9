"""Which policy runs, who changed what, and what did people decide otherwise?"""

from collections.abc import Sequence
from typing import Annotated, Protocol

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Request, Response

from schemas.yaml_marks import BadFile
from services.route.api.access import Bearer, require, require_some
from services.route.api.answers import as_json
from services.route.domain.access import Act, Caller
from services.route.domain.rulebook import Version
from services.route.domain.views import Audited, Correction, PolicyView

MOST = 1_000
LARGEST = 1 << 20
"""Bytes of a policy file."""


class Office(Protocol):
    """What the API does with the policy and the audit trail."""

    async def policies(self) -> Sequence[PolicyView]:
        """Every version, the newest first, without its text."""
        ...

    async def policy(self, seq: int) -> Version | None:
        """One version in full."""
        ...

    async def put_policy(self, text: str, *, author: str) -> Version:
        """Check a policy and make it the running one; raises ``BadFile``."""
        ...

    async def audit(
        self, brands: frozenset[str] | None, ticket: str | None, limit: int
    ) -> Sequence[Audited]:
        """What people commanded, the newest first."""
        ...

    async def corrections(self, brands: frozenset[str] | None) -> Sequence[Correction]:
        """Where people decided otherwise than policy and model, as labels."""
        ...


def governing_routes(office: Office, bearer: Bearer) -> APIRouter:
    """Versions of the policy, the audit trail, and overrides as labels."""
    router = APIRouter(prefix="/v1", tags=["governing"])
    _policies(router, office, bearer)
    _trail(router, office, bearer)
    return router


def _policies(router: APIRouter, office: Office, bearer: Bearer) -> None:
    @router.get("/policies")
    async def policies(caller: Annotated[Caller, Depends(bearer)]) -> Response:
        """Every version of the policy, the running one first."""
        require(caller, Act.audit)
        return as_json(await office.policies())

    @router.get("/policies/{seq}")
    async def policy(caller: Annotated[Caller, Depends(bearer)], seq: int) -> Response:
        """One version, with its text."""
        require(caller, Act.audit)
        found = await office.policy(seq)
        if found is None:
            raise HTTPException(404, "expected the number of a policy, there is none")
        return as_json(found)

    @router.post(
        "/policies",
        status_code=201,
        openapi_extra={"requestBody": {"content": {"application/yaml": {}}}},
    )
    async def put_policy(caller: Annotated[Caller, Depends(bearer)], request: Request) -> Response:
        """Check a policy, run its tests, and let it decide from the next step on."""
        require(caller, Act.govern)
        body = await request.body()
        if len(body) > LARGEST:
            raise HTTPException(413, f"expected at most {LARGEST} bytes")
        try:
            made = await office.put_policy(body.decode(), author=caller.name)
        except UnicodeDecodeError as error:
            raise HTTPException(422, "expected UTF-8") from error
        except BadFile as error:
            return as_json({"errors": error.problems}, status=422)
        return as_json(made, status=201)


def _trail(router: APIRouter, office: Office, bearer: Bearer) -> None:
    @router.get("/audit")
    async def audit(
        caller: Annotated[Caller, Depends(bearer)], ticket: str | None = None, limit: int = 200
    ) -> Response:
        """What people commanded, the newest first: who, when, why, and what it changed."""
        brands = require_some(caller, Act.audit)
        return as_json(await office.audit(brands, ticket, min(max(1, limit), MOST)))

    @router.get("/corrections")
    async def corrections(caller: Annotated[Caller, Depends(bearer)]) -> Response:
        """Overrides as labels, a line each: what to evaluate and train the model with."""
        brands = require_some(caller, Act.audit)
        found = await office.corrections(brands)
        return Response(msgspec.json.Encoder().encode_lines(found), media_type="application/jsonl")
