"""How do tests knock at the public listener? At the real app, on a broker in memory."""

from collections.abc import Mapping

import msgspec
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from services.ingest.api import Limits
from services.ingest.app import web
from services.ingest.domain.request_file import Standing
from services.ingest.domain.short_memory import ShortMemory
from services.ingest.handlers import Keeping, Receiving
from services.ingest.installation import Doors, Measures, doors_of
from stream.flow import Publish
from tests.unit.ingest.deliveries import (
    BANK,
    NOW,
    SECRET,
)

PATH = "/v1/hooks/generic/bank"
CLOCK = Standing(at=NOW)
LIMITS = Limits()
SHOP = msgspec.structs.replace(BANK, brand="lavka", id="shop", secrets=("LAVKA_HOOK_SECRET",))


def app(
    publish: Publish,
    measures: Measures | None = None,
    *,
    ack_seconds: float = 5,
    limits: Limits = LIMITS,
    doors: Doors | None = None,
) -> FastAPI:
    measures = measures or Measures(CLOCK)
    accounts = {(one.source, one.id): one for one in (BANK, SHOP)}
    keeping = Keeping(partitions=12, ack_seconds=ack_seconds, version="1")
    receiving = Receiving(publish, keeping, measures.metrics, measures.shared, ShortMemory())
    doors = doors or doors_of(accounts, {"SEVERBANK_HOOK_SECRET": SECRET})
    return web(receiving, doors, CLOCK, measures, limits)


def client(application: FastAPI) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(application), base_url="http://ingest")


async def sent(
    application: FastAPI, body: bytes, headers: Mapping[str, str], path: str = PATH
) -> Response:
    async with client(application) as session:
        return await session.post(path, content=body, headers=dict(headers))
