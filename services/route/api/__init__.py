"""What can people and systems ask of route? Tickets, commands, alerts, policies, the trail."""

from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Response

from services.route.api.access import Bearer, require
from services.route.api.answers import as_json
from services.route.api.costs import Costs, cost_routes
from services.route.api.drills import Drills, drill_routes
from services.route.api.duty import Rota, duty_routes
from services.route.api.governing import Office, governing_routes
from services.route.api.hold import HoldShown, Switch, hold_routes
from services.route.api.silences import Silences, silence_routes
from services.route.api.tickets import Desks, ticket_routes
from services.route.domain.access import Act, Caller
from services.route.domain.alerting import AlertGroup
from services.route.domain.book import Customer
from services.route.metrics import Metrics


class Front(Desks, Office, Protocol):
    """All that the API does."""

    async def customer(self, author_hash: str) -> Customer:
        """All that is held of a customer."""
        ...

    async def acknowledge(self, key: str, *, by: str) -> AlertGroup | None:
        """Say "mine" to an alert group."""
        ...


def api(
    front: Front, rota: Rota, bearer: Bearer, metrics: Metrics, *open_to_all: APIRouter
) -> FastAPI:
    """The HTTP face of route; every call needs a bearer token but what is open to all.

    That are the probes, and what phones and their providers call (``phone_routes``).

    It is described at /openapi.json; FastAPI's own pages would load a script from elsewhere.
    """
    app = FastAPI(title="Otklik route", version="1", docs_url=None, redoc_url=None)
    for router in open_to_all:
        app.include_router(router)
    app.include_router(ticket_routes(front, bearer, metrics))
    app.include_router(governing_routes(front, bearer))
    app.include_router(duty_routes(rota, bearer))
    app.include_router(_alerts(front, bearer, metrics))
    app.include_router(_customers(front, bearer))
    return app


def with_quiet(app: FastAPI, silences: Silences, switch: Switch, bearer: Bearer) -> FastAPI:
    """The same with what keeps alerts from going out: silences, and the one switch for all."""
    app.include_router(silence_routes(silences, bearer))
    app.include_router(hold_routes(switch, bearer))
    app.add_middleware(HoldShown, switch)
    return app


def with_reports(app: FastAPI, costs: Costs, drills: Drills, bearer: Bearer) -> FastAPI:
    """The same with what is asked afterwards: what alerts cost, and how a drill went."""
    app.include_router(cost_routes(costs, bearer))
    app.include_router(drill_routes(drills, bearer))
    return app


def _alerts(front: Front, bearer: Bearer, metrics: Metrics) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["alerts"])

    @router.post("/alerts/{key}/ack")
    async def ack(caller: Annotated[Caller, Depends(bearer)], key: str) -> Response:
        """Say "mine"; a second call changes nothing and tells whose it is."""
        require(caller, Act.work, key.partition(":")[0])
        group = await front.acknowledge(key, by=caller.name)
        metrics.commands.labels("ack", "done" if group else "not_found").inc()
        if group is None:
            raise HTTPException(404, "expected the key of an alert, there is none")
        return as_json(group)

    return router


def _customers(front: Front, bearer: Bearer) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["privacy"])

    @router.get("/authors/{author_hash}")
    async def customer(caller: Annotated[Caller, Depends(bearer)], author_hash: str) -> Response:
        """All that route holds of a customer; ingest tells the hash, and it is what forgets."""
        require(caller, Act.privacy)
        return as_json(await front.customer(author_hash))

    return router
