"""Who may ask for a report over HTTP, in which form, and what is told of it?

The inputs that break the easy version: a reader of one brand; a token whose role is none of ours; a
period that is none; a form or a language that nobody offers.
"""

import json
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter

from services.notify.api import Readable, api
from services.notify.domain.figures import Period
from services.notify.domain.report import Found, Line, Report, report
from services.notify.settings import goals_of_figures
from stream.clock import parse_clock
from stream.tokens import Tokens
from tests.tokens import bearing, tokens_file
from tests.unit.notify.test_report import DAY, PROMISED, kept


class FakeReports:
    """Two brands, of one day; the store's own test covers the rest."""

    async def report(self, period: Period, against: Period) -> Report:
        found = (kept(1, 2), kept(1, 4, brand="other")) if period.name == DAY.name else ()
        counted = Found(as_of=None, figures=found)
        return report(period, counted, against, (), goals_of_figures(PROMISED))


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    file = tokens_file(tmp_path, lead="lead", one="viewer@acme", odd="nobody")
    readable = Readable(Tokens(str(file)), parse_clock(""))
    transport = httpx.ASGITransport(app=api(FakeReports(), readable, APIRouter()))
    return httpx.AsyncClient(transport=transport, base_url="http://notify")


async def test_the_api_gives_the_same_report_in_each_form(client: httpx.AsyncClient) -> None:
    asked = {"period": "2026-03-02", "compare": "2026-02-02"}
    forms = {}
    for form in ("json", "csv", "html"):
        answer = await client.get(
            "/v1/report", params={**asked, "format": form, "lang": "bg"}, headers=bearing("lead")
        )
        assert answer.status_code == 200
        forms[form] = answer

    told = forms["json"].json()
    assert told["compared_with"] == "2026-02-02"
    assert [line["value"] for line in told["lines"]] == [50.0, 25.0]
    assert forms["csv"].text.count("\r\n") == 3
    assert "Спазени обещания" in forms["html"].text
    assert "text/html" in forms["html"].headers["content-type"]


async def test_who_reads_one_brand_sees_no_other(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/report", params={"period": "2026-03-02"}, headers=bearing("one"))

    assert [line["at"]["brand"] for line in answer.json()["lines"]] == ["acme"]


async def test_the_document_of_the_api_tells_every_field_of_a_line(
    client: httpx.AsyncClient,
) -> None:
    asked = (await client.get("/openapi.json")).json()["paths"]["/v1/report"]["get"]

    told = asked["responses"]["200"]["content"]
    line = told["application/json"]["schema"]["properties"]["lines"]["items"]
    assert set(line["properties"]) == set(Line.__struct_fields__)
    assert told.keys() == {"application/json", "text/csv", "text/html"}
    assert {one["name"] for one in asked["parameters"]} == {"period", "compare", "format", "lang"}
    assert "$ref" not in json.dumps(told)


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs/oauth2-redirect"])
async def test_no_page_loads_a_script_from_elsewhere(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize("headers", [{}, bearing("stranger"), bearing("odd")])
async def test_without_a_token_that_may_read_nothing_is_told(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await client.get("/v1/report", params={"period": "2026-03-02"}, headers=headers)

    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"period": "soon"}, 400),
        ({"period": "2026-03", "compare": "then"}, 400),
        ({}, 422),
        ({"period": "2026-03", "format": "pdf"}, 422),
        ({"period": "2026-03", "lang": "uk"}, 422),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    client: httpx.AsyncClient, asked: dict[str, str], status: int
) -> None:
    answer = await client.get("/v1/report", params=asked, headers=bearing("lead"))

    assert answer.status_code == status
