"""Is the process alive, and is it ready? Alive is progress of its loop, never a dependency."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry

from stream.series import exposition

STUCK_SECONDS = 60.0
"""A loop that has not turned for so long is stuck, whatever it waits for."""


class Probes:
    """What a loop reports and what the kubelet asks.

    ``blocked`` says of a service that is ready whether it has to turn everybody away for now.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._turned = monotonic()
        self.ready = False
        self.blocked: Callable[[], bool] = lambda: False

    def turned(self) -> None:
        """The loop has turned: also while it waits for a dependency."""
        self._turned = self._monotonic()

    @property
    def alive(self) -> bool:
        """Has the loop turned lately?"""
        return self._monotonic() - self._turned < STUCK_SECONDS


def turning(probes: Probes) -> Callable[[], Awaitable[int]]:
    """A turn for a process without a pump: its progress is that of its loop."""

    async def turn() -> int:
        probes.turned()
        return 0

    return turn


def probe_app(probes: Probes, registry: CollectorRegistry) -> FastAPI:
    """Probes and metrics on a listener of their own."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(probe_routes(probes, registry))
    return app


def probe_routes(probes: Probes, registry: CollectorRegistry) -> APIRouter:
    """``/livez``, ``/readyz`` and ``/metrics``, the same in every service."""
    router = APIRouter(include_in_schema=False)

    @router.get("/livez")
    async def livez() -> Response:
        return Response(status_code=200 if probes.alive else 503)

    @router.get("/readyz")
    async def readyz() -> Response:
        return Response(status_code=200 if probes.ready and not probes.blocked() else 503)

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(exposition(registry), media_type=CONTENT_TYPE_LATEST)

    return router
