"""What can people and systems ask of notify? The same report as the command line's."""

from collections.abc import Mapping
from typing import Protocol

import msgspec
from fastapi import APIRouter, FastAPI, HTTPException, Response

from services.notify.domain.figures import BadPeriod, Counts, Period, read_period
from services.notify.reports.attainment import report


class Counting(Protocol):
    """Where the figures come from."""

    async def counts(self, period: Period) -> Counts:
        """Clocks that started in the period."""
        ...


def api(figures: Counting, goals: Mapping[str, float], probes: APIRouter) -> FastAPI:
    """The HTTP face of notify: probes, metrics and the report, all of them figures only."""
    app = FastAPI(title="Otklik notify", version="1")
    app.include_router(probes)

    @app.get("/v1/report")
    async def attainment(period: str) -> Response:
        """Attainment of a day (``2026-03-02``) or a month (``2026-03``) beside the one before."""
        try:
            wanted = read_period(period)
        except BadPeriod as error:
            raise HTTPException(400, str(error)) from error
        counts, before = await figures.counts(wanted), await figures.counts(wanted.before())
        body = msgspec.json.encode(report(wanted, counts, before, goals))
        return Response(body, media_type="application/json")

    return app
