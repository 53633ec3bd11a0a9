"""What can people and systems ask of notify? The same report as the command line's."""

from enum import StrEnum
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.notify.domain.figures import BadPeriod, Period, read_period
from services.notify.domain.report import Report
from services.notify.reports.files import as_csv, as_json
from services.notify.reports.page import page
from services.notify.reports.words import Language, words
from stream.clock import Clock
from stream.described import described
from stream.tokens import Tokens

READERS = frozenset({"viewer", "agent", "lead", "admin", "auditor"})
"""Whoever may read cases may read what they add up to, of their brands; route's roles."""
_BEARER = HTTPBearer(auto_error=False)

_REFUSED: dict[str, Any] = {"description": "What was expected, and what came"}
_FORMS: dict[str, Any] = {
    "description": "The report in the form that was asked for",
    "content": {
        "application/json": {"schema": described(Report)},
        "text/csv": {"schema": {"type": "string"}},
        "text/html": {"schema": {"type": "string"}},
    },
}


class Format(StrEnum):
    """In which form a report is wanted."""

    json = "json"
    csv = "csv"
    html = "html"


class Reporting(Protocol):
    """Where reports come from."""

    async def report(self, period: Period, against: Period) -> Report:
        """A period beside another."""
        ...


class Readable:
    """The brands whose figures a caller may read, None for all; 401 for whoever has no token."""

    def __init__(self, tokens: Tokens, clock: Clock) -> None:
        self._tokens, self._clock = tokens, clock

    def __call__(
        self, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
    ) -> frozenset[str] | None:
        """Whose token it is, and for which brands."""
        rows = self._tokens.roles(given.credentials, self._clock.real()) if given else ()
        known = [row for row in rows if row.role in READERS]
        if not known:
            raise HTTPException(401, "expected a bearer token", {"WWW-Authenticate": "Bearer"})
        if any(not row.brands for row in known):
            return None
        return frozenset(brand for row in known for brand in row.brands)


def api(reports: Reporting, readable: Readable, probes: APIRouter) -> FastAPI:
    """The HTTP face of notify: probes, metrics and the report, all of them figures only."""
    app = FastAPI(title="Otklik notify", version="1", docs_url=None, redoc_url=None)
    app.include_router(probes)

    @app.get("/v1/report", responses={200: _FORMS, 400: _REFUSED, 401: _REFUSED})
    async def report(
        brands: Annotated[frozenset[str] | None, Depends(readable)],
        period: Annotated[str, Query(description="A day 2026-03-02 or a month 2026-03, UTC")],
        compare: Annotated[str, Query(description="Another one; the one before, if not told")] = "",
        form: Annotated[Format, Query(alias="format")] = Format.json,
        lang: Language = Language.en,
    ) -> Response:
        """What was promised, what was kept, what is open: every figure of docs/figures.md."""
        try:
            wanted = read_period(period)
            against = read_period(compare) if compare else wanted.before()
        except BadPeriod as error:
            raise HTTPException(400, str(error)) from error
        return _as(form, lang, (await reports.report(wanted, against)).only(brands))

    return app


def _as(form: Format, lang: Language, found: Report) -> Response:
    if form is Format.csv:
        return Response(as_csv(found), media_type="text/csv; charset=utf-8")
    if form is Format.html:
        text = page(found, words(lang), lang)
        return Response(text, media_type="text/html; charset=utf-8")
    return Response(as_json(found), media_type="application/json")
