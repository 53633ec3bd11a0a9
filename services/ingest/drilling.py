"""How does a drill begin? By a command of our own people; its posts go the way of every post."""

import logging

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Request, Response

from schemas.dead_letters import Reason
from services.ingest.admin import Bearer, answers, bounded, in_json, refused
from services.ingest.api import Clock
from services.ingest.domain.brands import Accounts
from services.ingest.domain.drill import Begun, DrillWish, Scenarios, drill_id, drilled_posts
from services.ingest.domain.fate import Unavailable
from services.ingest.domain.inflate import BODY_BYTES
from services.ingest.domain.receipt import Native, Refused, Seen, arrived
from services.ingest.handlers import Arrival, Receiving
from services.ingest.platforms import drilled
from stream.described import described

LOG = logging.getLogger(__name__)


class Drilling:
    """Plays crises on the configured accounts."""

    def __init__(
        self, receiving: Receiving, accounts: Accounts, clock: Clock, scenarios: Scenarios
    ) -> None:
        self._receiving, self._accounts = receiving, accounts
        self._clock, self._scenarios = clock, scenarios

    async def begin(self, wish: DrillWish) -> Begun | Unavailable | Refused | None:
        """Play a crisis; None where the brand has no such account."""
        account = self._accounts.get((wish.source, wish.account))
        if account is None or account.brand != wish.brand:
            return None
        if wish.scenario not in self._scenarios:
            known = ", ".join(sorted(self._scenarios))
            return Refused(reason=Reason.wrong_shape, detail=f"scenario: expected one of {known}")
        seen = Seen(account=account, received_at=self._clock.now())
        name = drill_id(wish, seen.received_at)
        raws = [msgspec.json.encode(one) for one in drilled_posts(wish, name, self._scenarios)]
        arrival = Arrival(
            source=wish.source,
            events=arrived([Native(raw=raw, post=raw) for raw in raws], seen),
            real_at=self._clock.real(),
            message_id=name,
        )
        done = await self._receiving.receive(drilled, arrival)
        if isinstance(done, Unavailable):
            return done
        LOG.warning("drill begun", extra={"event_id": name, "count": len(raws)})
        return Begun(drill=name, posts=len(raws))


def drill_routes(drilling: Drilling, allowed: Bearer) -> APIRouter:
    """The command that begins a drill."""
    router = APIRouter(prefix="/v1", dependencies=[Depends(allowed)])
    body = {"content": {"application/json": {"schema": described(DrillWish)}}, "required": True}

    @router.post(
        "/drills",
        responses=answers(Begun, 401, 403, 404, 413, 422, 503),
        openapi_extra={"requestBody": body},
    )
    async def drills(request: Request) -> Response:
        """Play a made-up crisis through the whole pipeline; it calls the teams, marked."""
        try:
            wish = _wish(await bounded(request, BODY_BYTES))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise HTTPException(422, f"drill: {error}") from error
        done = await drilling.begin(wish)
        if done is None:
            raise HTTPException(404, "expected a configured source and account of that brand")
        if isinstance(done, Unavailable):
            raise refused(done)
        if isinstance(done, Refused):
            raise HTTPException(404, done.detail)
        return in_json(done)

    return router


def _wish(raw: bytes) -> DrillWish:
    """The wish; in JSON ``3.0`` is a whole number, too."""
    said = msgspec.json.decode(raw)
    if isinstance(said, dict) and isinstance(many := said.get("count"), float):
        said["count"] = int(many) if many.is_integer() else many
    return msgspec.convert(said, DrillWish)
