"""How is a request of platforms read? No further than its limits (P8)."""

import re

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect
from starlette.routing import Route

from services.ingest.domain.inflate import TooLarge, UnknownCoding, inflated
from services.ingest.domain.receipt import Delivery
from stream.bodies import body_within

JSON = re.compile(r"application/(?:[\w.-]+\+)?json\s*(?:;.*)?", re.IGNORECASE)
"""The content types that are read as JSON."""

_TOO_LARGE = 413


class Declined(Exception):  # noqa: N818 - reads as what it is
    """This request gets no further; nobody is told why."""

    def __init__(self, status: int, outcome: str = "invalid", *, again_in: int = 0) -> None:
        super().__init__(f"answered {status}")
        self.status, self.outcome, self.again_in = status, outcome, again_in

    def response(self) -> Response:
        """The answer; a sender of too much is hung up on, one that is too early may come again."""
        headers = {"Connection": "close"} if self.status == _TOO_LARGE else {}
        if self.status == 405:
            headers["Allow"] = "POST"
        if self.again_in:
            headers["Retry-After"] = str(self.again_in)
        return Response(status_code=self.status, headers=headers)


def name_all_methods(app: FastAPI) -> FastAPI:
    """Let a 405 name every method of its path (RFC 9110, 15.5.6): Starlette names one route's."""

    async def refused(request: Request, error: Exception) -> Response:
        methods = {
            method
            for route in app.routes
            if isinstance(route, Route) and route.path_regex.match(request.url.path)
            for method in route.methods or ()
        }
        return JSONResponse(
            {"detail": "Method Not Allowed"}, 405, headers={"Allow": ", ".join(sorted(methods))}
        )

    app.add_exception_handler(405, refused)
    return app


async def delivery_of(request: Request, limit: int) -> Delivery:
    """The request as it came; raises ``Declined`` for what is no JSON or too large."""
    if request.method == "POST" and not JSON.fullmatch(request.headers.get("content-type", "")):
        raise Declined(415)
    try:
        body = await body_within(request, limit)
    except ClientDisconnect as gone:
        raise Declined(400) from gone
    if body is None:
        raise Declined(_TOO_LARGE)
    return Delivery(headers=dict(request.headers), query=dict(request.query_params), body=body)


def unpacked(delivery: Delivery, limit: int) -> Delivery:
    """The delivery as its sender meant it: what is signed are the bytes on the wire.

    Raises ``Declined`` for what is too large, damaged or packed in an unknown way.
    """
    coding = delivery.headers.get("content-encoding", "identity")
    try:
        return msgspec.structs.replace(delivery, body=inflated(delivery.body, coding, limit=limit))
    except TooLarge as error:
        raise Declined(_TOO_LARGE) from error
    except UnknownCoding as error:
        raise Declined(415) from error
    except ValueError as error:
        raise Declined(400) from error
