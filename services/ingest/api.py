"""What can a platform send us? Authentic deliveries, answered only once the broker has them."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import msgspec
from fastapi import FastAPI, Request, Response

from schemas.event import CANARY
from services.ingest.domain.allowance import Allowance, Room
from services.ingest.domain.brands import Account
from services.ingest.domain.fate import Receipt, Unavailable
from services.ingest.domain.inflate import BODY_BYTES
from services.ingest.domain.receipt import Answer, Arrived, Delivery, Keys, Seen
from services.ingest.handlers import Arrival
from services.ingest.intake import Declined, delivery_of, name_all_methods, unpacked
from services.ingest.metrics import Metrics
from services.ingest.platforms.table import Platform
from stream import trace
from stream.bodies import claimed

FULL_SECONDS = 5
"""When to come again where there is no room: seconds."""

HOOK = "/v1/hooks/{source}/{account}"
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


class Receiver(Protocol):
    """What a delivery is handed to."""

    async def receive(self, platform: Platform, arrival: Arrival) -> Receipt | Unavailable:
        """Returns once all of it is kept, or none is."""
        ...

    def greeted(self, account: Account, real_at: datetime) -> None:
        """A platform asked whether the address is ours."""
        ...


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """An account that may be written to: an enabled source has at least one live secret.

    ``pages`` are the accounts that the same app delivers for, by the platform's own ids.
    """

    platform: Platform
    account: Account
    keys: Keys
    pages: Mapping[str, Account] = {}
    body_bytes: int = BODY_BYTES


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much is taken in hand; a source's rate is in requests a second."""

    in_flight: int = 256
    in_flight_bytes: int = 67_108_864
    source_rate: float = 1000.0
    source_burst: int = 2000


class Hooks:
    """Answers each request with its status; says nothing about why it is not authentic."""

    def __init__(
        self,
        receiving: Receiver,
        doors: Mapping[tuple[str, str], Door],
        clock: Clock,
        metrics: Metrics,
        limits: Limits,
    ) -> None:
        self._receiving, self._doors = receiving, doors
        self._clock, self._metrics = clock, metrics
        self._room = Room(requests=limits.in_flight, size=limits.in_flight_bytes)
        self._allowances = {
            where: Allowance(rate=limits.source_rate, burst=limits.source_burst) for where in doors
        }

    async def answer(self, source: str, account: str, request: Request) -> Response:
        """The answer to one delivery; it is counted under its source and outcome."""
        started = self._clock.monotonic()
        door = self._doors.get((source, account))
        response, outcome = await self._outcome(door, request)
        if label := _label(door, outcome):
            seconds = self._clock.monotonic() - started
            self._metrics.requests.labels(label, outcome).inc()
            self._metrics.request_seconds.labels(label).observe(seconds)
        return response

    async def _outcome(self, door: Door | None, request: Request) -> tuple[Response, str]:
        if door is None or not door.keys.secrets:
            return Response(status_code=404), "invalid"
        size = min(claimed(request, door.body_bytes), door.body_bytes)
        if not self._room.enter(size):
            full = Declined(503, "unavailable", again_in=FULL_SECONDS)
            return full.response(), full.outcome
        try:
            return await self._admitted(door, request)
        except Declined as no:
            return no.response(), no.outcome
        finally:
            self._room.leave(size)

    async def _admitted(self, door: Door, request: Request) -> tuple[Response, str]:
        allowance = self._allowances[door.account.source, door.account.id]
        if wait := allowance.take(self._clock.monotonic()):
            raise Declined(429, "throttled", again_in=wait)
        delivery = await delivery_of(request, door.body_bytes)
        return await self._delivered(door, delivery, request.method)

    async def _delivered(self, door: Door, delivery: Delivery, method: str) -> tuple[Response, str]:
        asked = door.platform.handshake(delivery, door.keys)
        if asked:
            self._receiving.greeted(door.account, self._clock.real())
            return _said(asked), "handshake" if asked.status < 400 else "auth"
        if method != "POST":
            raise Declined(405)
        if not door.platform.verify(delivery, door.keys, self._clock.real()):
            raise Declined(401, "auth")
        said = delivery.headers.get("traceparent", "")
        given = said if _TRACE.fullmatch(said) else None
        with trace.serving(method, HOOK, given) as answered:
            response, outcome = await self._authentic(door, delivery, trace.carried(given))
            answered(response.status_code)
        return response, outcome

    async def _authentic(
        self, door: Door, delivery: Delivery, traceparent: str | None
    ) -> tuple[Response, str]:
        """Only here a trace begins: who is not authentic has none kept."""
        arrival = self._arrival(door, unpacked(delivery, door.body_bytes), traceparent)
        if arrival.events and all(_is_foreign(one) for one in arrival.events):
            raise Declined(403, "auth")
        return _answer(await self._receiving.receive(door.platform, arrival), door.platform.taken)

    def _arrival(self, door: Door, delivery: Delivery, traceparent: str | None) -> Arrival:
        """Received is when the whole body was here: a tick's margin counts from then."""
        now = self._clock.now()
        return Arrival(
            source=door.account.source,
            events=tuple(
                Arrived(
                    native=native,
                    seen=Seen(
                        account=door.pages.get(native.account or "", door.account), received_at=now
                    ),
                )
                for native in door.platform.split(delivery)
            ),
            real_at=self._clock.real(),
            message_id=delivery.headers.get("webhook-id", ""),
            traceparent=traceparent,
        )


def api(hooks: Hooks) -> FastAPI:
    """The public face of ingest: nothing but webhooks, and no page that describes it."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.post(HOOK, status_code=202)
    async def hook(source: str, account: str, request: Request) -> Response:
        """Take a signed delivery: 202 once it is kept, 503 with Retry-After where it is not."""
        return await hooks.answer(source, account, request)

    @app.get(HOOK)
    async def handshake(source: str, account: str, request: Request) -> Response:
        """Answer the question by which a platform makes sure that this address is ours."""
        return await hooks.answer(source, account, request)

    return name_all_methods(app)


def _label(door: Door | None, outcome: str) -> str | None:
    """Under what source a request counts: the canary under none, who knocks in its name as any."""
    if door is None or door.account.brand != CANARY:
        return door.account.source if door else "other"
    return "other" if outcome in {"auth", "invalid", "throttled"} else None


def _is_foreign(one: Arrived) -> bool:
    """Was it sent for a page that is none of ours (P4)?"""
    own = one.seen.account.own_ids
    return bool(one.native.account and own and one.native.account not in own)


def _said(answer: Answer) -> Response:
    return Response(answer.body, status_code=answer.status, media_type=answer.media_type)


def _answer(result: Receipt | Unavailable, taken: Answer | None) -> tuple[Response, str]:
    if isinstance(result, Unavailable):
        headers = {"Retry-After": str(result.retry_after)}
        return Response(status_code=503, headers=headers), "unavailable"
    accepted, dead = result.count("accepted"), result.count("dead_lettered")
    duplicates, ignored = result.count("duplicate"), result.count("ignored")
    body = {"accepted": accepted, "duplicates": duplicates, "dead_lettered": dead}
    if ignored:
        body["ignored"] = ignored
    only_known = duplicates > 0 and accepted + dead + ignored == 0
    response = Response(
        msgspec.json.encode(body),
        status_code=200 if only_known else 202,
        media_type="application/json",
    )
    outcome = "invalid" if dead and not accepted else "accepted"
    return _said(taken) if taken else response, "duplicate" if only_known else outcome
