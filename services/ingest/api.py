"""What can a platform send us? Signed webhooks, answered only once the broker has them."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import msgspec
from fastapi import APIRouter, FastAPI, Request, Response
from starlette.requests import ClientDisconnect

from services.ingest.domain.brands import Account
from services.ingest.domain.fate import Receipt, Unavailable
from services.ingest.domain.receipt import Delivery, Seen
from services.ingest.handlers import Arrival, Receiving
from services.ingest.metrics import Metrics
from services.ingest.platforms.table import Platform

BODY_BYTES = 1_048_576
"""The largest body that is read (P8)."""

_JSON = re.compile(r"application/(?:[\w.-]+\+)?json\s*(?:;.*)?", re.IGNORECASE)
_TRACE = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


class Clock(Protocol):
    """The times that a request needs."""

    def now(self) -> datetime:
        """Business time."""
        ...

    def real(self) -> datetime:
        """Real time: signatures age in it."""
        ...

    def monotonic(self) -> float:
        """Seconds for measuring durations."""
        ...


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """An account that may be written to: an enabled source has at least one live secret."""

    platform: Platform
    account: Account
    secrets: tuple[str, ...]


class _TooLarge(Exception):  # noqa: N818 - reads as what it is
    """The body exceeds the limit; what lies beyond it was not read."""


class Hooks:
    """Answers each request with its status; says nothing about why it is not authentic."""

    def __init__(
        self,
        receiving: Receiving,
        doors: Mapping[tuple[str, str], Door],
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._receiving, self._doors = receiving, doors
        self._clock, self._metrics = clock, metrics

    async def answer(self, source: str, account: str, request: Request) -> Response:
        """The answer to one delivery; it is counted under its source and outcome."""
        started = self._clock.monotonic()
        door = self._doors.get((source, account))
        label = door.account.source if door else "other"
        response, outcome = await self._outcome(door, request)
        self._metrics.requests.labels(label, outcome).inc()
        self._metrics.request_seconds.labels(label).observe(self._clock.monotonic() - started)
        return response

    async def _outcome(self, door: Door | None, request: Request) -> tuple[Response, str]:
        if door is None or not door.secrets:
            return Response(status_code=404), "invalid"
        if not _is_plain_json(request):
            return Response(status_code=415), "invalid"
        try:
            body = await _body(request)
        except ClientDisconnect:
            return Response(status_code=400), "invalid"
        except _TooLarge:
            return Response(status_code=413, headers={"Connection": "close"}), "invalid"
        delivery = Delivery(
            headers=dict(request.headers), query=dict(request.query_params), body=body
        )
        if not door.platform.verify(delivery, door.secrets, self._clock.real()):
            return Response(status_code=401), "auth"
        return _answer(await self._receiving.receive(door.platform, self._arrival(door, delivery)))

    def _arrival(self, door: Door, delivery: Delivery) -> Arrival:
        """Received is when the whole body was here: a tick's margin counts from then."""
        trace = delivery.headers.get("traceparent", "")
        return Arrival(
            natives=door.platform.split(delivery.body),
            seen=Seen(account=door.account, received_at=self._clock.now()),
            real_at=self._clock.real(),
            message_id=delivery.headers.get("webhook-id", ""),
            traceparent=trace if _TRACE.fullmatch(trace) else None,
        )


def api(hooks: Hooks, probes: APIRouter) -> FastAPI:
    """The HTTP face of ingest."""
    app = FastAPI(title="Otklik ingest", version="1")
    app.include_router(probes)

    @app.post("/v1/hooks/{source}/{account}", status_code=202)
    async def hook(source: str, account: str, request: Request) -> Response:
        """Take a signed delivery: 202 once it is kept, 503 with Retry-After where it is not."""
        return await hooks.answer(source, account, request)

    return app


def _answer(result: Receipt | Unavailable) -> tuple[Response, str]:
    if isinstance(result, Unavailable):
        headers = {"Retry-After": str(result.retry_after)}
        return Response(status_code=503, headers=headers), "unavailable"
    accepted, dead = result.count("accepted"), result.count("dead_lettered")
    duplicates = result.count("duplicate")
    body = {"accepted": accepted, "duplicates": duplicates, "dead_lettered": dead}
    only_known = duplicates > 0 and accepted + dead == 0
    response = Response(
        msgspec.json.encode(body),
        status_code=200 if only_known else 202,
        media_type="application/json",
    )
    if only_known:
        return response, "duplicate"
    return response, "invalid" if dead and not accepted else "accepted"


def _is_plain_json(request: Request) -> bool:
    coding = request.headers.get("content-encoding", "identity")
    kind = request.headers.get("content-type", "")
    return coding.lower() == "identity" and bool(_JSON.fullmatch(kind))


async def _body(request: Request) -> bytes:
    """The body within the limit, by what it claims and by what comes; raises ``_TooLarge``."""
    claimed = request.headers.get("content-length", "")
    if claimed.isdecimal() and int(claimed[:20]) > BODY_BYTES:
        raise _TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            raise _TooLarge
    return bytes(body)
